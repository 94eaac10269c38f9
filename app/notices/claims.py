"""The sender's hold on rows: take them for a while, record what came of them, or give them back.

Every statement that changes a claimed row names its lease token, so a sender that lost its
lease cannot overwrite what its successor recorded.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa

from app import clock
from app.db import Session, changed_rows, session, transaction
from app.locks import repeatable
from app.notices import astray, pacing, quota, turns
from app.notices.models import Delivery, Outcome, QueuePause
from app.notices.verdicts import Claimed, Tried

CLAIM_LOCK = 0x5E6D  # PostgreSQL's advisory lock for claiming; any number nobody else uses
TOO_MANY = "此人这一分钟或一小时里的消息已多，稍后发送"
UNKNOWN_REASON = "没有读到企业微信的应答，且已超过可安全重发的时间，请核对后补发"

table = cast(sa.Table, Delivery.__table__)


def _one_of(name: str) -> Any:
    """A list handed over at execution: a plain in_() would check every element while building the statement."""
    return sa.bindparam(name, expanding=True)


def new_token() -> str:
    """The name of one run of a sender, as its rows bear it."""
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class Look:
    """The queue at a glance."""

    due: bool
    held_until: datetime | None  # None: not held
    astray: bool = False  # something waits for a moment that a clock ran ahead to set


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


def look(*, lease: timedelta) -> Look:
    """One indexed statement, all that an idle sender does."""
    now = clock.now()
    query = sa.select(
        sa.exists().where(due(now)),
        sa.select(sa.func.max(QueuePause.until)).scalar_subquery(),
        sa.exists().where(astray.waiting(Delivery, lease=lease, now=now)),
    )
    found = Look(*session().execute(query).one())
    session().rollback()
    return found


def any_in_doubt() -> bool:
    """Whether a message that may have arrived waits to be tried again."""
    waits = sa.exists().where(table.c.next_at.is_not(None), table.c.doubtful_since.is_not(None))
    found = session().execute(sa.select(waits)).scalar_one()
    session().rollback()
    return found


@repeatable
def claim(
    limit: int, *, lease: timedelta, day_holds: int, token: str | None = None, probing: bool = False
) -> Catch:
    """Take up to `limit` due rows for the length of `lease`, as pacing and the day's quota allow.

    A row whose sender vanished is among them once its lease has ended. If it
    had been handed over it may have been sent: it is repeated only while WeCom
    recognises repeats. With `probing` what is in doubt goes first, due or not:
    while the line is down no second message shall come to be in doubt.
    """
    token = token or new_token()
    with transaction() as current:
        if current.get_bind().dialect.name == "postgresql":
            # One claim at a time, or two senders would each grant a member the same share of the minute.
            current.execute(sa.select(sa.func.pg_advisory_xact_lock(CLAIM_LOCK)))
        now = clock.now()
        rows = _rows_in_doubt(current, now) if probing else []
        rows = rows or _due_rows(current, now, limit, token)
        hopeless = [row.id for row in rows if not pacing.may_repeat(row.doubtful_since, now=now)]
        hopeful = [row for row in rows if row.id not in set(hopeless)][:limit]
        planned = turns.planned(current, hopeful, now)
        _give_up(current, hopeless, now)
        _put_off(current, [(row, slot) for row, slot in planned if slot > now], TOO_MANY)
        going = _within_the_day(current, [row for row, slot in planned if slot <= now], day_holds)
        _lease(current, [row.id for row in going], now, lease, token)
    claimed = [
        Claimed(row.id, row.body, row.attempts + 1, row.doubtful_since, row.tried_at, token) for row in going
    ]
    return Catch(claimed, put_off=len(hopeful) - len(going), given_up=len(hopeless))


_WANTED = [table.c[name] for name in ("id", "recipient_id", "body", "attempts", "tried_at", "doubtful_since")]


def _due_rows(current: Session, now: datetime, limit: int, token: str) -> Sequence[sa.Row[Any]]:
    """Oldest first, which is also the index's own order; rows another transaction holds are left out.

    What this run holds itself it goes on with, however long it was stopped in between.
    """
    not_mine = sa.or_(table.c.lease_token.is_(None), table.c.lease_token != token)
    query = (
        sa.select(*_WANTED)
        .where(due(now), not_mine)
        .order_by(table.c.next_at, table.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return current.execute(query).all()


def _rows_in_doubt(current: Session, now: datetime) -> Sequence[sa.Row[Any]]:
    """What may go ahead, the one tried longest ago first, so that one that WeCom chokes on is not alone with it.

    That includes what was in doubt before this pause, but only once.
    """
    since = sa.select(sa.func.max(QueuePause.since)).scalar_subquery()
    paused_at = current.execute(sa.select(since)).scalar() or now
    idle = sa.or_(table.c.outcome == Outcome.PENDING, table.c.next_at <= now)
    of_this_outage = table.c.doubtful_since > paused_at - pacing.SHOWS_WITHIN
    query = (
        sa.select(*_WANTED)
        .where(table.c.next_at.is_not(None), table.c.doubtful_since.is_not(None), idle)
        .where(sa.or_(of_this_outage, table.c.tried_at < paused_at))
        .order_by(table.c.tried_at, table.c.id)
        .with_for_update(skip_locked=True)
    )
    return current.execute(query).all()


def _within_the_day(current: Session, ready: Sequence[sa.Row[Any]], most: int) -> Sequence[sa.Row[Any]]:
    """As many as today's quota holds, counted as sent; the others go on tomorrow."""
    left = quota.take(current, len(ready), most=most) if ready else 0
    going, rest = ready[:left], ready[left:]
    if rest:
        _put_off(current, [(row, quota.tomorrow()) for row in rest], quota.USED_UP.format(most=most))
    return going


