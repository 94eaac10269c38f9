"""The queue of messages: which may go now, as pace, quota and doubt allow, and what an answer makes of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Unpack, cast

import sqlalchemy as sa

from app import clock
from app.db import Session, session, transaction
from app.locks import one_at_a_time, repeatable
from app.notices import pacing
from app.notices.models import Delivery, Outcome, Stoppage
from app.notices.sending import quota, turns
from app.notices.sending.verdicts import Claimed, Gateway, Tried, columns
from app.notices.sending.work import Catch, Judged, Manner, Report, Written
from app.notices.sending.working_off import work_off
from app.work.queues import Queue, Result, Values

BATCH = 200  # rows claimed at a time
LOOK_AGAIN_SECONDS = 0.5  # while slow calls are out, look for new messages this often
CLAIM_LOCK = 0x5E6D
TOO_MANY = "此人这一分钟或一小时里的消息已多，稍后发送"
UNKNOWN_REASON = "没有读到企业微信的应答，且已超过可安全重发的时间，请核对后补发"

table = cast(sa.Table, Delivery.__table__)
QUEUE = Queue(table, waiting={"outcome": Outcome.PENDING}, taken={"outcome": Outcome.SENDING})
_WANTED = [table.c[name] for name in ("id", "recipient_id", "body", "attempts", "tried_at", "doubtful_since")]


def deliver_due(gateway: Gateway, *, limit: int = BATCH, **manner: Unpack[Manner]) -> Report:
    """Send every message that is due, `limit` of them claimed at a time; see `work_off`."""
    return work_off(Messages(limit), gateway, **manner)


@dataclass
class Messages:
    """The queue of messages: what is due, and what an answer makes of it."""

    most: int = BATCH
    name = "delivery"
    queue = QUEUE
    look_again_seconds = LOOK_AGAIN_SECONDS

    @cached_property
    def most_today(self) -> int:
        """How many the day holds."""
        return quota.most(session())

    def may_go_ahead(self) -> bool:
        """Always: a message shows best whether WeCom answers again."""
        return True

    def must_go_ahead(self) -> bool:
        """Whether one may have arrived."""
        return any_in_doubt()

    @repeatable
    def claim(self, most: int, *, lease: timedelta, token: str, probing: bool = False) -> Catch:
        """Take up to `most` due rows for the length of `lease`, as pacing and the day's quota allow.

        A row whose sender vanished is among them once its lease has ended. If it
        had been handed over it may have been sent: it is repeated only while WeCom
        recognises repeats. With `probing` what is in doubt goes first, due or not:
        while the line is down no second message shall come to be in doubt.
        """
        most_today = self.most_today
        with transaction() as current:
            # Or two senders would each grant a member the same share of the minute.
            one_at_a_time(current, CLAIM_LOCK)
            now = clock.now()
            doubtful = _rows_in_doubt(current, now) if probing else []
            rows = doubtful or _due_rows(current, now, most, token)
            hopeless = [row.id for row in rows if not pacing.may_repeat(row.doubtful_since, now=now)]
            hopeful = [row for row in rows if row.id not in set(hopeless)]
            _give_up(current, hopeless, now)
            if doubtful:
                going = _first_that_may_go(current, hopeful, now, most, most_today)
                put_off = 0
            else:
                going = _within_the_day(current, _in_turn(current, hopeful, now), most_today)
                put_off = len(hopeful) - len(going)
            QUEUE.take(current, [row.id for row in going], token=token, until=now + lease, tried_at=now)
        claimed = [_claimed(row, token) for row in going]
        return Catch(claimed, put_off=put_off, given_up=len(hopeless))

    def judge(self, tried: Tried, *, now: datetime, wait: timedelta) -> Values:
        """The new values of a message that was tried; one that was not sent after all is as it was before."""
        if not tried.unsent:
            return {**columns(tried, now=now, wait=wait), "lease_token": None}
        row = tried.row
        return QUEUE.again(
            now,
            attempts=row.tries - 1,
            tried_at=row.tried_before_at,
            doubtful_since=row.doubtful_since,
        )

    @repeatable
    def record(
        self,
        judged: Sequence[Judged],
        following: Sequence[Claimed] = (),
        *,
        lease: timedelta = timedelta(0),
        token: str = "",
    ) -> Written:
        """Write down verdicts, give back what was not sent, and hand over what of `following` is still ours.

        What is handed over is in doubt from now on, until its verdict is written:
        should this process end, only these few may have been sent. Its lease begins anew.
        """
        results = [Result(tried.row.id, tried.row.lease_token, values) for tried, values in judged]
        # WeCom counts what it took: a plain refusal is not among it, an answer nobody read may be.
        not_taken = sum(tried.unsent or values["errcode"] is not None for tried, values in judged)
        with transaction() as current:
            QUEUE.hold(current, [*(result.id for result in results), *(row.id for row in following)])
            written = QUEUE.record(current, results)
            now = clock.now()
            ours = QUEUE.hand_over(
                current,
                [row.id for row in following],
                token=token,
                until=now + lease,
                tried_at=now,
                doubtful_since=sa.func.coalesce(table.c.doubtful_since, now),
            )
            # Last, as in claim(): rows first, then the day, or two senders would wait for each other.
            quota.give_back(current, not_taken)
        return Written.of(following, ours=ours, unwritten=len(results) - written)


def any_in_doubt() -> bool:
    """Whether a message that may have arrived waits to be tried again."""
    waits = sa.exists().where(table.c.next_at.is_not(None), table.c.doubtful_since.is_not(None))
    found = session().execute(sa.select(waits)).scalar_one()
    session().rollback()
    return found


def _due_rows(current: Session, now: datetime, limit: int, token: str) -> Sequence[sa.Row[Any]]:
    """Oldest first, which is also the index's own order."""
    due = sa.select(*_WANTED).where(QUEUE.due(now), QUEUE.not_of(token))
    return current.execute(QUEUE.locked(due.order_by(table.c.next_at, table.c.id).limit(limit))).all()


