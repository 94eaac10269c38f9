"""Rows as lists show them: the one statement that reads them, and every text made ready.

The hot path of the pages: Core columns instead of objects, and what is the
same for the whole list is worked out once.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from app import clock
from app.people.names import PEOPLE
from app.people.viewer import Viewer
from app.places.names import PLACES, PlaceName
from app.tasks import labels, lifecycle
from app.tasks.access import ROW, TASK, parts_for
from app.tasks.lifecycle import Act, Part
from app.tasks.models import PointTask, Task


class Button(NamedTuple):
    """One act a person is offered on a row; `why_not` explains a disabled one."""

    act: Act
    name: str
    why_not: str | None


class RowLine(NamedTuple):
    """A row as lists show it, every text ready."""

    id: int
    task_id: int
    place_name: str
    place_parents: str
    type: str
    urgency: str
    due_at: datetime
    due_text: str
    implementer: str
    supervisor: str
    service_manager: str
    label: str
    overdue_chip: bool
    progress: int
    latest_note: str
    version: int
    buttons: tuple[Button, ...]


LINES = sa.select(
    *(ROW.id, ROW.task_id, ROW.version, ROW.label, ROW.items_total, ROW.items_done, ROW.latest_note),
    *(ROW.due_at, ROW.overdue_at, ROW.closed_at, ROW.revoked_at, ROW.place_code),
    *(ROW.publisher_id, ROW.department_id, ROW.region_id),
    *(ROW.implementer_id, ROW.supervisor_id, ROW.service_manager_id),
    *(TASK.type, TASK.urgency),
).join_from(PointTask.__table__, Task.__table__, sa.and_(TASK.id == ROW.task_id, TASK.prepared_at.is_(None)))
"""What every list reads; the caller narrows and orders it. Names are looked up apart: they hardly ever change."""

# A Row looks each name up anew, which takes longer than all else that is done to a line.
_Found: Any = NamedTuple("_Found", [(name, Any) for name in LINES.selected_columns.keys()])  # type: ignore[misc]  # noqa: SIM118


def lines_of(viewer: Viewer, rows: Iterable[Any]) -> list[RowLine]:
    """What LINES found, as the viewer sees it."""
    now = clock.now()
    found: list[Any] = list(map(_Found._make, rows))
    place = PLACES.of({row.place_code for row in found})
    ids = {
        person_id
        for row in found
        for person_id in (row.implementer_id, row.supervisor_id, row.service_manager_id)
    }
    name = PEOPLE.of(ids - {None}).get
    return [
        _line(
            row,
            parts_for(viewer, row),
            due_text(row, now),
            place[row.place_code],
            (name(row.implementer_id), name(row.supervisor_id), name(row.service_manager_id)),
        )
        for row in found
    ]


@lru_cache(maxsize=4096)  # an open list asks every 20 seconds again, and next to nothing has changed
def _line(
    row: Any, parts: frozenset[Part], due: str, place: PlaceName, names: tuple[str | None, ...]
) -> RowLine:
    implementer, supervisor, service_manager = names
    return RowLine(
        id=row.id,
        task_id=row.task_id,
        place_name=place.name,
        place_parents=place.parents,
        type=row.type,
        urgency=row.urgency,
        due_at=row.due_at,
        due_text=due,
        implementer=implementer or "",
        supervisor=supervisor or "",
        service_manager=service_manager or "",
        label=row.label,
        overdue_chip=labels.wears_overdue_chip(label=row.label, overdue_at=row.overdue_at),
        progress=labels.progress(done=row.items_done, total=row.items_total),
        latest_note=row.latest_note,
        version=row.version,
        buttons=tuple(Button(*button) for button in lifecycle.buttons_for(lifecycle.facts_of(row), parts)),
    )


def due_text(row: labels.RowFacts, now: datetime | None = None) -> str:
    """How far the deadline is, for people: 剩 5 小时, 已超期 2 天, 按时办结, 超期 1 天办结 (Q11)."""
    due: datetime = row.due_at  # type: ignore[attr-defined]
    if row.revoked_at:
        return "已撤销"
    if row.closed_at:
        return "按时办结" if row.closed_at <= due else f"超期 {_span(row.closed_at - due)}办结"
    return _until(due, now or clock.now()) if row.items_total else "等待后续升级"


@lru_cache(maxsize=256)  # the rows of one task share their deadline
def _until(due: datetime, now: datetime) -> str:
    return f"剩 {_span(due - now)}" if due > now else f"已超期 {_span(now - due)}"


def _span(length: Any) -> str:
    minutes = int(length.total_seconds() // 60)
    if minutes < 60:
        return f"{max(minutes, 1)} 分钟"
    if minutes < 60 * 48:
        return f"{minutes // 60} 小时"
    return f"{minutes // (60 * 24)} 天"