def _lease(current: Session, ids: list[int], now: datetime, lease: timedelta, token: str) -> None:
    if ids:
        values = {"outcome": Outcome.SENDING, "lease_token": token, "next_at": now + lease, "tried_at": now}
        current.execute(sa.update(table).where(table.c.id.in_(_one_of("ids"))).values(values), {"ids": ids})


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
            ),
            {"ids": ids},
        )


@dataclass(frozen=True, slots=True)
class Written:
    """What `record` did: the rows that may be sent now, and how many another sender took over."""

    handed_over: list[Claimed]
    lost: int


@repeatable
def record(
    judged: Sequence[tuple[Tried, dict[str, Any]]],
    released: Sequence[Tried],
    following: Sequence[Claimed] = (),
    *,
    lease: timedelta = timedelta(0),
    token: str = "",
) -> Written:
    """Write down verdicts, give back what was not sent, and hand over what `following` is still ours.

    What is handed over is in doubt from now on, until its verdict is written:
    should this process end, only these few may have been sent. Its lease begins anew.
    """
    # In the order of ids, as everybody locks messages.
    verdicts = [_named(tried) | values for tried, values in sorted(judged, key=lambda one: one[0].row.id)]
    returned = [
        _named(tried) | _as_before(tried.row) for tried in sorted(released, key=lambda one: one.row.id)
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
            names = returned[0].keys() - {"row_id", "claimed_as"}
            values: dict[str, Any] = {name: sa.bindparam(name) for name in names}
            values |= {"outcome": Outcome.PENDING, "next_at": clock.now(), "lease_token": None}
            written += changed_rows(current.execute(sa.update(table).where(mine).values(values), returned))
        ours = _hand_over(current, [row.id for row in following], lease, token) if following else set()
        # Last, as in claim(): rows first, then the day, or two senders would wait for each other.
        quota.give_back(current, not_taken)
    lost = len(verdicts) + len(returned) - written + len(following) - len(ours)
    return Written([row for row in following if row.id in ours], lost)


def _hand_over(current: Session, ids: list[int], lease: timedelta, token: str) -> set[int]:
    now = clock.now()
    update = (
        sa.update(table)
        .where(table.c.id.in_(_one_of("ids")), table.c.lease_token == token)
        .values(
            attempts=table.c.attempts + 1,
            doubtful_since=sa.func.coalesce(table.c.doubtful_since, now),
            tried_at=now,
            next_at=now + lease,
        )
        .returning(table.c.id)
    )
    return set(current.execute(update, {"ids": ids}).scalars())


def _as_before(row: Claimed) -> dict[str, Any]:
    return {
        "attempts": row.tries - 1,
        "tried_at": row.tried_before_at,
        "doubtful_since": row.doubtful_since,
    }


def _named(tried: Tried) -> dict[str, Any]:
    return {"row_id": tried.row.id, "claimed_as": tried.row.lease_token}
