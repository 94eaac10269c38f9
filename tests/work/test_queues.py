"""Rows that wait for a worker: one has them at a time, and one that lost them writes nothing any more."""

from datetime import timedelta

import sqlalchemy as sa
from flask import Flask

from app import clock
from app.db import session, transaction
from app.notices.models import Outcome
from app.notices.sending.messages import QUEUE, table
from app.work.queues import Result
from tests.mail import fresh, queue

LEASE = timedelta(minutes=1)


def take(worker: str) -> list[int]:
    """What is due and this worker does not have, leased to it."""
    with transaction() as current:
        now = clock.now()
        due = sa.select(table.c.id).where(QUEUE.due(now), QUEUE.not_of(worker)).order_by(table.c.id)
        ids = list(current.execute(QUEUE.locked(due)).scalars())
        QUEUE.take(current, ids, token=worker, until=now + LEASE)
        return ids


def settle(message: int, worker: str) -> int:
    with transaction() as current:
        settled = QUEUE.settled(outcome=Outcome.ACCEPTED)
        return QUEUE.record(current, [Result(message, worker, settled)])


def test_a_row_is_one_workers_until_its_lease_ends(core: Flask, told_time):
    [message] = queue("wangqiang")

    assert take("first") == [message]
    assert take("second") == []
    told_time.pass_(minutes=1)
    assert take("first") == []  # its own: it goes on with it
    assert take("second") == [message]


def test_a_worker_that_lost_its_lease_neither_records_nor_hands_over(core: Flask, told_time):
    [message] = queue("wangqiang")
    take("first")
    told_time.pass_(minutes=1)
    take("second")

    with transaction() as current:
        assert QUEUE.hand_over(current, [message], token="first", until=clock.now() + LEASE) == set()
    assert settle(message, "first") == 0
    assert fresh(message).outcome == Outcome.SENDING

    assert settle(message, "second") == 1
    row = fresh(message)
    assert (row.outcome, row.next_at, row.lease_token) == (Outcome.ACCEPTED, None, None)


def test_what_is_put_off_waits_for_its_own_moment_and_belongs_to_nobody(core: Flask):
    first, second = queue("wangqiang", "lijing")
    take("worker")
    moments = [clock.now() + timedelta(minutes=5), clock.now() + timedelta(minutes=9)]

    with transaction() as current:
        QUEUE.put_off(current, list(zip((first, second), moments, strict=True)), reason="稍后")

    rows = [fresh(one) for one in (first, second)]
    assert [row.next_at for row in rows] == moments
    assert {(row.outcome, row.lease_token, row.reason) for row in rows} == {(Outcome.PENDING, None, "稍后")}
    session().rollback()
