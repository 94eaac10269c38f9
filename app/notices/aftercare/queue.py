"""善后: queues what is to happen to messages that people hold, in the commit of the change."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import sqlalchemy as sa

from app import clock
from app.db import Session, among, insert_once
from app.locks import held, hold
from app.notices.aftercare.undoing import CODE_LASTS
from app.notices.models import NOT_ARRIVED, Amendment, Delivery, Outcome
from app.people.models import Person

Which = sa.ColumnElement[bool]
"""The messages that are meant: a condition on Delivery."""

NEVER_SENT, NOT_THERE = "尚未发送", "没有送达，不用收回"
PRESSED = "接收人按了卡片上的按钮"
LONGEST_WORDS, LONGEST_GREY = 300, 20
PLAIN: dict[str, Any] = {
    "withdraws": False,
    "too_late": False,
    "outcome": Outcome.PENDING,
    "reason": "",
    "attempts": 0,
}
ARRIVED = (Outcome.ACCEPTED, Outcome.UPDATED)
_delivery = cast(sa.Table, Delivery.__table__).c
_amendment = cast(sa.Table, Amendment.__table__).c


@dataclass(frozen=True, slots=True)
class Press:
    """A press of a card's button, as WeCom reports it; `once` is the same for repeats of the report."""

    userid: str
    uid: str
    key: str
    chosen: str
    response_code: str
    once: str


def withdraw(session: Session, which: Which, *, words: str, grey: str) -> None:
    """The work of these messages is gone: what waits is not sent, what was sent is recalled.

    Where it is too late to recall, the card says `words` and shows `grey` in
    the place of its buttons. A message is withdrawn once, for the first reason.
    """
    hold(session, Delivery, which)  # or somebody sends one of them again meanwhile (补发)
    says = {"withdraws": True, "words": words, "grey": grey}
    doubtful = _delivery.doubtful_since.is_not(None)
    waits = sa.and_(which, _delivery.outcome == Outcome.PENDING, ~doubtful)
    if never_sent := _suppress(session, waits, reason=unsent(words)):
        settled = {"outcome": Outcome.SUPPRESSED, "reason": NEVER_SENT, "settled_at": clock.now()}
        _queue(session, among(_delivery.id, never_sent), **says, **settled)
    _forget_older(session, which)
    # One that is on its way, or may have arrived, is dealt with as soon as its outcome is known. Still waiting is
    # only what is in doubt, or what a sender gave back a moment ago.
    on_its_way = _delivery.outcome.in_((Outcome.SENDING, Outcome.PENDING))
    fresh = ~withdrawn(_delivery.id)
    arrived = sa.and_(_delivery.outcome.in_(ARRIVED), _delivery.msgid.is_not(None))
    theirs = sa.and_(which, sa.or_(arrived, on_its_way), fresh)
    _queue(session, theirs, **says, next_at=clock.now())
    # Nothing to take back, but nobody shall send it again either (补发).
    lost = sa.and_(which, _delivery.outcome.in_(NOT_ARRIVED), fresh)
    settled = {"outcome": Outcome.SUPPRESSED, "reason": NOT_THERE, "settled_at": clock.now()}
    _queue(session, lost, **says, **settled)


def withdrawn(message_id: Any) -> sa.ColumnElement[bool]:
    """Whether the work of this message is gone."""
    return sa.exists().where(_amendment.delivery_id == message_id, _amendment.withdraws)


def show(session: Session, which: Which, *, words: str, grey: str) -> None:
    """The work of these messages changed elsewhere: their cards say so, and have nothing left to press.

    Those of messages that have not arrived yet as soon as they have.
    """
    which = sa.and_(which, sa.or_(changeable(), _goes_out()))
    hold(session, Delivery, which)
    _forget_older(session, which)
    _queue(session, which, words=words, grey=grey, next_at=clock.now())


