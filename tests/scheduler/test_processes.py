"""Real scheduler processes: several at once, and killed without warning."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app import clock
from app.db import session
from app.notices.models import Outcome
from app.notices.sending.backlog import backlog
from app.settings import ROOT, Settings
from app.work import leases
from app.work.models import Lease
from tests.mail import members, outcomes, queue
from tests.told_time import ToldTime
from tests.wecom_server import WeComServer

PATIENCE_SECONDS = 60
ENDS_SECONDS = 15  # R-P12; it means to take 4 at the most, on a machine that is not at its limit

HANGING = """
import os, pathlib, time
from scheduler import __main__ as scheduler
from scheduler.jobs import Job

def hang():
    pathlib.Path(os.environ["CLOCK_OFFSET_FILE"]).with_name("hanging").touch()
    time.sleep(600)

scheduler.LAST_SECONDS = 0.5
scheduler.all_jobs = lambda app, stop: [Job("hangs", hang, 0.1)]
scheduler.main()
"""


class Schedulers:
    """Starts scheduler processes on the test's database and WeCom server; ends them all."""

    def __init__(self, settings: Settings, server: WeComServer) -> None:
        self.settings = settings
        self.server = server
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self, run: Sequence[str] = ("-m", "scheduler"), **changes: Any) -> subprocess.Popen[bytes]:
        """One more process."""
        values = {
            "DATABASE_URL": self.settings.DATABASE_URL,
            "CLOCK_OFFSET_FILE": self.settings.CLOCK_OFFSET_FILE,
            "UPLOAD_DIR": self.settings.UPLOAD_DIR,
            "WECOM_API_BASE": self.server.api_base,
            "DELIVERY_POLL_SECONDS": 0.05,
            "SCAN_SECONDS": 0.1,
            "DELIVERY_THREADS": 8,
            **changes,
        }
        environment = os.environ | {name: str(value) for name, value in values.items()}
        process = subprocess.Popen(
            [sys.executable, *run], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL
        )
        self.running.append(process)
        return process

    def tell_time(self, *, seconds_ahead: int) -> None:
        """All of them read this file."""
        self.settings.CLOCK_OFFSET_FILE.write_text(str(seconds_ahead))

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """As a power cut would."""
        process.send_signal(signal.SIGKILL)
        process.wait()

    def close(self) -> None:
        """End what still runs."""
        for process in self.running:
            process.kill()
            process.wait()


@pytest.fixture
def server() -> Iterator[WeComServer]:
    with WeComServer() as server:
        yield server


@pytest.fixture
def schedulers(
    settings: Settings, server: WeComServer, core: Flask, told_time: ToldTime
) -> Iterator[Schedulers]:
    clock.follow_offset_file(Path(settings.CLOCK_OFFSET_FILE))  # the same time as the processes
    several = Schedulers(settings, server)
    yield several
    several.close()


def until(true: Callable[[], object], *, what: str) -> None:
    """Wait for something other processes do."""
    gives_up_at = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < gives_up_at, f"waited in vain: {what}"
        time.sleep(0.1)


def holder() -> str | None:
    """Which process holds the lease: its id, while the lease lasts."""
    session().rollback()
    row = session().get(Lease, leases.SCHEDULER)
    return row.owner.split(":")[1] if row is not None and row.until > clock.now() else None


def accepted() -> int:
    return outcomes().get(Outcome.ACCEPTED, 0)


@pytest.mark.proves("R-P9", "X-A11")
def test_two_at_once_send_each_message_once_and_the_one_that_is_left_takes_over_the_lease(
    schedulers: Schedulers, server: WeComServer
):
    queue(*members(400))
    both = {str(process.pid): process for process in (schedulers.start(), schedulers.start())}
    until(lambda: accepted() == 400, what="everything is accepted")
    until(lambda: holder() in both, what="one of them holds the lease")

    assert len(server.bodies) == 400
    assert server.repeats == 0
    assert server.tokens == 1

    first = holder()
    schedulers.kill(both.pop(first))
    schedulers.tell_time(seconds_ahead=leases.LASTS.seconds + 1)
    until(lambda: holder() in both, what="the other takes over")


@pytest.mark.proves("B-D3", "R-P2", "X-A2")
def test_a_sender_killed_in_the_middle_loses_nothing_and_repeats_only_what_was_on_its_way(
    schedulers: Schedulers, server: WeComServer
):
    server.delay = 0.02
    queue(*members(300))
    first = schedulers.start()
    until(lambda: len(server.bodies) >= 100, what="it is in the middle")
    schedulers.kill(first)
    time.sleep(2 * server.delay)
    sent, recorded = len(server.bodies), accepted()
    on_its_way = outcomes().get(Outcome.SENDING, 0)
    assert on_its_way > 0

    schedulers.start()
    schedulers.tell_time(seconds_ahead=int(schedulers.settings.DELIVERY_LEASE_SECONDS) + 1)
    until(lambda: accepted() == 300, what="the successor sends the rest")

    assert len(set(server.bodies)) == 300
    assert server.repeats <= sent - recorded <= on_its_way
    assert server.repeats <= 60  # threads in a call, and a twentieth of a second of their verdicts
    assert backlog().messages.number == 0


@pytest.mark.proves("R-P12", "X-A4")
def test_told_to_end_it_ends_within_seconds_and_lets_go_of_the_lease(schedulers: Schedulers):
    process = schedulers.start()
    until(lambda: holder() == str(process.pid), what="it holds the lease")

    process.send_signal(signal.SIGTERM)

    assert process.wait(timeout=ENDS_SECONDS) == 0
    assert holder() is None


def test_a_job_that_does_not_stop_is_cut_off_and_the_lease_is_free_all_the_same(schedulers: Schedulers):
    process = schedulers.start(run=("-c", HANGING))
    until(Path(schedulers.settings.CLOCK_OFFSET_FILE).with_name("hanging").exists, what="the job hangs")
    assert holder() == str(process.pid)

    process.send_signal(signal.SIGTERM)

    assert process.wait(timeout=ENDS_SECONDS) == 0
    assert holder() is None
