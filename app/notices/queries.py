"""Reads of the ledger: what a person was told, what became of a notice."""

from dataclasses import dataclass

import sqlalchemy as sa

from app import clock
from app.db import session, transaction
from app.notices.models import Delivery
from app.people.models import Person

PAGE = 30


@dataclass(frozen=True, slots=True)
class MessagesPage:
    """One page of a person's notices, newest first; `next_after` continues it."""

    messages: list[Delivery]
    next_after: int | None


def messages_page(person: Person, *, after: int | None = None, size: int = PAGE) -> MessagesPage:
    """What `person` was told, also where WeCom did not deliver it."""
    query = sa.select(Delivery).where(Delivery.recipient_id == person.id)
    if after is not None:
        query = query.where(Delivery.id < after)
    found = list(session().execute(query.order_by(Delivery.id.desc()).limit(size + 1)).scalars())
    return MessagesPage(found[:size], found[size - 1].id if len(found) > size else None)


def unread_count(person: Person) -> int:
    """How many notices the person has not seen in the app."""
    query = sa.select(sa.func.count()).where(Delivery.recipient_id == person.id, Delivery.read_at.is_(None))
    return session().execute(query).scalar_one()


def mark_read(person: Person, *, up_to: int) -> None:
    """The person has looked at the list down from message `up_to`."""
    with transaction() as current:
        current.execute(
            sa.update(Delivery)
            .where(Delivery.recipient_id == person.id, Delivery.read_at.is_(None), Delivery.id <= up_to)
            .values(read_at=clock.now())
        )