def cards_of(session: Session, which: Which) -> dict[tuple[int, int], list[int]]:
    """Messages whose card may still be changed, by the row that each is about and its recipient; a plain read."""
    query = sa.select(_delivery.about_id, _delivery.recipient_id, _delivery.id)
    found: dict[tuple[int, int], list[int]] = {}
    for row_id, recipient_id, message_id in session.execute(query.where(which, changeable())):
        found.setdefault((row_id, recipient_id), []).append(message_id)
    return found


def changeable() -> Which:
    """Messages that arrived and whose own code is neither used nor too old."""
    return sa.and_(
        _delivery.outcome.in_(ARRIVED),
        _delivery.response_code.is_not(None),
        _delivery.tried_at > clock.now() - CODE_LASTS,
    )


def _goes_out() -> Which:
    """Messages that a sender has or will take; what is held for the night is put together anew before it goes."""
    queued = sa.and_(_delivery.outcome == Outcome.PENDING, _delivery.next_at.is_not(None))
    return sa.or_(_delivery.outcome == Outcome.SENDING, queued)


def answer(
    session: Session,
    press: Press,
    message: Delivery | None,
    *,
    words: str,
    grey: str = "",
    card: Mapping[str, Any] | None = None,
) -> None:
    """The pressed card says `words`; `grey` ends it, `card` are further parts of it. A repeat changes nothing."""
    if not press.response_code:
        return  # nothing to answer with
    answered = sa.exists().where(_amendment.response_code == press.response_code)
    if session.execute(sa.select(answered)).scalar():
        return
    if message is not None:
        _forget_older(session, _delivery.id == message.id)
        if message.outcome == Outcome.UNKNOWN:  # no more: who presses a card has it
            message.outcome, message.reason = Outcome.ACCEPTED, PRESSED
    values = {
        "delivery_id": message.id if message else None,
        "userid": press.userid,
        "words": words[:LONGEST_WORDS],
        "grey": grey[:LONGEST_GREY],
        "card": card,
        "response_code": press.response_code,
        "created_at": clock.now(),
        "next_at": clock.now(),
    }
    insert_once(session, Amendment, values)


def message_of(session: Session, uid: str) -> Delivery | None:
    """The message whose card has this number, locked."""
    found = held(session, Delivery, Delivery.uid == uid)
    return found[0] if found else None


def unsent(words: str) -> str:
    """Why a message that was withdrawn in time did not go out."""
    return words.removesuffix("。") + "，未发送"


def _suppress(session: Session, which: Which, *, reason: str) -> list[int]:
    """These will not be sent; their ids. What a sender took meanwhile is left to it."""
    values = {"outcome": Outcome.SUPPRESSED, "reason": reason, "next_at": None, "settled_at": clock.now()}
    update = sa.update(Delivery).where(which).values(values).returning(_delivery.id)
    return list(session.execute(update.execution_options(synchronize_session=False)).scalars())


def _forget_older(session: Session, which: Which) -> None:
    """A card shows the newest state; what waits to show an older one would put it back."""
    session.execute(
        sa.update(Amendment)
        .where(
            Amendment.outcome == Outcome.PENDING,
            Amendment.next_at.is_not(None),
            ~Amendment.withdraws,
            Amendment.delivery_id.in_(sa.select(_delivery.id).where(which)),
        )
        .values(outcome=Outcome.SUPPRESSED, reason="之后又有变化", next_at=None, settled_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def _queue(session: Session, which: Which, **values: Any) -> None:
    """One statement, however many people hold such a message."""
    values = PLAIN | {"created_at": clock.now()} | values
    values |= {"words": values["words"][:LONGEST_WORDS], "grey": values["grey"][:LONGEST_GREY]}
    literals = [sa.literal(value, _amendment[name].type) for name, value in values.items()]
    held = sa.select(_delivery.id, Person.userid, *literals).join(Person, Person.id == _delivery.recipient_id)
    names = ["delivery_id", "userid", *values]
    session.execute(sa.insert(Amendment).from_select(names, held.where(which).order_by(_delivery.id)))
