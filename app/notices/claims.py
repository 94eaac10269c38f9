"""The sender's hold on rows: take them for a while, record what came of them, or give them back.

Every statement that changes a claimed row names its lease token, so a sender that lost its
lease cannot overwrite what its successor recorded.
"""

import secrets
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, cast

import sqlalchemy as sa

from app import clock
from app.db import Session, changed_rows, session, transaction
from app.locks import repeatable
from app.notices import pacing, quota
from app.notices.models import Delivery, Outcome, QueuePause
from app.notices.verdicts import Claimed, Tried

CLAIM_LOCK = 0x5E6D  # PostgreSQL's advisory lock for claiming; any number nobody else uses
TOO_MANY = "此人这一分钟或一小时里的消息已多，稍后发送"
UNKNOWN_REASON = "没有读到企业微信的应答，且已超过可安全重发的时间，请核对后补发"

table = cast(sa.Table, Delivery.__table__)


def _one_of(name: str) -> Any:
    """A list handed over at execution: a plain in_() would check every element while building the statement."""
    return sa.bindparam(name, expanding=True)


@dataclass(frozen=True, slots=True)
class Look:
    """The queue at a glance."""

    due: bool
    held_until: datetime | None  # None: not held


@dataclass(frozen=True, slots=True)
class Catch:
    """What a claim brought: rows to send, rows put off for pacing, rows given up as 结果未知."""

    rows: list[Claimed]
    put_off: int = 0
    given_up: int = 0

    @property
    def empty(self) -> bool:
        """True where nothing was due."""
        return not (self.rows or self.put_off or self.given_up)


def due(now: datetime) -> sa.ColumnElement[bool]:
    """Rows the sender must look at. IS NOT NULL stands there for SQLite, which else skips the partial index."""
    return sa.and_(table.c.next_at.is_not(None), table.c.next_at <= now)


def look() -> Look:
    """One indexed statement, all that an idle sender does."""
    query = sa.select(
        sa.exists().where(due(clock.now())), sa.select(sa.func.max(QueuePause.until)).scalar_subquery()
    )
    found, held_until = session().execute(query).one()
    session().rollback()
    return Look(bool(found), held_until)


@repeatable
def claim(limit: int, *, lease: timedelta, day_holds: int) -> Catch:
    """Take up to `limit` due rows for the length of `lease`, as pacing and the day's quota allow.

    A row whose sender vanished is among them once its lease has ended: it may
    have been sent, so it is repeated only while WeCom recognises repeats.
    """
    with transaction() as current:
        if current.get_bind().dialect.name == "postgresql":
            # One claim at a time, or two senders would each grant a member the same share of the minute.
            current.execute(sa.select(sa.func.pg_advisory_xact_lock(CLAIM_LOCK)))
        now = clock.now()
        rows = _due_rows(current, now, limit)
        hopeless = [row.id for row in rows if not pacing.may_repeat(_doubtful_since(row), now=now)]
        hopeful = [row for row in rows if row.id not in set(hopeless)]
        planned = _planned(current, hopeful, now)
        _give_up(current, hopeless, now)
        _put_off(current, [(row, slot) for row, slot in planned if slot > now], TOO_MANY)
        going = _within_the_day(current, [row for row, slot in planned if slot <= now], day_holds)
        token = _lease(current, [row.id for row in going], now, lease)
    # Only the first quarter of a lease may pass before the call, the rest is for the call and its record.
    send_before = monotonic() + lease.total_seconds() / 4
    claimed = [
        Claimed(row.id, row.body, row.attempts + 1, _doubtful_since(row), row.tried_at, token, send_before)
        for row in going
    ]
    return Catch(claimed, put_off=len(hopeful) - len(going), given_up=len(hopeless))


