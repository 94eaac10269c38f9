"""Carries out 善后: takes messages back and changes cards, as a queue of its own beside that of the messages."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, Unpack, cast

import sqlalchemy as sa

from app import clock
from app.db import Session, transaction
from app.locks import one_at_a_time, repeatable
from app.notices import pacing
from app.notices.aftercare.queue import NEVER_SENT, unsent
from app.notices.aftercare.steps import OF_RUNG, QUEUE, Step, judge, rung_of, settled, step_of, why_nothing
from app.notices.aftercare.undoing import Rung
from app.notices.models import Amendment, Delivery, Outcome, Stoppage
from app.notices.sending import messages
from app.notices.sending.verdicts import Claimed, Receipt, Tried
from app.notices.sending.work import Catch, Judged, Manner, Written
from app.notices.sending.working_off import work_off
from app.wecom.client import Sent
from app.work.queues import Result, Values

BATCH = 50  # few, so that the answer to a press waits for no more than these
NOT_YET = timedelta(seconds=5)  # how long to wait for the outcome of a message that is on its way
NOT_SOON = timedelta(minutes=1)  # and of one that waits itself, as on a day that holds no more messages
CLAIM_LOCK = 0xCA4D
NOTHING_TO_ADD = Sent(msgid="", response_code="", invalid=frozenset(), unlicensed=frozenset())

table = cast(sa.Table, Amendment.__table__)
message = cast(sa.Table, Delivery.__table__)
_other = table.alias("other")


class Changing(Protocol):
    """Whoever recalls and changes messages; `app.wecom.client.WeCom` is one. Raises `WeComError`."""

    def recall(self, msgid: str) -> None:
        """Take a message back."""

    def update_card(self, payload: dict[str, Any]) -> None:
        """Change a sent card."""


@dataclass(frozen=True, slots=True)
class AsGateway:
    """Lets changes travel as messages do: a Gateway whose bodies are what the two calls are given."""

    wecom: Changing

    def send(self, body: bytes) -> Receipt:
        """Carry out one change."""
        payload = json.loads(body)
        if "msgid" in payload:
            self.wecom.recall(payload["msgid"])
        else:
            self.wecom.update_card(payload)
        return NOTHING_TO_ADD


def amend_due(wecom: Changing, **manner: Unpack[Manner]) -> int:
    """Carry out every change that is due; returns how many messages were recalled or changed. See `work_off`."""
    return work_off(Changes(), AsGateway(wecom), **manner).sent


@dataclass
class Changes:
    """The queue of changes; `steps` are those that were claimed and not yet recorded."""

    steps: dict[int, Step] = field(default_factory=dict)
    name = "amendment"
    queue = QUEUE
    most = BATCH
    look_again_seconds = 0.0  # whoever pressed a button looks at the card

    def may_go_ahead(self) -> bool:
        """A message that is in doubt goes first, or one more thing would come to be in doubt."""
        return not messages.any_in_doubt()

    def must_go_ahead(self) -> bool:
        """Never: it waits until it is due."""
        return False

    @repeatable
    def claim(self, most: int, *, lease: timedelta, token: str, probing: bool = False) -> Catch:
        """Take what is due, answers to presses first: somebody is looking at that card.

        With `probing` what is in doubt goes first, due or not, as among messages.
        """
        now = clock.now()
        with transaction() as current:
            # Or two senders would each take another change of the same card.
            one_at_a_time(current, CLAIM_LOCK)
            rows = _due_rows(current, most, _in_doubt(current, now)) if probing else []
            rows = rows or _due_rows(current, most, sa.and_(QUEUE.due(now), QUEUE.not_of(token)))
            rungs = [(row, rung_of(row, now)) for row in rows]
            not_yet = [row for row, rung in rungs if rung is None]
            pointless = [row for row, rung in rungs if rung is Rung.NOTHING]
            going = [step_of(row, rung, token) for row, rung in rungs if rung in OF_RUNG]
            later = [(row.id, now + _patience(row, now)) for row in not_yet]
            QUEUE.put_off(current, later, reason="", errcode=None)
            _keep_back(current, [row for row in not_yet if row.withdraws], now)
            for row in pointless:
                QUEUE.change(current, [row.id], settled(Outcome.SUPPRESSED, now, reason=why_nothing(row)))
            QUEUE.take(current, [step.claimed.id for step in going], token=token, until=now + lease)
        self.steps |= {step.claimed.id: step for step in going}
        return Catch([step.claimed for step in going], put_off=len(not_yet), given_up=len(pointless))

    def judge(self, tried: Tried, *, now: datetime, wait: timedelta) -> Values:
        """The new values of a change that was tried."""
        return judge(tried, self.steps[tried.row.id].rung, now=now, wait=wait)

    @repeatable
    def record(
        self,
        judged: Sequence[Judged],
        following: Sequence[Claimed] = (),
        *,
        lease: timedelta = timedelta(0),
        token: str = "",
    ) -> Written:
        """Write down what came of each, on its message too, and hand over what of `following` is still ours."""
        unwritten = 0
        with transaction() as current:
            self._hold(current, judged, following)
            for tried, values in judged:
                row = tried.row
                if QUEUE.record(current, [Result(row.id, row.lease_token, values)]):
                    _on_message(current, self.steps[row.id], values["outcome"])
                else:
                    unwritten += 1
            now = clock.now()
            ours = QUEUE.hand_over(
                current,
                [row.id for row in following],
                token=token,
                until=now + lease,
                doubtful_since=sa.func.coalesce(table.c.doubtful_since, now),
            )
        for tried, _ in judged:
            del self.steps[tried.row.id]
        return Written.of(following, ours=ours, unwritten=unwritten)

    def _hold(self, current: Session, judged: Sequence[Judged], following: Sequence[Claimed]) -> None:
        """The messages, then their changes, as everybody locks them."""
        steps = [self.steps[tried.row.id] for tried, _ in judged]
        messages.QUEUE.hold(current, [step.delivery_id for step in steps if step.delivery_id is not None])
        QUEUE.hold(current, [*(tried.row.id for tried, _ in judged), *(row.id for row in following)])


def _in_doubt(current: Session, now: datetime) -> sa.ColumnElement[bool]:
    """What may go ahead when the line is down, rather than bring one more into doubt."""
    stopped_at = current.execute(sa.select(sa.func.max(Stoppage.since))).scalar() or now
    return sa.and_(
        table.c.next_at.is_not(None),
        table.c.doubtful_since > stopped_at - pacing.SHOWS_WITHIN,
        sa.or_(table.c.outcome == Outcome.PENDING, table.c.next_at <= now),
    )


def _patience(row: sa.Row[Any], now: datetime) -> timedelta:
    """How long to wait for the message of a change; one that is to be taken back is never lost sight of."""
    waits = row.message_next_at is not None and row.message_next_at > now + NOT_SOON
    return NOT_SOON if waits and not row.withdraws else NOT_YET


def _keep_back(current: Session, rows: Sequence[sa.Row[Any]], now: datetime) -> None:
    """What came back to the queue unsent, after a sender had it in hand, is not sent after all.

    Messages are locked before their changes, and here it is too late for that: one that somebody else has is
    left to the next look.
    """
    withdrawn = {row.delivery_id: row for row in rows}
    if not withdrawn:
        return
    in_the_queue = sa.and_(
        message.c.id.in_(withdrawn),
        message.c.outcome == Outcome.PENDING,
        message.c.doubtful_since.is_(None),
    )
    kept = current.execute(messages.QUEUE.locked(sa.select(message.c.id).where(in_the_queue))).scalars().all()
    for message_id in kept:
        row = withdrawn[message_id]
        settles = messages.QUEUE.settled(outcome=Outcome.SUPPRESSED, reason=unsent(row.words), settled_at=now)
        messages.QUEUE.change(current, [message_id], settles)
        QUEUE.change(current, [row.id], settled(Outcome.SUPPRESSED, now, reason=NEVER_SENT))


def _due_rows(current: Session, most: int, which: sa.ColumnElement[bool]) -> Sequence[sa.Row[Any]]:
    """One change of a card at a time, or they would overtake each other: the others wait."""
    of_message = ("body", "msgid", "tried_at", "outcome", "response_code", "next_at")
    on_its_way = sa.exists().where(
        _other.c.delivery_id == table.c.delivery_id,
        _other.c.id != table.c.id,
        _other.c.outcome == Outcome.SENDING,
        _other.c.next_at > clock.now(),
    )
    query = (
        sa.select(*table.c, *(message.c[name].label(f"message_{name}") for name in of_message))
        .outerjoin_from(table, message, message.c.id == table.c.delivery_id)
        .where(which, ~on_its_way)
        .order_by(table.c.response_code.is_(None), table.c.next_at, table.c.id)
        .limit(most)
    )
    found: dict[object, sa.Row[Any]] = {}
    for row in current.execute(QUEUE.locked(query)):
        found.setdefault(row.delivery_id or row.response_code, row)
    return list(found.values())


def _on_message(current: Session, step: Step, outcome: Outcome) -> None:
    """A code that was used, or may have been, is not tried again."""
    changed: dict[str, Any] = {}
    if outcome in OF_RUNG.values():
        changed = {"outcome": outcome, "reason": step.says}
    if step.uses_own_code and outcome != Outcome.PENDING:
        changed["response_code"] = None
    if step.delivery_id is not None and changed:
        current.execute(sa.update(message).where(message.c.id == step.delivery_id).values(changed))
