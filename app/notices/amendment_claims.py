"""The sender's hold on amendments, and which rung of the ladder each one is tried on."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa

from app import clock
from app.db import Session, changed_rows, session, transaction
from app.locks import repeatable
from app.notices import astray, pacing
from app.notices.amendments import ARRIVED, NEVER_SENT, unsent
from app.notices.claims import Look, new_token
from app.notices.ladder import CODE_LASTS, Rung, rung
from app.notices.models import Amendment, Delivery, Outcome, QueuePause
from app.notices.verdicts import Claimed
from app.wecom import card_updates

BATCH = 50  # few, so that the answer to a press waits for no more than these
NOT_YET = timedelta(seconds=5)  # how long to wait for the outcome of a message that is on its way
ON_ITS_WAY = (Outcome.PENDING, Outcome.SENDING)
OF_RUNG = {Rung.RECALL: Outcome.RECALLED, Rung.CHANGE: Outcome.UPDATED}

table = cast(sa.Table, Amendment.__table__)
message = cast(sa.Table, Delivery.__table__)
_other = table.alias("other")


@dataclass(frozen=True, slots=True)
class Step:
    """A claimed amendment and the rung it is tried on; `claimed.body` is what that call is given."""

    claimed: Claimed
    rung: Rung
    delivery_id: int | None
    uses_own_code: bool
    says: str


def look(*, lease: timedelta) -> Look:
    """Whether there is anything to do now: one indexed statement, all that an idle run needs."""
    now = clock.now()
    query = sa.select(
        sa.exists().where(_due(now)),
        sa.select(sa.func.max(QueuePause.until)).scalar_subquery(),
        sa.exists().where(astray.waiting(Amendment, lease=lease, now=now)),
    )
    found = Look(*session().execute(query).one())
    session().rollback()
    return found


def _due(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.next_at.is_not(None), table.c.next_at <= now)


@repeatable
def claim(
    *, lease: timedelta, most: int = BATCH, token: str | None = None, probing: bool = False
) -> list[Step]:
    """Take what is due, answers to presses first: somebody is looking at that card.

    With `probing` what is in doubt goes first, due or not, as among messages.
    """
    now, token = clock.now(), token or new_token()
    with transaction() as current:
        # What this run holds itself it goes on with, however long it was stopped in between.
        not_mine = sa.or_(table.c.lease_token.is_(None), table.c.lease_token != token)
        due = _due_rows(current, most, _in_doubt(current, now)) if probing else []
        due = due or _due_rows(current, most, sa.and_(_due(now), not_mine))
        rungs = [(row, _rung_of(row, now)) for row in due]
        going = [(row, found) for row, found in rungs if found is not None and found in OF_RUNG]
        not_yet = [row for row, found in rungs if found is None]
        _set(current, [row.id for row in not_yet], **put_off(now + NOT_YET))
        _keep_back(current, [row for row in not_yet if row.withdraws], now)
        for row, found in rungs:
            if found is Rung.NOTHING:
                _set(current, [row.id], **settled(Outcome.SUPPRESSED, now, reason=_why_nothing(row)))
        taken = {"outcome": Outcome.SENDING, "lease_token": token, "next_at": now + lease}
        _set(current, [row.id for row, _ in going], **taken)
    return [_step(row, found, token) for row, found in going]


def _in_doubt(current: Session, now: datetime) -> sa.ColumnElement[bool]:
    """What may go ahead when the line is down, rather than bring one more into doubt."""
    paused_at = current.execute(sa.select(sa.func.max(QueuePause.since))).scalar() or now
    return sa.and_(
        table.c.next_at.is_not(None),
        table.c.doubtful_since > paused_at - pacing.SHOWS_WITHIN,
        sa.or_(table.c.outcome == Outcome.PENDING, table.c.next_at <= now),
    )


def _keep_back(current: Session, rows: Sequence[sa.Row[Any]], now: datetime) -> None:
    """What came back to the queue unsent, after a sender had it in hand, is not sent after all."""
    for row in rows:
        in_the_queue = sa.and_(
            message.c.id == row.delivery_id,
            message.c.outcome == Outcome.PENDING,
            message.c.doubtful_since.is_(None),
        )
        values = {
            "outcome": Outcome.SUPPRESSED,
            "reason": unsent(row.words),
            "next_at": None,
            "settled_at": now,
        }
        if changed_rows(current.execute(sa.update(message).where(in_the_queue).values(values))):
            _set(current, [row.id], **settled(Outcome.SUPPRESSED, now, reason=NEVER_SENT))


def _due_rows(current: Session, most: int, which: sa.ColumnElement[bool]) -> Sequence[sa.Row[Any]]:
    """One change of a card at a time, or they would overtake each other: the others wait."""
    of_message = ("body", "msgid", "tried_at", "outcome", "response_code")
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
        .with_for_update(skip_locked=True, of=table)
    )
    found: dict[object, sa.Row[Any]] = {}
    for row in current.execute(query):
        found.setdefault(row.delivery_id or row.response_code, row)
    return list(found.values())


def _rung_of(row: sa.Row[Any], now: datetime) -> Rung | None:
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


def _why_nothing(row: sa.Row[Any]) -> str:
    if row.message_outcome == Outcome.RECALLED:
        return "消息已撤回"
    if row.message_outcome not in ARRIVED:
        return "消息没有送达"
    return f"已过 {CODE_LASTS.total_seconds() / 3600:.0f} 小时，或卡片已改过，不能再改"


def _step(row: sa.Row[Any], found: Rung, token: str) -> Step:
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


def _set(current: Session, ids: list[int], **values: Any) -> None:
    if ids:
        current.execute(sa.update(table).where(table.c.id.in_(ids)).values(values))


def put_off(until: datetime, *, reason: str = "", errcode: int | None = None) -> dict[str, Any]:
    """The values of an amendment that is looked at again."""
    return {
        "outcome": Outcome.PENDING,
        "next_at": until,
        "lease_token": None,
        "reason": reason,
        "errcode": errcode,
    }


def settled(
    outcome: Outcome, now: datetime, *, reason: str = "", errcode: int | None = None
) -> dict[str, Any]:
    """The values of an amendment that is done with."""
    return put_off(now, reason=reason, errcode=errcode) | {
        "outcome": outcome,
        "next_at": None,
        "settled_at": now,
    }


@repeatable
def record(
    verdicts: Sequence[tuple[Step, dict[str, Any]]],
    following: Sequence[Claimed] = (),
    *,
    lease: timedelta = timedelta(0),
    token: str = "",
) -> tuple[int, list[Claimed]]:
    """Write down what came of each, on its message too, and hand over what `following` is still ours.

    Returns how many were carried out, and what may be tried now: it is in doubt until its verdict is written.
    """
    done = 0
    with transaction() as current:
        # In the order of ids, so that two senders cannot wait for each other in a circle.
        for step, values in sorted(verdicts, key=lambda pair: pair[0].claimed.id):
            mine = sa.and_(table.c.id == step.claimed.id, table.c.lease_token == step.claimed.lease_token)
            if changed_rows(current.execute(sa.update(table).where(mine).values(values))):
                done += _on_message(current, step, values["outcome"])
        ours = _hand_over(current, [row.id for row in following], lease, token) if following else set()
    return done, [row for row in following if row.id in ours]


def _hand_over(current: Session, ids: list[int], lease: timedelta, token: str) -> set[int]:
    now = clock.now()
    update = sa.update(table).where(table.c.id.in_(ids), table.c.lease_token == token)
    values = {
        "attempts": table.c.attempts + 1,
        "doubtful_since": sa.func.coalesce(table.c.doubtful_since, now),
        "next_at": now + lease,
    }
    return set(current.execute(update.values(values).returning(table.c.id)).scalars())


def _on_message(current: Session, step: Step, outcome: Outcome) -> bool:
    """A code that was used, or may have been, is not tried again."""
    happened = outcome in OF_RUNG.values()
    changed: dict[str, Any] = {"outcome": outcome, "reason": step.says} if happened else {}
    if step.uses_own_code and outcome != Outcome.PENDING:
        changed["response_code"] = None
    if step.delivery_id is not None and changed:
        current.execute(sa.update(message).where(message.c.id == step.delivery_id).values(changed))
    return happened