def _due_rows(current: Session, now: datetime, limit: int) -> Sequence[sa.Row[Any]]:
    """Oldest first, which is also the index's own order; rows another transaction holds are left out."""
    wanted = ("id", "recipient_id", "body", "outcome", "attempts", "tried_at", "doubtful_since")
    query = (
        sa.select(*(table.c[name] for name in wanted))
        .where(due(now))
        .order_by(table.c.next_at, table.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return current.execute(query).all()


def _doubtful_since(row: sa.Row[Any]) -> datetime | None:
    left_behind = row.outcome == Outcome.SENDING  # its sender vanished, perhaps after sending
    return row.doubtful_since or (row.tried_at if left_behind else None)


def _planned(
    current: Session, rows: Sequence[sa.Row[Any]], now: datetime
) -> list[tuple[sa.Row[Any], datetime]]:
    """Each row with the moment it may go."""
    wanted = Counter(row.recipient_id for row in rows)
    earlier = _earlier(current, wanted, now)
    plans = {
        person: iter(pacing.slots(earlier[person], wanted=count, now=now)) for person, count in wanted.items()
    }
    return [(row, next(plans[row.recipient_id])) for row in rows]


def _within_the_day(current: Session, ready: Sequence[sa.Row[Any]], most: int) -> Sequence[sa.Row[Any]]:
    """As many as today's quota holds, counted as sent; the others go on tomorrow."""
    left = quota.take(current, len(ready), most=most) if ready else 0
    going, rest = ready[:left], ready[left:]
    if rest:
        _put_off(current, [(row, quota.tomorrow()) for row in rest], quota.USED_UP.format(most=most))
    return going


def _earlier(current: Session, wanted: Counter[int], now: datetime) -> dict[int, list[datetime]]:
    """When the members who come near a limit were written to within the hour, oldest first."""
    recent = sa.and_(table.c.tried_at.is_not(None), table.c.tried_at > now - pacing.HOUR)
    counts = sa.select(table.c.recipient_id, sa.func.count()).where(
        table.c.recipient_id.in_(_one_of("members")), recent
    )
    busy = [
        person
        for person, count in current.execute(counts.group_by(table.c.recipient_id), {"members": list(wanted)})
        if count + wanted[person] > pacing.PER_MINUTE
    ]
    moments: dict[int, list[datetime]] = defaultdict(list)
    if busy:
        # A row on its way may be sent at any moment until it is recorded: it counts as sent now.
        on_its_way = sa.case((table.c.outcome == Outcome.SENDING, now), else_=table.c.tried_at)
        sent_at = sa.type_coerce(on_its_way, table.c.tried_at.type).label("sent_at")
        query = sa.select(table.c.recipient_id, sent_at).where(table.c.recipient_id.in_(busy), recent)
        for person, moment in current.execute(query.order_by(sent_at)):
            moments[person].append(moment)
    return moments


def _lease(current: Session, ids: list[int], now: datetime, lease: timedelta) -> str:
    token = secrets.token_hex(16)
    if ids:
        current.execute(
            sa.update(table)
            .where(table.c.id.in_(_one_of("ids")))
            .values(
                outcome=Outcome.SENDING,
                lease_token=token,
                next_at=now + lease,
                attempts=table.c.attempts + 1,
                doubtful_since=_kept_doubt(),
                tried_at=now,
            ),
            {"ids": ids},
        )
    return token


def _kept_doubt() -> sa.ColumnElement[datetime | None]:
    """`_doubtful_since` in SQL."""
    left_behind = table.c.outcome == Outcome.SENDING
    return sa.case(
        (left_behind, sa.func.coalesce(table.c.doubtful_since, table.c.tried_at)),
        else_=table.c.doubtful_since,
    )


def _put_off(current: Session, planned: list[tuple[sa.Row[Any], datetime]], reason: str) -> None:
    if planned:
        update = (
            sa.update(table)
            .where(table.c.id == sa.bindparam("row_id"))
            .values(
                outcome=Outcome.PENDING,
                lease_token=None,
                next_at=sa.bindparam("slot"),
                reason=reason,
                doubtful_since=_kept_doubt(),
            )
        )
        current.execute(update, [{"row_id": row.id, "slot": slot} for row, slot in planned])


def _give_up(current: Session, ids: list[int], now: datetime) -> None:
    if ids:
        current.execute(
            sa.update(table)
            .where(table.c.id.in_(_one_of("ids")))
            .values(
                outcome=Outcome.UNKNOWN,
                reason=UNKNOWN_REASON,
                next_at=None,
                lease_token=None,
                settled_at=now,
                doubtful_since=_kept_doubt(),
            ),
            {"ids": ids},
        )


@repeatable
def record(judged: Sequence[tuple[Tried, dict[str, Any]]], released: Sequence[Tried]) -> int:
    """Write down verdicts and give back what was not sent; returns how many rows another sender took over."""
    # In the order of ids, as everybody locks messages.
    verdicts = [_named(tried) | values for tried, values in sorted(judged, key=lambda one: one[0].row.id)]
    returned = [
        _named(tried) | {"tried_at": tried.row.tried_before_at}
        for tried in sorted(released, key=lambda one: one.row.id)
    ]
    mine = sa.and_(table.c.id == sa.bindparam("row_id"), table.c.lease_token == sa.bindparam("claimed_as"))
    # WeCom counts what it took: a plain refusal is not among it, an answer nobody read may be.
    not_taken = len(returned) + sum(values["errcode"] is not None for _, values in judged)
    written = 0
    with transaction() as current:
        if verdicts:
            names = verdicts[0].keys() - {"row_id", "claimed_as"}
            update = sa.update(table).where(mine).values({name: sa.bindparam(name) for name in names})
            written += changed_rows(current.execute(update.values(lease_token=None), verdicts))
        if returned:
            values = {
                "outcome": Outcome.PENDING,
                "attempts": table.c.attempts - 1,
                "next_at": clock.now(),
                "lease_token": None,
                "tried_at": sa.bindparam("tried_at"),
            }
            written += changed_rows(current.execute(sa.update(table).where(mine).values(values), returned))
        # Last, as in claim(): rows first, then the day, or two senders would wait for each other.
        quota.give_back(current, not_taken)
    return len(verdicts) + len(returned) - written


def _named(tried: Tried) -> dict[str, Any]:
    return {"row_id": tried.row.id, "claimed_as": tried.row.lease_token}
