"""Who did what, when, with which words; and the version check before it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa

from app import clock
from app.db import Session, insert_many, insert_once
from app.errors import NotFound, OutOfDate
from app.locks import held_one
from app.people.models import Person
from app.work.models import HistoryEvent


class Subject(Protocol):
    """A row that history hangs on."""

    __tablename__: str
    id: Any


class Versioned(Subject, Protocol):
    """One that forms change, so that it has a version to compare."""

    version: Any


Row = TypeVar("Row", bound=Versioned)
Changes = Sequence[str] | Mapping[str, Sequence[str] | str]
"""Sentences; or what was changed → before and after, or what is said of it."""

STALE = "这条内容刚被其他人更新，请核对最新内容后重新提交。您填写的内容已保留。"


def open_for_change(
    session: Session, kind: type[Row], row_id: int, seen_version: int | None, *, stale: str = STALE
) -> Row:
    """Lock a row inside transaction() and read it anew, refusing what was seen in an older version.

    Raises NotFound for a missing row and OutOfDate for an old version. A card
    button carries no version: None skips the comparison, the facts decide.
    """
    row = held_one(session, kind, row_id)
    if row is None:
        raise NotFound
    require_version(row, seen_version, stale=stale)
    return row


def require_version(row: Versioned, seen_version: int | None, *, stale: str = STALE) -> None:
    """OutOfDate where a locked row is not what the form was filled in for; None compares nothing."""
    if seen_version is not None and row.version != seen_version:
        raise OutOfDate(stale)


def record(
    session: Session,
    row: Subject,
    act: str,
    *,
    by: Person | None,
    said: Sequence[tuple[str, str]] = (),
    changes: Changes | None = None,
    **facts: Any,
) -> HistoryEvent:
    """Append what happened to `row`; `by` is None where the system acted by itself.

    `said` are people's own words under the names of their fields, `changes`
    what was different afterwards, both as people will read them: a kind of
    work whose fields are data needs no table of labels. `facts` are what else
    its own words are made of.
    """
    return note(session, row.__tablename__, row.id, act, by=by, said=said, changes=changes, **facts)


def note(
    session: Session,
    kind: str,
    subject_id: int,
    act: str,
    *,
    by: Person | None,
    said: Sequence[tuple[str, str]] = (),
    changes: Changes | None = None,
    **facts: Any,
) -> HistoryEvent:
    """As `record`, for what has no row of its own: `subject_id` is then 0."""
    event = HistoryEvent(
        subject_kind=kind,
        subject_id=subject_id,
        act=str(act),
        by_id=by.id if by else None,
        at=clock.now(),
        facts=facts | _told(said, changes),
    )
    session.add(event)
    session.flush()
    return event


def _told(said: Sequence[tuple[str, str]], changes: Changes | None) -> dict[str, Any]:
    """Both as facts, as far as the act knows of them; a field that was left empty is no word of anybody's."""
    told: dict[str, Any] = {}
    if said:
        told["said"] = [[label, text] for label, text in said if text]
    if changes is not None:
        told["changes"] = changes
    return told


def record_many(
    session: Session, kind: type[Subject], facts: Mapping[int, dict[str, Any]], act: str, *, by: Person | None
) -> None:
    """Append one event per subject (id → facts) in as few statements as their number allows."""
    shared = {
        "subject_kind": kind.__tablename__,
        "act": str(act),
        "by_id": by.id if by else None,
        "at": clock.now(),
    }
    rows = [{"subject_id": subject_id, "facts": json.dumps(one)} for subject_id, one in facts.items()]
    insert_many(session, HistoryEvent, rows, shared=shared)


def record_once(session: Session, row: Subject, act: str, *, key: str, **facts: Any) -> HistoryEvent:
    """Append something the system does once per `key`; what was appended before is handed out again."""
    values = {
        "subject_kind": row.__tablename__,
        "subject_id": row.id,
        "act": str(act),
        "at": clock.now(),
        "facts": facts,
        "once_key": key,
    }
    insert_once(session, HistoryEvent, values)
    return session.execute(sa.select(HistoryEvent).where(HistoryEvent.once_key == key)).scalar_one()


def of(session: Session, kind: str, subject_id: int, *, limit: int = 200) -> list[HistoryEvent]:
    """What happened to a subject, newest first."""
    return _newest(
        session, HistoryEvent.subject_kind == kind, HistoryEvent.subject_id == subject_id, limit=limit
    )


def of_kind(session: Session, kind: str, *, limit: int = 200) -> list[HistoryEvent]:
    """What happened to all subjects of a kind, newest first; for kinds with few of them."""
    return _newest(session, HistoryEvent.subject_kind == kind, limit=limit)


def _newest(session: Session, *conditions: sa.ColumnElement[bool], limit: int) -> list[HistoryEvent]:
    query = sa.select(HistoryEvent).where(*conditions).order_by(HistoryEvent.id.desc()).limit(limit)
    return list(session.execute(query).scalars())
