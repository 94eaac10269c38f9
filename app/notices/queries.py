"""Reads of the ledger: what a person was told, what became of a notice."""

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from app import clock
from app.db import among, session, transaction
from app.notices.models import Delivery, Outcome
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


def not_delivered(subject_kind: str, subject_id: int) -> list[tuple[str, str, str]]:
    """(name, outcome, reason) of everyone whom a notice about the subject did not reach (X-B6)."""
    query = (
        sa.select(Person.name, Delivery.outcome, Delivery.reason)
        .join(Person, Person.id == Delivery.recipient_id)
        .where(
            Delivery.subject_kind == subject_kind,
            Delivery.subject_id == subject_id,
            Delivery.outcome.in_(
                [
                    Outcome.REFUSED,
                    Outcome.INVALID_ACCOUNT,
                    Outcome.UNLICENSED,
                    Outcome.UNKNOWN,
                    Outcome.SUPPRESSED,
                ]
            ),
        )
        .order_by(Delivery.id)
        .limit(200)
    )
    return [(row.name, row.outcome, row.reason) for row in session().execute(query)]


def delivery_summary(subject_kind: str, subject_id: int) -> dict[str, int]:
    """Outcome → how many notices about the subject have it."""
    query = (
        sa.select(Delivery.outcome, sa.func.count())
        .where(Delivery.subject_kind == subject_kind, Delivery.subject_id == subject_id)
        .group_by(Delivery.outcome)
    )
    return dict(session().execute(query).all())
