"""Who did what, when, with which words; and the version check before it."""

from collections.abc import Mapping
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa

from app import clock
from app.db import Session, insert_once
from app.errors import NotFound, OutOfDate
from app.people.models import Person
from app.work.models import HistoryEvent


class Subject(Protocol):
    """A row that history hangs on."""

    __tablename__: str
    id: Any


class Versioned(Subject, Protocol):
    """A row that people change on a page they opened earlier."""

    version: Any


Row = TypeVar("Row", bound=Versioned)


def open_for_change(session: Session, kind: type[Row], row_id: int, seen_version: int | None) -> Row:
    """Load and lock a row inside transaction(), refusing what was seen in an older version.

    Raises NotFound for a missing row and OutOfDate for an old version. A card
    button carries no version: None skips the comparison, the facts decide.
    """
    query = sa.select(kind).where(kind.id == row_id).with_for_update(of=kind)
    row = session.execute(query).unique().scalar_one_or_none()
    if row is None:
        raise NotFound
    if seen_version is not None and row.version != seen_version:
        raise OutOfDate("这条任务刚被其他人更新，请核对最新内容后重新提交。您填写的内容已保留。")
    return row


def record(session: Session, row: Subject, act: str, *, by: Person | None, **facts: Any) -> HistoryEvent:
    """Append what happened to `row`; `by` is None where the system acted by itself."""
    event = HistoryEvent(
        subject_kind=row.__tablename__,
        subject_id=row.id,
        act=str(act),
        by_id=by.id if by else None,
        at=clock.now(),
        facts=facts,
    )
    session.add(event)
    session.flush()
    return event


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
    rows = [shared | {"subject_id": subject_id, "facts": one} for subject_id, one in facts.items()]
    if rows:
        session.execute(sa.insert(HistoryEvent), rows)


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
    query = (
        sa.select(HistoryEvent)
        .where(HistoryEvent.subject_kind == kind, HistoryEvent.subject_id == subject_id)
        .order_by(HistoryEvent.id.desc())
        .limit(limit)
    )
    return list(session.execute(query).scalars())
