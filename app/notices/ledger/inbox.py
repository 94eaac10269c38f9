"""Reads of the ledger: what a person was told, what became of a notice."""

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from app import clock
from app.db import among, session, transaction
from app.locks import repeatable
from app.notices.about import MESSAGE
from app.notices.aftercare import queue as aftercare
from app.notices.models import Delivery, Outcome
from app.notices.wordings.kinds import GATHERING
from app.people.models import Person, Who

PAGE = 30
# What was withheld on purpose was not said, and a digest repeats messages that stand in the list themselves.
SAID = sa.and_(Delivery.outcome != Outcome.SUPPRESSED, Delivery.wording.not_in(GATHERING))
# Put together once: every page asks it once it is open.
_UNREAD = sa.select(sa.func.count()).where(
    MESSAGE.recipient_id == sa.bindparam("recipient_id"),
    MESSAGE.read_at.is_(None),
    MESSAGE.outcome != Outcome.SUPPRESSED,
    MESSAGE.wording.not_in(GATHERING),
)


@dataclass(frozen=True, slots=True)
class MessagesPage:
    """One page of a person's notices, newest first; `next_after` continues it."""

    messages: list[Delivery]
    next_after: int | None
    gone: Collection[int] = ()  # those whose work is gone: revoked, handed on, rolled back


def messages_page(person: Who, *, act: str = "", after: int | None = None, size: int = PAGE) -> MessagesPage:
    """What `person` was told, of one act or of all, also where WeCom did not deliver it."""
    query = sa.select(Delivery).where(Delivery.recipient_id == person.id, SAID, *_of(act))
    if after is not None:
        query = query.where(Delivery.id < after)
    found = list(session().execute(query.order_by(Delivery.id.desc()).limit(size + 1)).scalars())
    shown = [message.id for message in found[:size]]
    withdrawn = sa.select(MESSAGE.id).where(among(MESSAGE.id, shown), aftercare.withdrawn(MESSAGE.id))
    gone = set(session().execute(withdrawn).scalars())
    return MessagesPage(found[:size], shown[-1] if len(found) > size else None, gone)


def unread_count(person: Who) -> int:
    """How many notices the person has not seen in the app."""
    return session().execute(_UNREAD, {"recipient_id": person.id}).scalar_one()


def acts_told(person: Who) -> dict[str, int]:
    """Act → how many unread notices of it; every act the person was ever told of is in it."""
    unread = sa.func.sum(sa.case((Delivery.read_at.is_(None), 1), else_=0))
    query = sa.select(Delivery.act, unread).where(Delivery.recipient_id == person.id, SAID)
    return {act: int(count) for act, count in session().execute(query.group_by(Delivery.act))}


@repeatable
def mark_read(person: Who, *, up_to: int, act: str = "") -> None:
    """The person has looked at the list down from message `up_to`."""
    mine = (Delivery.recipient_id == person.id, Delivery.read_at.is_(None), Delivery.id <= up_to)
    with transaction() as current:
        current.execute(sa.update(Delivery).where(*mine, *_of(act)).values(read_at=clock.now()))


def out_of_reach(ids: Collection[int]) -> list[tuple[str, str]]:
    """(name, outcome) of those whom WeCom refused as members the last time they were written to (Q36)."""
    refusals = [Outcome.INVALID_ACCOUNT, Outcome.UNLICENSED]
    heard = [*refusals, Outcome.ACCEPTED, Outcome.UPDATED, Outcome.RECALLED]
    # The newest answer of each person by the index on (recipient, id), however many messages there were.
    last = (
        sa.select(Delivery.outcome)
        .where(Delivery.recipient_id == Person.id, Delivery.outcome.in_(heard))
        .order_by(Delivery.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = sa.select(Person.name, last.label("outcome")).where(among(Person.id, ids)).subquery()
    refused = sa.select(query).where(query.c.outcome.in_(refusals)).order_by(query.c.name)
    return [(name, outcome) for name, outcome in session().execute(refused)]


def _of(act: str) -> list[sa.ColumnElement[bool]]:
    return [Delivery.act == act] if act else []
