"""One step of 善后: on which rung of the ladder a change is tried, with which call, and what the answer makes of it."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa

from app.notices.aftercare.queue import ARRIVED
from app.notices.aftercare.undoing import CODE_LASTS, Rung, rung
from app.notices.models import Amendment, Outcome
from app.notices.sending.verdicts import Claimed, Tried
from app.wecom import card_updates
from app.wecom.errors import OutcomeUnknown, TryLater, WillNeverWork
from app.work.queues import Queue, Values

ON_ITS_WAY = (Outcome.PENDING, Outcome.SENDING)
OF_RUNG = {Rung.RECALL: Outcome.RECALLED, Rung.CHANGE: Outcome.UPDATED}
CODE_USED = 60140
QUEUE = Queue(
    cast(sa.Table, Amendment.__table__),
    waiting={"outcome": Outcome.PENDING},
    taken={"outcome": Outcome.SENDING},
)


@dataclass(frozen=True, slots=True)
class Step:
    """A claimed change and the rung it is tried on; `claimed.body` is what that call is given."""

    claimed: Claimed
    rung: Rung
    delivery_id: int | None
    uses_own_code: bool
    says: str


def rung_of(row: sa.Row[Any], now: datetime) -> Rung | None:
    """What to do; None: not yet, the message is still on its way."""
    if row.message_outcome in ON_ITS_WAY:
        return None
    if row.delivery_id is not None and (row.message_outcome not in ARRIVED or row.message_tried_at is None):
        return Rung.NOTHING
    return rung(
        withdraws=row.withdraws and row.message_msgid is not None,
        too_late=row.too_late,
        sent_at=row.message_tried_at or row.created_at,
        has_code=_code(row) is not None,
        code_since=row.created_at if row.response_code else row.message_tried_at,
        now=now,
    )


def _code(row: sa.Row[Any]) -> str | None:
    return cast(str | None, row.response_code or row.message_response_code)


def why_nothing(row: sa.Row[Any]) -> str:
    """Why there is nothing to be done about the message."""
    if row.message_outcome == Outcome.RECALLED:
        return "消息已撤回"
    if row.message_outcome not in ARRIVED:
        return "消息没有送达"
    return f"已过 {CODE_LASTS.total_seconds() / 3600:.0f} 小时，或卡片已改过，不能再改"


def step_of(row: sa.Row[Any], found: Rung, token: str) -> Step:
    """The claimed change as it is tried on this rung."""
    body = json.dumps({"msgid": row.message_msgid} if found is Rung.RECALL else _payload(row)).encode()
    return Step(
        Claimed(row.id, body, row.attempts + 1, row.doubtful_since, None, token),
        found,
        row.delivery_id,
        uses_own_code=found is Rung.CHANGE and row.response_code is None,
        says=row.grey or row.words,
    )


def _payload(row: sa.Row[Any]) -> dict[str, Any]:
    to = {"userid": row.userid, "response_code": _code(row)}
    if row.message_body is None:  # a press of a card that is not ours
        return card_updates.greyed(**to, text=row.grey)
    return card_updates.amended(row.message_body, **to, words=row.words, grey=row.grey, parts=row.card or {})


def judge(tried: Tried, on: Rung, *, now: datetime, wait: timedelta) -> Values:
    """The new values of a change that was tried on this rung; the doubt that it was handed over with is over."""
    row, answer = tried.row, tried.answer
    before = {"doubtful_since": row.doubtful_since}
    if tried.unsent:
        return QUEUE.again(now, reason="", errcode=None, attempts=row.tries - 1, **before)
    if isinstance(answer, WillNeverWork):
        return before | _refused(row, on, answer, now)
    if isinstance(answer, OutcomeUnknown | TryLater):
        doubt = row.doubtful_since or (tried.at if isinstance(answer, OutcomeUnknown) else None)
        return QUEUE.again(now + wait, reason=answer.text, errcode=answer.errcode, doubtful_since=doubt)
    return before | settled(OF_RUNG[on], now)


def _refused(row: Claimed, on: Rung, answer: WillNeverWork, now: datetime) -> dict[str, Any]:
    if on is Rung.RECALL:  # the next rung, at once
        return QUEUE.again(
            now, reason=answer.text, errcode=answer.errcode, too_late=True, doubtful_since=None
        )
    # Used up, perhaps by an earlier try of which no answer was read.
    in_doubt = answer.errcode == CODE_USED and row.doubtful_since is not None
    outcome = Outcome.UNKNOWN if in_doubt else Outcome.REFUSED
    return settled(outcome, now, reason=answer.text, errcode=answer.errcode)


def settled(
    outcome: Outcome, now: datetime, *, reason: str = "", errcode: int | None = None
) -> dict[str, Any]:
    """The values of a change that is done with."""
    return QUEUE.settled(outcome=outcome, settled_at=now, reason=reason, errcode=errcode)
