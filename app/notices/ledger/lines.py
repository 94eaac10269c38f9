"""The ledger: every message with its text, what became of it, and why.

Kinds of work hand in `scopes`: the deliveries concerned, as one indexed
condition each, none of them twice. A list asks for the newest of each scope
and merges them; one OR over all would read the whole table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from app.db import session
from app.notices.about import MESSAGE
from app.notices.models import NOT_ARRIVED, TROUBLED, Delivery
from app.people.models import Person

CARRIER: Any = sa.alias(Delivery.__table__, "carrier").c
_PERSON: Any = Person.__table__.c
# What a merged message became is what the message that carries it became.
OUTCOME: ColumnElement[str] = sa.func.coalesce(CARRIER.outcome, MESSAGE.outcome)
OPENED_AT: ColumnElement[datetime | None] = sa.func.coalesce(CARRIER.opened_at, MESSAGE.opened_at)
UNDELIVERED = "未送达"  # as a filter: any of NOT_ARRIVED that nobody has ignored

Scopes = Sequence[ColumnElement[bool]]
EVERYTHING: Scopes = (sa.true(),)
PAGE = 50

JOINED = Delivery.__table__.outerjoin(CARRIER.id.table, CARRIER.id == MESSAGE.merged_into_id)
_LINES = (
    sa.select(
        *(MESSAGE.id, MESSAGE.title, MESSAGE.text, MESSAGE.wording, MESSAGE.link, MESSAGE.created_at),
        *(MESSAGE.subject_kind, MESSAGE.subject_id, MESSAGE.about_id),
        *(MESSAGE.recipient_id, _PERSON.name.label("recipient"), _PERSON.userid, _PERSON.left_at),
        *(MESSAGE.merged_into_id, MESSAGE.held_until, OUTCOME.label("outcome"), OPENED_AT.label("opened_at")),
        *(
            sa.func.coalesce(getattr(CARRIER, name), getattr(MESSAGE, name)).label(name)
            for name in ("errcode", "attempts", "tried_at", "settled_at", "next_at", "msgid", "ignored_at")
        ),
        sa.case((MESSAGE.merged_into_id.is_(None), MESSAGE.reason), else_=CARRIER.reason).label("reason"),
    )
    .select_from(JOINED)
    .join(Person.__table__, _PERSON.id == MESSAGE.recipient_id)
)


@dataclass(frozen=True)
class Asked:
    """What the ledger is narrowed to; `outcome` is an Outcome or UNDELIVERED, `until` not included."""

    person_id: int | None = None
    outcome: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """The same in SQL."""
        found: list[ColumnElement[bool]] = []
        if self.person_id is not None:
            found.append(MESSAGE.recipient_id == self.person_id)
        if self.outcome == UNDELIVERED:
            found.append(undelivered())
        elif self.outcome:
            found.append(OUTCOME.in_([self.outcome]))
        if self.since is not None:
            found.append(MESSAGE.created_at >= self.since)
        if self.until is not None:
            found.append(MESSAGE.created_at < self.until)
        return found


ANYTHING = Asked()


@dataclass(frozen=True)
class LedgerPage:
    """Newest first; `next_after` continues it, None at the end."""

    lines: list[Any]
    next_after: int | None


def undelivered() -> ColumnElement[bool]:
    """Messages that did not reach their person and that nobody has ignored."""
    return sa.and_(OUTCOME.in_(NOT_ARRIVED), MESSAGE.ignored_at.is_(None), CARRIER.ignored_at.is_(None))


def page(
    scopes: Scopes, asked: Asked = ANYTHING, *, after: int | None = None, size: int = PAGE
) -> LedgerPage:
    """One page of messages; keyset paging, so the last page costs what the first does."""
    found = session().execute(query(scopes, asked, after=after, limit=size + 1)).all()
    lines = list(found[:size])
    return LedgerPage(lines, lines[-1].id if len(found) > size else None)


def count(scopes: Scopes, asked: Asked, *, most: int) -> int:
    """How many messages; it stops counting at `most` of each scope."""
    where = asked.conditions()
    parts = (sa.select(MESSAGE.id).select_from(JOINED).where(scope, *where).limit(most) for scope in scopes)
    counted = (sa.select(sa.func.count()).select_from(part.subquery()) for part in parts)
    return sum(session().execute(one).scalar_one() for one in counted)


def query(scopes: Scopes, asked: Asked, *, after: int | None = None, limit: int) -> sa.Select[Any]:
    """The messages as one statement, newest first, for lists and exports."""
    conditions = asked.conditions() + ([MESSAGE.id < after] if after is not None else [])
    newest_first = MESSAGE.id.desc()
    if len(scopes) == 1:
        return _LINES.where(*scopes, *conditions).order_by(newest_first).limit(limit)
    parts = [
        sa.select(MESSAGE.id)
        .select_from(JOINED)
        .where(scope, *conditions)
        .order_by(newest_first)
        .limit(limit)
        for scope in scopes
    ]
    merged = sa.union(*(sa.select(part.subquery().c.id) for part in parts))
    return _LINES.where(MESSAGE.id.in_(merged)).order_by(newest_first).limit(limit)


def counts(scopes: Scopes) -> dict[str, int]:
    """Outcome → how many messages."""
    parts = [sa.select(OUTCOME.label("outcome")).select_from(JOINED).where(scope) for scope in scopes]
    every = sa.union_all(*parts).subquery()
    grouped = sa.select(every.c.outcome, sa.func.count()).group_by(every.c.outcome)
    return dict(session().execute(grouped).all())


def unreached(scopes: Scopes) -> list[tuple[str, str]]:
    """(name, why) of everyone whom some message did not reach, each once; at most 200 (X-B6)."""
    troubled = sa.union_all(*(sa.select(MESSAGE.id).where(TROUBLED, scope) for scope in scopes))
    query = _LINES.where(MESSAGE.id.in_(troubled), undelivered()).order_by(MESSAGE.id.desc()).limit(200)
    latest = {line.recipient_id: (line.recipient, line.outcome) for line in session().execute(query)}
    return list(latest.values())
