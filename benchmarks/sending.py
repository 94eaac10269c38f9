"""B-D1, B-D2: the outbox emptied, against the same bodies posted by as many plain threads."""

import secrets
from collections.abc import Callable
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread

import requests
import sqlalchemy as sa
from flask import Flask

from app import clock
from app.db import db, session, transaction
from app.notices.models import Amendment, Delivery, Outcome
from app.notices.sending.messages import deliver_due
from app.people.models import Person
from app.wecom import cards
from app.wecom.client import WeCom
from app.work.models import HistoryEvent
from benchmarks.measure import alternate, timed
from benchmarks.office import office
from benchmarks.report import Report

THREADS = 16
MESSAGES = {0.0: 2000, 0.05: 640}
ROUNDS = 3


def against_threads(report: Report, app: Flask, *, dialect: str) -> None:
    """B-D1 with an instant and with a slow WeCom, B-D2 with the slow one."""
    for delay, name in ((0.0, "B-D1 0 ms"), (0.05, "B-D1 50 ms")):
        with office(delay) as (address, _calls), app.app_context():
            run = Outbox(app, address, MESSAGES[delay])
            times = alternate({"product": run.deliver, "floor": run.post}, rounds=ROUNDS)
            note = f"{run.number / times['product']:.0f} ÷ {run.number / times['floor']:.0f} 条/秒"
            report.add(name, dialect, times["floor"] / times["product"], note)
            if delay:
                halves = alternate({"16": run.deliver, "8": partial(run.deliver, threads=8)}, rounds=ROUNDS)
                report.add("B-D2 16 to 8 threads", dialect, halves["8"] / halves["16"])
                doubles = alternate(
                    {"32": partial(run.deliver, threads=32), "16": run.deliver}, rounds=ROUNDS
                )
                report.add("B-D2 32 to 16 threads", dialect, doubles["16"] / doubles["32"])


class Outbox:
    """So many messages to as many people, and what it takes to send them."""

    def __init__(self, app: Flask, address: str, number: int) -> None:
        self.number = number
        self.address = address
        settings = app.config["SETTINGS"]
        self.gateway = WeCom(
            corp_id=settings.WECOM_CORP_ID,
            agent_id=settings.WECOM_AGENT_ID,
            secret=secrets.token_hex(8),
            api_base=address,
            engine=db.engine,
        )
        query = sa.select(Person.id, Person.userid).order_by(Person.id).limit(number)
        self.people = [(row.id, row.userid) for row in session().execute(query)]
        assert len(self.people) == number

    def deliver(self, *, threads: int = THREADS) -> float:
        """Seconds until everything that is queued is accepted."""
        self.queue()
        seconds = timed(lambda: deliver_due(self.gateway, threads=threads))
        query = sa.select(sa.func.count()).where(
            Delivery.outcome == Outcome.ACCEPTED, Delivery.title == "bench"
        )
        accepted = session().execute(query).scalar_one()
        assert accepted == self.number, f"{accepted} of {self.number} accepted"
        return seconds

    def post(self) -> float:
        """Seconds until as many threads have posted as many bodies."""
        bodies: SimpleQueue[bytes] = SimpleQueue()
        for _, userid in self.people:
            bodies.put(_body(userid))
        url = f"{self.address}message/send?access_token=token"
        return timed(lambda: _run_threads(lambda: _post_all(url, bodies)))

    def queue(self) -> None:
        """The messages of one act; those of the run before go first."""
        with transaction() as current:
            # Whoever is written to again and again within a minute is made to wait; that is not measured here.
            current.execute(sa.delete(Amendment))  # changes of the cards that an earlier act brought
            current.execute(sa.delete(Delivery))
            now = clock.now()
            event = HistoryEvent(subject_kind="task", subject_id=1, act="bench", by_id=None, at=now, facts={})
            current.add(event)
            current.flush()
            current.execute(sa.insert(Delivery), [_row(event.id, *person) for person in self.people])


def _row(event_id: int, person_id: int, userid: str) -> dict[str, object]:
    now = clock.now()
    return {
        "uid": secrets.token_hex(16),
        "event_id": event_id,
        "subject_kind": "task",
        "subject_id": 1,
        "wording": "publish.implementer",
        "act": "publish",
        "audience": "implementer",
        "recipient_id": person_id,
        "title": "bench",
        "text": "您好",
        "link": "/tasks/1",
        "body": _body(userid),
        "outcome": Outcome.PENDING,
        "next_at": now,
        "created_at": now,
    }


def _body(userid: str) -> bytes:
    return cards.text_message(userid=userid, agent_id=1000002, text=f"您好 {secrets.token_hex(16)}")


def _run_threads(work: Callable[[], None]) -> None:
    threads = [Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _post_all(url: str, bodies: SimpleQueue[bytes]) -> None:
    with requests.Session() as line:
        while True:
            try:
                body = bodies.get_nowait()
            except Empty:
                return
            assert line.post(url, data=body, timeout=10).json()["errcode"] == 0
