"""Moments that only a clock which ran ahead can have set: once it has been put right, nobody waits for them.

Each kind of moment has a farthest that it can mean, seen from now. What lies
beyond is taken to have come, and planned anew.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app import clock
from app.db import Session, transaction
from app.locks import repeatable
from app.notices import pacing
from app.notices.models import Outcome, SendingDay
from app.notices.sending import quota
from app.work.queues import Queue


def waiting(queue: Queue, *, lease: timedelta, now: datetime) -> sa.ColumnElement[bool]:
    """Rows of a queue that are looked at later than a lease, a back-off, the pace or the day's quota can mean."""
    next_at = queue.table.c.next_at
    leased = queue.table.c.outcome == Outcome.SENDING
    queued = sa.and_(next_at > now + pacing.LONGEST_WAIT, next_at.not_in(quota.openings()))
    # The first condition follows from the others; the index needs it.
    nearest = now + min(lease, pacing.LONGEST_WAIT)
    return sa.and_(
        next_at.is_not(None), next_at > nearest, sa.case((leased, next_at > now + lease), else_=queued)
    )


@repeatable
def bring_back(queue: Queue, *, lease: timedelta) -> None:
    """Let these rows be looked at now. One that is in doubt keeps its age: all its moments move by as much."""
    with transaction() as current:
        now = clock.now()
        which = waiting(queue, lease=lease, now=now)
        table = queue.table
        for row in _in_doubt(current, table, which):
            values = {"next_at": now, "doubtful_since": row.doubtful_since - (row.next_at - now)}
            unchanged = sa.and_(table.c.id == row.id, table.c.next_at == row.next_at)
            current.execute(sa.update(table).where(unchanged).values(values))
        current.execute(sa.update(table).where(which).values(next_at=now))
        current.execute(sa.delete(SendingDay).where(SendingDay.day > clock.local(now).date()))


def _in_doubt(current: Session, table: sa.Table, which: sa.ColumnElement[bool]) -> Sequence[sa.Row[Any]]:
    query: sa.Select[Any] = sa.select(table.c.id, table.c.next_at, table.c.doubtful_since)
    return current.execute(query.where(which, table.c.doubtful_since.is_not(None))).all()
