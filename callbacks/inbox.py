"""The inbox: every event stored once, worked off by a job, given up in the open after five tries."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy import Engine

from app import clock, outage
from app.db import as_sqlalchemy_says, changed_rows, db, session, transaction, write_soon
from app.locks import repeatable
from app.notices.totals import Old
from app.wecom.inbound import Event
from callbacks.events import handle
from callbacks.models import InboxEvent

log = logging.getLogger(__name__)

MOST_TRIES = 5
LEASE = timedelta(minutes=1)  # far longer than a handler's one transaction
BACK_OFF = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10))
LONGEST_OUTCOME = 60
TABLE = cast(sa.Table, InboxEvent.__table__)
GIVEN = ("key", "userid", "event", "content", "received_at", "next_at", "outcome", "attempts")
INSERT = f"INSERT INTO inbox_event ({', '.join(GIVEN)}) "
STORE = {
    "sqlite": INSERT + f"VALUES ({', '.join('?' * len(GIVEN))}) ON CONFLICT DO NOTHING",
    # PostgreSQL does not wait for the disk: whoever pressed a button is told once the act itself has been written
    # for good. A press that goes down with the server leaves its card as it was, to be pressed again.
    "postgresql": (
        INSERT
        + f"SELECT {', '.join(['%s'] * len(GIVEN))} "
        + "FROM (SELECT set_config('synchronous_commit', 'off', true) AS said) AS relaxed "
        + "WHERE relaxed.said IS NOT NULL ON CONFLICT DO NOTHING"
    ),
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


def store(event: Event, *, into: Engine | None = None) -> bool:
    """Keep an event for the job; False where it was here before.

    One INSERT, handed to the driver as it is, a transaction by itself: what a
    session adds around it costs more than the INSERT, and a callback is
    answered before anything is read (B-C1). SQLAlchemyError where it failed.
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
    # Later than a back-off can mean: a clock that ran ahead has been put right since.
    found = _waiting(InboxEvent.next_at <= now, limit) or _waiting(
        InboxEvent.next_at > now + BACK_OFF[-1], limit
    )
    return sum(_work(event_id, seen) for event_id, seen in found)


def _waiting(which: sa.ColumnElement[bool], limit: int) -> Sequence[sa.Row[int, datetime | None]]:
    query = sa.select(InboxEvent.id, InboxEvent.next_at).where(which)
    return session().execute(query.order_by(InboxEvent.next_at, InboxEvent.id).limit(limit)).all()


def _work(event_id: int, seen: datetime | None) -> bool:
    tries = _claim(event_id, seen)
    if tries is None:
        return False
    if tries > MOST_TRIES:  # every try was cut off before it could be recorded
        return _settle(event_id, tries, outcome="已放弃：处理中断多次", next_at=None, done_at=None)
    try:
        outcome = handle(_event(event_id))
    except Exception as error:
        session().rollback()
        if not outage.is_outage(error):
            log.exception("inbox event %s failed", event_id)
        return _failed(event_id, tries, error)
    return _settle(event_id, tries, outcome=outcome, next_at=None, done_at=clock.now())


@repeatable
def _claim(event_id: int, seen: datetime | None) -> int | None:
    """Take the event for one try and return its number; None where another process was first."""
    with transaction() as current:
        taken = sa.update(InboxEvent).where(InboxEvent.id == event_id, InboxEvent.next_at == seen)
        values = {"next_at": clock.now() + LEASE, "attempts": InboxEvent.attempts + 1}
        if changed_rows(current.execute(taken.values(values))) != 1:
            return None
        return current.execute(sa.select(InboxEvent.attempts).where(InboxEvent.id == event_id)).scalar_one()


def _event(event_id: int) -> Event:
    columns = sa.select(InboxEvent.event, InboxEvent.userid, InboxEvent.key, InboxEvent.content)
    row = session().execute(columns.where(InboxEvent.id == event_id)).one()
    return Event(name=row.event, userid=row.userid, key=row.key, fields=row.content)


def _failed(event_id: int, tries: int, error: Exception) -> bool:
    if outage.is_outage(error):
        return _put_back(event_id, tries)
    reason = f"{type(error).__name__}: {error}"
    if tries >= MOST_TRIES:
        return _settle(event_id, tries, outcome=f"已放弃：{reason}", next_at=None, done_at=None)
    next_at = clock.now() + BACK_OFF[tries - 1]
    _settle(event_id, tries, outcome=f"第 {tries} 次失败：{reason}", next_at=next_at, done_at=None)
    return False


@repeatable
def _put_back(event_id: int, tries: int) -> bool:
    """A database that did not answer says nothing about the event: the try does not count."""
    next_at = clock.now() + BACK_OFF[0]
    values = {"outcome": "数据库没有应答，稍后再试", "next_at": next_at, "attempts": tries - 1}
    with transaction() as current:
        mine = sa.update(InboxEvent).where(InboxEvent.id == event_id, InboxEvent.attempts == tries)
        current.execute(mine.values(values))
    return False


@repeatable
def _settle(
    event_id: int, tries: int, *, outcome: str, next_at: datetime | None, done_at: datetime | None
) -> bool:
    """Record what became of try number `tries`, unless a later try has begun."""
    with transaction() as current:
        mine = sa.update(InboxEvent).where(InboxEvent.id == event_id, InboxEvent.attempts == tries)
        values = {"outcome": outcome[:LONGEST_OUTCOME], "next_at": next_at, "done_at": done_at}
        return changed_rows(current.execute(mine.values(values))) == 1
