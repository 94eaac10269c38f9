"""The rows that a 升级回退 would touch, with their items; reads only."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from app.db import Session
from app.places.models import Place
from app.tasks.models import PointTask, Task, TaskItem
from app.tasks.rollback import rules
from app.tasks.rollback.rules import ItemLine
from app.tasks.rollback_effects import Effect
from app.tasks.telling.points import Point


@dataclass(frozen=True, slots=True)
class LiveRow:
    """A live row of the task with its items."""

    point: Point
    region_id: int | None
    items_total: int
    closed: bool
    items: Sequence[ItemLine]


def read_rows(session: Session, task: Task) -> list[LiveRow]:
    """The rows of a task that are not revoked, each with its items in the package's order."""
    live = (PointTask.task_id == task.id, PointTask.revoked_at.is_(None))
    people = (PointTask.implementer_id, PointTask.supervisor_id, PointTask.service_manager_id)
    facts = (PointTask.region_id, PointTask.items_total, PointTask.closed_at.is_not(None))
    due_at = sa.case((got_more_time(task.due_at), task.due_at), else_=PointTask.due_at)
    query = sa.select(PointTask.id, Place.name, *people, Place.path, due_at, *facts)
    query = query.join(Place, Place.code == PointTask.place_code).where(*live).order_by(PointTask.id)
    rows = session.execute(query).all()
    columns = (TaskItem.point_task_id, TaskItem.module_id, TaskItem.name, TaskItem.state)
    found = sa.select(*columns).join(PointTask).where(*live).order_by(TaskItem.id)
    items: dict[int, list[ItemLine]] = defaultdict(list)
    for item in session.execute(found):
        items[item[0]].append(ItemLine._make(item))
    return [LiveRow(Point(*row[:7]), row[7], row[8], row[9], items[row[0]]) for row in rows]


def got_more_time(task_due_at: datetime | None) -> sa.ColumnElement[bool]:
    """The task did, while the row was closed."""
    return sa.and_(PointTask.due_given_at.is_(None), PointTask.due_at < task_due_at)


def effects(rows: Iterable[LiveRow], module_ids: Collection[int]) -> dict[int, Effect]:
    """Row id → what rolling these modules back does to it, for the rows that change."""
    found = {row.point.id: rules.effect_on(row.items, module_ids) for row in rows}
    return {row_id: effect for row_id, effect in found.items() if effect}


def touched_points(rows: Iterable[LiveRow], touched: dict[int, Effect]) -> list[tuple[Point, Effect]]:
    """The rows that change, as tellings need them."""
    return [(row.point, touched[row.point.id]) for row in rows if row.point.id in touched]