def _rows_in_doubt(current: Session, now: datetime) -> Sequence[sa.Row[Any]]:
    """What may go ahead, the one tried longest ago first, so that one that WeCom chokes on is not alone with it.

    That includes what was in doubt before this stoppage, but only once.
    """
    since = sa.select(sa.func.max(Stoppage.since)).scalar_subquery()
    stopped_at = current.execute(sa.select(since)).scalar() or now
    idle = sa.or_(table.c.outcome == Outcome.PENDING, table.c.next_at <= now)
    of_this_outage = table.c.doubtful_since > stopped_at - pacing.SHOWS_WITHIN
    in_doubt = (
        sa.select(*_WANTED)
        .where(table.c.next_at.is_not(None), table.c.doubtful_since.is_not(None), idle)
        .where(sa.or_(of_this_outage, table.c.tried_at < stopped_at))
    )
    return current.execute(QUEUE.locked(in_doubt.order_by(table.c.tried_at, table.c.id))).all()


def _give_up(current: Session, ids: Sequence[int], now: datetime) -> None:
    values = QUEUE.settled(outcome=Outcome.UNKNOWN, reason=UNKNOWN_REASON, settled_at=now)
    QUEUE.change(current, ids, values)


def _in_turn(current: Session, rows: Sequence[sa.Row[Any]], now: datetime) -> list[sa.Row[Any]]:
    """Those whose turn it is; the others wait for theirs."""
    planned = turns.planned(current, rows, now)
    later = [(row.id, slot) for row, slot in planned if slot > now]
    QUEUE.put_off(current, later, reason=TOO_MANY)
    return [row for row, slot in planned if slot <= now]


def _within_the_day(current: Session, ready: Sequence[sa.Row[Any]], most: int) -> Sequence[sa.Row[Any]]:
    """As many as today's quota holds, counted as sent; the others go on tomorrow."""
    left = quota.take(current, len(ready), most=most) if ready else 0
    going, rest = ready[:left], ready[left:]
    if rest:
        tomorrow = quota.tomorrow()
        QUEUE.put_off(current, [(row.id, tomorrow) for row in rest], reason=quota.USED_UP.format(most=most))
    return going


def _first_that_may_go(
    current: Session, rows: Sequence[sa.Row[Any]], now: datetime, most: int, most_today: int
) -> Sequence[sa.Row[Any]]:
    """Of what is in doubt, what goes ahead; the others are not put off, for the next probe looks at them again."""
    ready = [row for row, slot in turns.planned(current, rows, now) if slot <= now][:most]
    return ready[: quota.take(current, len(ready), most=most_today)] if ready else []


def _claimed(row: sa.Row[Any], token: str) -> Claimed:
    return Claimed(row.id, row.body, row.attempts + 1, row.doubtful_since, row.tried_at, token)
