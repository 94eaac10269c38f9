"""操作日志: everything that was done, by whom, when and to what, across all kinds. Reads only."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from heapq import merge
from itertools import islice
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from app.administration import importing, people, regions
from app.db import session
from app.insight import audit_subjects, kinds
from app.insight.exports.writing import EXPORT
from app.notices.ledger import retrying
from app.notices.wordings import rewording
from app.people.models import ROLE_NAMES, AreaChange, Person, Role
from app.places.models import Place
from app.places.names import told_apart
from app.work import api_tokens, calendar_days, platform
from app.work.faces import Named
from app.work.models import HistoryEvent

PAGE = 50
PART = 500  # of an export
CHANGE_AREA = "change_area"
OF_ANY_KIND = {EXPORT: "导出", retrying.RETRY: "补发通知", retrying.IGNORE: "忽略未送达"}
ADMINISTRATIVE = {
    people.CREATE_PERSON: "新增人员",
    people.EDIT_PERSON: "编辑人员",
    people.DISABLE_PERSON: "停用人员",
    people.ENABLE_PERSON: "恢复人员",
    people.APPOINT_ADMINISTRATOR: "设为管理员",
    importing.IMPORT: "导入",
    CHANGE_AREA: "支持区域",
    regions.CREATE_REGION: "新增大区",
    regions.EDIT_REGION: "编辑大区",
    regions.CREATE_DEPARTMENT: "新增部门",
    regions.EDIT_DEPARTMENT: "编辑部门",
    rewording.CHANGE_WORDING: "修改通知模板",
    rewording.RESET_WORDING: "恢复通知原文",
    platform.CHANGE_SETTING: "平台设置",
    calendar_days.SET_DAY: "工作日历",
    api_tokens.CREATE: "新建接口令牌",
    api_tokens.REVOKE: "停用接口令牌",
}


def acts() -> dict[str, str]:
    """Act → its name. Kinds of work name theirs; what a new act of the house is called gets its line above."""
    return kinds.acts() | OF_ANY_KIND | ADMINISTRATIVE


def groups() -> dict[str, dict[str, str]]:
    """The same in groups, as they are chosen from."""
    of_kinds = {kind.name: dict(kind.acts) for kind in kinds.KINDS}
    return {"管理": ADMINISTRATIVE, **of_kinds, "各类": OF_ANY_KIND}


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
AREAS, EVENTS = 0, 1  # the two tables the log is made of; of the same moment the events come first


class Mark(NamedTuple):
    """A line of the log, by what it is sorted by; written into addresses."""

    at: datetime
    table: int
    id: int

    def __str__(self) -> str:
        micros = (self.at - EPOCH) // timedelta(microseconds=1)
        return f"{micros}-{self.table}-{self.id}"

    @classmethod
    def read(cls, text: str) -> "Mark | None":
        """What `str` wrote; None for anything else."""
        parts = text.split("-")
        if len(parts) != 3 or not all(
            part.isascii() and part.isdigit() and len(part) <= 17 for part in parts
        ):
            return None
        micros, table, row_id = map(int, parts)
        return cls(EPOCH + timedelta(microseconds=micros), table, row_id) if row_id < 2**31 else None


@dataclass(frozen=True)
class Asked:
    """What the log is narrowed to; empty fields narrow nothing. `until` itself is not included."""

    by_id: int | None = None
    by_the_system: bool = False
    act: str = ""
    kind: str = ""
    subject_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Line:
    """One thing that was done; `subject` and `link` say to what."""

    mark: Mark
    by: str
    act: str
    kind: str
    subject_id: int
    said: list[tuple[str, str]] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    subject: str = ""
    link: str = ""

    @property
    def at(self) -> datetime:
        """When."""
        return self.mark.at


@dataclass(frozen=True)
class AuditPage:
    """Some lines, newest first; `next_after` continues them."""

    lines: list[Line]
    next_after: Mark | None


def page(asked: Asked, *, after: Mark | None = None, size: int = PAGE) -> AuditPage:
    """The newest lines older than `after` that match; a page costs the same however long the log is."""
    tables = [_events(asked, after, size + 1), _area_changes(asked, after, size + 1)]
    found = list(islice(merge(*tables, key=lambda line: line.mark, reverse=True), size + 1))
    lines = _named(found[:size])
    return AuditPage(lines, lines[-1].mark if len(found) > size else None)


def every(asked: Asked) -> Iterator[Line]:
    """All lines that match now, read a page at a time: the first at once, the others as they are asked for."""
    return _from(page(asked, size=PART), asked)


def _from(part: AuditPage, asked: Asked) -> Iterator[Line]:
    yield from part.lines
    while part.next_after is not None:
        part = page(asked, after=part.next_after, size=PART)
        yield from part.lines


def count(asked: Asked, *, most: int) -> int:
    """How many lines match; it stops counting at `most` of each table."""
    queries: list[sa.Select[Any]] = []
    if asked.act != CHANGE_AREA:
        queries.append(sa.select(HistoryEvent.id).where(*_of_events(asked, None)))
    if _with_areas(asked):
        queries.append(sa.select(AreaChange.id).where(*_of_areas(asked, None)))
    parts = (sa.select(sa.func.count()).select_from(query.limit(most).subquery()) for query in queries)
    return sum(session().execute(part).scalar_one() for part in parts)


def _events(asked: Asked, after: Mark | None, size: int) -> Iterable[Line]:
    if asked.act == CHANGE_AREA:
        return []
    event = HistoryEvent
    query = (
        sa.select(
            event.at, event.id, event.act, event.subject_kind, event.subject_id, event.facts, Person.name
        )
        .outerjoin(Person, Person.id == event.by_id)
        .where(*_of_events(asked, after))
        .order_by(event.at.desc(), event.id.desc())
        .limit(size)
    )
    return [_event_line(row) for row in session().execute(query)]


def _of_events(asked: Asked, after: Mark | None) -> list[sa.ColumnElement[bool]]:
    conditions = _common(asked, after, HistoryEvent, EVENTS)
    if asked.act:
        conditions.append(HistoryEvent.act == asked.act)
    if asked.kind:
        conditions.append(HistoryEvent.subject_kind == asked.kind)
    if asked.subject_id is not None:
        conditions.append(HistoryEvent.subject_id == asked.subject_id)
    return conditions


def _event_line(row: Any) -> Line:
    kind, facts = row.subject_kind, row.facts
    return Line(
        mark=Mark(row.at, EVENTS, row.id),
        by=row.name or "系统",
        act=acts().get(row.act, row.act),
        kind=row.subject_kind,
        subject_id=row.subject_id,
        said=kinds.said(kind, facts),
        changed=[*kinds.changed(kind, facts), *kinds.summed(kind, facts)],
    )


def _area_changes(asked: Asked, after: Mark | None, size: int) -> Iterable[Line]:
    """Steps of 支持区域, as changes of the person they are about."""
    if not _with_areas(asked):
        return []
    change, by = AreaChange, aliased(Person)
    query = (
        sa.select(change, Place.name, Place.path, by.name.label("by"))
        .join(Place, Place.code == change.place_code)
        .join(by, by.id == change.by_id)
        .where(*_of_areas(asked, after))
        .order_by(change.at.desc(), change.id.desc())
        .limit(size)
    )
    found = session().execute(query).all()
    places = told_apart((row.name, row.path) for row in found)
    return [_area_line(row[0], place, row.by) for row, place in zip(found, places, strict=True)]


def _with_areas(asked: Asked) -> bool:
    of_them = asked.act in ("", CHANGE_AREA) and asked.kind in ("", Person.__tablename__)
    return of_them and not asked.by_the_system


def _of_areas(asked: Asked, after: Mark | None) -> list[sa.ColumnElement[bool]]:
    conditions = _common(asked, after, AreaChange, AREAS)
    if asked.subject_id is not None:
        conditions.append(AreaChange.person_id == asked.subject_id)
    return conditions


def _area_line(change: AreaChange, place: str, by: str) -> Line:
    role = ROLE_NAMES[Role(change.role)]
    changed = [f"{place} {role}：{change.before or '未登记'} → {change.after or '取消'}"]
    if change.grants_role:
        changed.append(f"并获得{role}角色")
    mark = Mark(change.at, AREAS, change.id)
    return Line(mark, by, ADMINISTRATIVE[CHANGE_AREA], "person", change.person_id, changed=changed)


def _common(asked: Asked, after: Mark | None, table: Any, number: int) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if asked.by_the_system:
        conditions.append(table.by_id.is_(None))
    if asked.by_id is not None:
        conditions.append(table.by_id == asked.by_id)
    if asked.since is not None:
        conditions.append(table.at >= asked.since)
    if asked.until is not None:
        conditions.append(table.at < asked.until)
    if after is not None:
        conditions.append(_older(table, after, number))
    return conditions


def _older(table: Any, after: Mark, number: int) -> sa.ColumnElement[bool]:
    """Behind `after` in the order of `Mark`; as a pair, which both databases look up in the index."""
    if number == after.table:
        return sa.tuple_(table.at, table.id) < sa.tuple_(sa.literal(after.at, table.at.type), after.id)
    older: sa.ColumnElement[bool] = table.at <= after.at if number < after.table else table.at < after.at
    return older


def _named(lines: list[Line]) -> list[Line]:
    """With the names of what they are about, read once per kind."""
    ids: dict[str, set[int]] = {}
    for line in lines:
        ids.setdefault(line.kind, set()).add(line.subject_id)
    names: dict[str, Mapping[int, Named]] = {
        kind: audit_subjects.names(kind, wanted) for kind, wanted in ids.items()
    }
    return [_with_name(line, names[line.kind].get(line.subject_id)) for line in lines]


def _with_name(line: Line, found: Named | None) -> Line:
    name, link = found or Named(audit_subjects.fallback(line.kind, line.subject_id))
    return replace(line, subject=name, link=link)
