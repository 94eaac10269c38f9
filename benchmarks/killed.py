"""B-D3: the sender is killed without warning in the middle of a batch, and another takes over."""

import multiprocessing
import time
from collections.abc import Callable

import sqlalchemy as sa
from flask import Flask

from app.core import create_core
from app.db import session
from app.notices.models import Delivery, Outcome
from app.notices.sending.messages import deliver_due
from benchmarks.report import Report
from benchmarks.sending import THREADS, Outbox
from tests.databases import close_database, settings_for
from tests.wecom_server import WeComServer

MESSAGES = 1000
KILLED_AFTER = 300
ANSWERED_AFTER = 0.02  # seconds; so that sixteen calls are out whenever it happens
LEASE_SECONDS = 1.0
PATIENCE = 60.0
context = multiprocessing.get_context("spawn")  # nothing of this process's connections


def mid_batch(report: Report, app: Flask, *, dialect: str) -> None:
    """Everything arrives, and only what was in flight may arrive twice: WeCom drops it by its equal bytes."""
    address = app.config["SQLALCHEMY_DATABASE_URI"]
    with WeComServer(delay=ANSWERED_AFTER) as office, app.app_context():
        outbox = Outbox(app, office.api_base, MESSAGES)
        outbox.queue()
        sender = _started(address, office)
        _wait(lambda: len(office.bodies) >= KILLED_AFTER)
        sender.kill()
        sender.join()
        time.sleep(5 * ANSWERED_AFTER)  # what was on its way has arrived
        in_flight = len(office.bodies) - _accepted()
        successor = _started(address, office)
        _wait(lambda: _accepted() == MESSAGES)
        successor.kill()
        successor.join()
        repeats, arrived = office.repeats, len(set(office.bodies))
    note = f"{repeats} 条重发，{in_flight} 条在途"
    report.add("B-D3 lost", dialect, MESSAGES - arrived)
    report.add("B-D3 sent again beyond what was in flight", dialect, max(0, repeats - in_flight), note)
    report.add("B-D3 gettoken calls", dialect, office.tokens)


def _started(address: str, office: WeComServer) -> multiprocessing.context.SpawnProcess:
    sender = context.Process(target=_send, args=(address, office.api_base))
    sender.start()
    return sender


def _send(address: str, api_base: str) -> None:
    """What the scheduler's job does, for ever; by the real clock, so that leases end."""
    core = create_core(settings_for(address, LOG_LEVEL="ERROR", WECOM_API_BASE=api_base))
    with core.app_context():
        while True:
            deliver_due(core.extensions["wecom"], threads=THREADS, lease_seconds=LEASE_SECONDS)
            close_database()
            time.sleep(0.1)


def _accepted() -> int:
    query = sa.select(sa.func.count()).where(Delivery.outcome == Outcome.ACCEPTED, Delivery.title == "bench")
    found = session().execute(query).scalar_one()
    session().rollback()
    return found


def _wait(done: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < end, "the sender does not get on"
        time.sleep(0.01)
