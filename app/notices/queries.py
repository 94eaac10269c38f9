"""Reads of the ledger: what a person was told, what became of a notice."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from app import clock
from app.db import session, transaction
from app.notices.ledger import ROW, Scopes
from app.notices.models import Delivery, Outcome
from app.people.models import Person

PAGE = 30
# What was withheld on purpose was not said, and a digest repeats messages that stand in the list themselves.
SAID = sa.and_(Delivery.outcome != Outcome.SUPPRESSED, Delivery.wording != "digest.everyone")


@dataclass(frozen=True, slots=True)
class MessagesPage:
    """One page of a person's notices, newest first; `next_after` continues it."""

    messages: list[Delivery]
    next_after: int | None


def messages_page(person: Person, *, after: int | None = None, size: int = PAGE) -> MessagesPage:
    """What `person` was told, also where WeCom did not deliver it."""
    query = sa.select(Delivery).where(Delivery.recipient_id == person.id, SAID)
    if after is not None:
        query = query.where(Delivery.id < after)
    found = list(session().execute(query.order_by(Delivery.id.desc()).limit(size + 1)).scalars())
    return MessagesPage(found[:size], found[size - 1].id if len(found) > size else None)


def unread_count(person: Person) -> int:
    """How many notices the person has not seen in the app."""
    unread = (Delivery.recipient_id == person.id, Delivery.read_at.is_(None), SAID)
    query = sa.select(sa.func.count()).where(*unread)
    return session().execute(query).scalar_one()


def mark_read(person: Person, *, up_to: int) -> None:
    """The person has looked at the list down from message `up_to`."""
    with transaction() as current:
        current.execute(
            sa.update(Delivery)
            .where(Delivery.recipient_id == person.id, Delivery.read_at.is_(None), Delivery.id <= up_to)
            .values(read_at=clock.now())
        )


def last_told(scopes: Scopes, act: str, *, since: datetime) -> dict[int, datetime]:
    """Person → when they were last told of this act since then; what was withheld does not count."""
    heard = (ROW.wording.like(f"{act}.%"), ROW.created_at > since, ROW.outcome != Outcome.SUPPRESSED)
    parts = [sa.select(ROW.recipient_id, ROW.created_at).where(scope, *heard) for scope in scopes]
    every = sa.union_all(*parts).subquery()
    latest = sa.select(every.c.recipient_id, sa.func.max(every.c.created_at)).group_by(every.c.recipient_id)
    return dict(session().execute(latest).all())
