"""What all scans of the clock do alike: find what is due, and let nothing bad stop the rest.

A kind of work stores in a column of its rows the moment at which the clock must look at each again, None for
never. What the clock does then is the kind's, in transactions of its own; a scan that is killed at any point is
completed by the next one, for what is still to do is stored in the rows.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from app.db import session, transaction
from app.locks import repeatable

log = logging.getLogger(__name__)

POSTPONE = timedelta(hours=1)

Moment = InstrumentedAttribute[datetime | None]
"""A column of a kind of rows: when the clock looks at a row again."""
T = TypeVar("T")


def due(
    moment: Moment,
    *conditions: sa.ColumnExpressionArgument[bool],
    now: datetime,
    limit: int | None = None,
) -> list[int]:
    """The ids of rows whose moment has come; a plain read that leaves no transaction open."""
    kind = moment.class_
    query = (
        sa.select(kind.id)
        .where(moment.is_not(None), moment <= now, *conditions)
        .order_by(moment)  # the longest due first, and the index's own order
        .limit(limit)
    )
    ids = list(session().execute(query).scalars())
    session().rollback()
    return ids


def mark_due(
    moment: Moment,
    mark: Callable[[list[int], datetime], int],
    *,
    now: datetime,
    at_once: int,
    name: str,
) -> int:
    """Mark every row whose moment has come; returns how many.

    `mark` does a chunk in one transaction, moves the moment of its rows and
    returns how many it marked; `at_once` bounds how long that keeps others
    from writing. A chunk that fails is halved until the bad row is alone,
    logged and postponed.
    """
    marked = 0
    while ids := due(moment, now=now, limit=at_once):
        marked += _mark_or_halve(moment, mark, ids, now, name)
    return marked


def each(
    ids: Iterable[int],
    act: Callable[[int], T],
    *,
    name: str,
    postpone: Callable[[int], object] | None = None,
) -> list[T]:
    """Do something for one after the other; returns what each led to that went well.

    One that fails is logged, postponed where there is a way to, and stops no other.
    """
    done = []
    for one in ids:
        try:
            done.append(act(one))
        except Exception:
            log.exception("%s: %s left for later", name, one)
            if postpone is not None:
                postpone(one)
    return done


@repeatable
def postpone(row_id: int, *moments: Moment, now: datetime) -> None:
    """What cannot be done for a row now is tried again in an hour: those of its moments that have come."""
    with transaction() as current:
        for moment in moments:
            kind = moment.class_
            of_row = sa.update(kind).where(kind.id == row_id, moment <= now)
            current.execute(of_row.values({moment.key: now + POSTPONE}))


def _mark_or_halve(
    moment: Moment, mark: Callable[[list[int], datetime], int], ids: list[int], now: datetime, name: str
) -> int:
    try:
        return mark(ids, now)
    except Exception:
        if len(ids) == 1:
            log.exception("%s: row %s cannot be marked, postponed", name, ids[0])
            postpone(ids[0], moment, now=now)
            return 0
        log.warning("%s: a chunk of %s rows failed, halving it", name, len(ids))
        middle = len(ids) // 2
        halves = (ids[:middle], ids[middle:])
        return sum(_mark_or_halve(moment, mark, half, now, name) for half in halves)
