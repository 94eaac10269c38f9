"""汇总: what was settled long ago is counted per day, then deleted, so that tables stay as large as they are useful."""

import logging
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from threading import Event
from typing import Any, cast

import sqlalchemy as sa

from app import clock
from app.db import Session, among, inserting, session, transaction
from app.locks import repeatable
from app.notices.about import MESSAGE
from app.notices.ledger.lines import CARRIER, JOINED, OUTCOME
from app.notices.models import Amendment, DayTotal, Delivery
from app.notices.wordings import kinds

log = logging.getLogger(__name__)

CHUNK = 1000  # rows per transaction: others must not wait for the write lock
MESSAGES, AMENDMENTS = "通知", "卡片改动"
_amendment: Any = cast(sa.Table, Amendment.__table__).c
_older = sa.alias(Delivery.__table__, "older")


@dataclass(frozen=True)
class Old:
    """One kind of records that are summed up; `id` grows with `written_at`, for they are read in its order."""

    kind: str
    id: Any
    written_at: Any
    what: sa.ColumnElement[str]
    outcome: sa.ColumnElement[str]
    over: Callable[[datetime], sa.ColumnElement[bool]]
    """True where nothing will happen to the row any more that began before this moment."""
    source: sa.FromClause


def _message_is_over(before: datetime) -> sa.ColumnElement[bool]:
    """Settled, and nothing else is left that hangs on it; what a digest said goes before the digest."""
    newest = sa.select(sa.func.max(_older.c.id)).scalar_subquery()
    return sa.and_(
        MESSAGE.settled_at < before,
        sa.or_(MESSAGE.merged_into_id.is_(None), CARRIER.settled_at < before),
        ~sa.exists().where(_amendment.delivery_id == MESSAGE.id),
        ~sa.exists().where(_older.c.merged_into_id == MESSAGE.id),
        MESSAGE.id < newest,  # its number would be given out again, and the history knows it
    )


OURS: tuple[Old, ...] = (  # amendments first: messages wait for them
    Old(
        kind=AMENDMENTS,
        id=_amendment.id,
        written_at=_amendment.created_at,
        what=sa.case((_amendment.withdraws, "收回"), else_="改卡片"),
        outcome=_amendment.outcome,
        over=lambda before: _amendment.settled_at < before,
        source=Amendment.__table__,
    ),
    Old(
        kind=MESSAGES,
        id=MESSAGE.id,
        written_at=MESSAGE.created_at,
        what=MESSAGE.wording,
        outcome=OUTCOME,
        over=_message_is_over,
        source=JOINED,
    ),
)


def sum_up(olds: Sequence[Old] = OURS, *, keep_days: int, stop: Event | None = None) -> int:
    """Count and delete what is over since `keep_days` days; returns how many rows. Safe to cut off and to repeat."""
    before = clock.now() - timedelta(days=keep_days)
    gone = sum(_sum_up(old, before, stop or Event()) for old in olds)
    if gone:
        log.info("totals: %s rows of before %s are numbers now", gone, clock.shown(before))
    return gone


def _sum_up(old: Old, before: datetime, stop: Event) -> int:
    gone, after = 0, 0
    while not stop.is_set():
        last = _last_of_chunk(old, before, after)
        if last is None:
            break
        gone += _sum_up_chunk(old, before, after, last)
        after = last
    return gone


def _last_of_chunk(old: Old, before: datetime, after: int) -> int | None:
    """The id that ends the next chunk; None where it begins with what is too young. By the primary key alone."""
    ids = sa.select(old.id, old.written_at).where(old.id > after).order_by(old.id).limit(CHUNK)
    rows = session().execute(ids).all()
    session().rollback()
    return rows[-1][0] if rows and rows[0][1] < before else None


@repeatable
def _sum_up_chunk(old: Old, before: datetime, after: int, last: int) -> int:
    """Numbers and rows change in one transaction, or a row would be lost or counted twice."""
    chosen = (old.id > after, old.id <= last, old.written_at < before, old.over(before))
    query = sa.select(old.id, old.written_at, old.what.label("what"), old.outcome.label("outcome"))
    with transaction() as current:
        found = query.select_from(old.source).where(*chosen).order_by(old.id)
        rows = current.execute(found.with_for_update(skip_locked=True, of=old.id.table)).all()
        days = Counter((clock.local(row[1]).date(), old.kind, row.what, row.outcome) for row in rows)
        _add(current, days)
        ids = [row[0] for row in rows]
        current.execute(sa.delete(old.id.table).where(among(old.id, ids)))
    return len(rows)


def _add(current: Session, days: Counter[tuple[date, str, str, str]]) -> None:
    insert = inserting(current, DayTotal)
    names = ("day", "kind", "what", "outcome")
    statement = insert.on_conflict_do_update(
        index_elements=list(names), set_={"number": DayTotal.number + insert.excluded.number}
    )
    rows = [dict(zip(names, key, strict=True)) | {"number": number} for key, number in sorted(days.items())]
    if rows:
        current.execute(statement, rows)


# -- reads


@dataclass(frozen=True, slots=True)
class Sums:
    """Numbers of messages that are not listed any more: from the first to the last of their days."""

    first: date
    last: date
    by_outcome: Counter[str]
    by_act: Counter[str]
    others: Counter[str]  # kind → how many

    @property
    def total(self) -> int:
        """How many messages."""
        return self.by_outcome.total()


def last_day(*, since: datetime | None = None) -> date | None:
    """The newest day of which messages were summed up, if a list that begins at `since` reaches back to it."""
    newest = sa.select(DayTotal.day).where(DayTotal.kind == MESSAGES).order_by(DayTotal.day.desc()).limit(1)
    day = session().execute(newest).scalar()
    return day if day and (since is None or clock.local(since).date() <= day) else None


def sums(
    *, since: date | None = None, until: date | None = None, outcomes: Collection[str] = ()
) -> Sums | None:
    """What was summed up of the days from `since` to `until`, both included; None where nothing was."""
    conditions = [DayTotal.day >= since] if since else []
    conditions += [DayTotal.day <= until] if until else []
    conditions += [DayTotal.outcome.in_(outcomes)] if outcomes else []
    number, first, last = sa.func.sum(DayTotal.number), sa.func.min(DayTotal.day), sa.func.max(DayTotal.day)
    query = sa.select(DayTotal.kind, DayTotal.what, DayTotal.outcome, number, first, last)
    grouped = query.where(*conditions).group_by(DayTotal.kind, DayTotal.what, DayTotal.outcome)
    rows = session().execute(grouped).all()
    if not rows:
        return None
    found = Sums(min(r[4] for r in rows), max(r[5] for r in rows), Counter(), Counter(), Counter())
    for kind, what, outcome, count, *_ in rows:
        if kind == MESSAGES:
            found.by_outcome[outcome] += int(count)
            found.by_act[kinds.name_of(what)] += int(count)
        else:
            found.others[kind] += int(count)
    return found
