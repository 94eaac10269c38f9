"""The inbox: every event stored once, worked off by a job, given up in the open after five tries."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple, cast

import sqlalchemy as sa
from sqlalchemy import Engine

from app import clock, outage
from app.db import as_sqlalchemy_says, db, session, transaction, write_soon
from app.locks import repeatable
from app.notices.ledger.totals import Old
from app.wecom.inbound import Event
from app.work.queues import Queue, Result, Values, new_token
from callbacks.events import handle
from callbacks.models import InboxEvent

log = logging.getLogger(__name__)

MOST_TRIES = 5
LEASE = timedelta(minutes=1)  # far longer than a handler's one transaction
BACK_OFF = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10))
LONGEST_OUTCOME = 60
TABLE = cast(sa.Table, InboxEvent.__table__)
QUEUE = Queue(TABLE)
WANTED = [TABLE.c[name] for name in ("event", "userid", "key", "content", "attempts")]
GIVEN = ("key", "userid", "event", "content", "received_at", "next_at", "outcome", "attempts")
INSERT = f"INSERT INTO inbox_event ({', '.join(GIVEN)}) "
STORE = {
    "sqlite": INSERT + f"VALUES ({', '.join('?' * len(GIVEN))}) ON CONFLICT DO NOTHING",
    "postgresql": INSERT + f"VALUES ({', '.join(['%s'] * len(GIVEN))}) ON CONFLICT DO NOTHING",
}

OLD = Old(
    kind="回调",
    id=TABLE.c.id,
    written_at=TABLE.c.received_at,
    what=TABLE.c.event,
    outcome=sa.case((TABLE.c.done_at.is_not(None), "已处理"), else_="已放弃"),
    over=lambda before: sa.and_(TABLE.c.next_at.is_(None), TABLE.c.received_at < before),
    source=TABLE,
)
"""Settled events, as they are summed up; until then each refuses its own repeats."""


class Try(NamedTuple):
    """An event that this process has, and the number of the try."""

    event_id: int
    token: str
    number: int
    event: Event


def store(event: Event, *, into: Engine | None = None) -> bool:
    """Keep an event for the job; False where it was here before.

    It is on disk when this returns, as any other commit: whoever pressed a
    button is told that it was heard. One INSERT, handed to the driver as it is,
    a transaction by itself: what a session adds around it costs more than the
    INSERT, and a callback is answered before anything is read (B-C1).
    SQLAlchemyError where it failed.
    """
    engine = into or db.engine
    now = clock.now()
    values = (event.key, event.userid, event.name, event.fields, now, now, "", 0)
    pairs = zip(_converters(engine), values, strict=True)
    row = tuple([convert(value) if convert else value for convert, value in pairs])
    with as_sqlalchemy_says(engine):  # getting a line at all fails as the driver's own error, too
        line = engine.raw_connection()
        try:
            name = engine.dialect.name
            done = write_soon(line, STORE[name], row) if name == "sqlite" else line.execute(STORE[name], row)
            return bool(done.rowcount == 1)
        except engine.dialect.loaded_dbapi.Error:
            line.invalidate()  # it may have been cut; the next callback gets a new one
            raise
        finally:
            line.close()


@lru_cache(maxsize=16)
def _converters(engine: Engine) -> list[Any]:
    """What SQLAlchemy makes of each value before the driver gets it, None where it takes it as it is."""
    types = [TABLE.c[name].type.dialect_impl(engine.dialect) for name in GIVEN]
    return [one.bind_processor(engine.dialect) for one in types]


def work_off(limit: int = 100) -> int:
    """Handle what waits, oldest first; returns how many were settled. One event's failure is its own."""
    now = clock.now()
    found = _waiting(QUEUE.due(now), limit) or _waiting(_astray(now), limit)
    return sum(_work(event_id) for event_id in found)


def _astray(now: datetime) -> sa.ColumnElement[bool]:
    """Later than a back-off can mean: a clock that ran ahead has been put right since."""
    return TABLE.c.next_at > now + BACK_OFF[-1]


def _waiting(which: sa.ColumnElement[bool], limit: int) -> Sequence[int]:
    query = sa.select(TABLE.c.id).where(which).order_by(TABLE.c.next_at, TABLE.c.id)
    return session().execute(query.limit(limit)).scalars().all()


def _work(event_id: int) -> bool:
    """Whether the event was settled by this process."""
    found = _take(event_id)
    if found is None:
        return False
    if found.number > MOST_TRIES:  # every try was cut off before it could be recorded
        return _settle(found, "已放弃：处理中断多次")
    try:
        outcome = handle(found.event)
    except Exception as error:
        session().rollback()
        return _failed(found, error)
    return _settle(found, outcome, done_at=clock.now())


@repeatable
def _take(event_id: int) -> Try | None:
    """Lease the event for one try; None where another process was first."""
    with transaction() as current:
        now, token = clock.now(), new_token()
        waits = sa.and_(TABLE.c.id == event_id, sa.or_(QUEUE.due(now), _astray(now)))
        row = current.execute(QUEUE.locked(sa.select(*WANTED).where(waits))).one_or_none()
        if row is None:
            return None
        number = row.attempts + 1
        QUEUE.take(current, [event_id], token=token, until=now + LEASE, attempts=number)
    event = Event(name=row.event, userid=row.userid, key=row.key, fields=row.content)
    return Try(event_id, token, number, event)


def _failed(failed: Try, error: Exception) -> bool:
    if outage.is_outage(error):
        # A database that did not answer says nothing about the event: the try does not count.
        return _again(failed, BACK_OFF[0], "数据库没有应答，稍后再试", attempts=failed.number - 1)
    log.error("inbox event %s failed", failed.event_id, exc_info=error)
    reason = f"{type(error).__name__}: {error}"
    if failed.number >= MOST_TRIES:
        return _settle(failed, f"已放弃：{reason}")
    return _again(failed, BACK_OFF[failed.number - 1], f"第 {failed.number} 次失败：{reason}")


def _again(failed: Try, wait: timedelta, outcome: str, **also: Any) -> bool:
    _record(failed, QUEUE.again(clock.now() + wait, outcome=outcome[:LONGEST_OUTCOME], **also))
    return False


def _settle(tried: Try, outcome: str, *, done_at: datetime | None = None) -> bool:
    return _record(tried, QUEUE.settled(outcome=outcome[:LONGEST_OUTCOME], done_at=done_at))


@repeatable
def _record(tried: Try, values: Values) -> bool:
    """Write down what became of this try, unless a later one has begun."""
    with transaction() as current:
        return QUEUE.record(current, [Result(tried.event_id, tried.token, values)]) == 1
