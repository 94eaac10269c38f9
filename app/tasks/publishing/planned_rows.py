"""The rows of a plan: written, and as notices need them."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from app.db import Session, insert_many, reserve_ids
from app.people import queries as people
from app.people.queries import Staff
from app.tasks import counts, items
from app.tasks.labels import Label
from app.tasks.models import PointTask, Task
from app.tasks.publishing.plan import PublishPlan
from app.tasks.telling.points import Point


def insert_rows(current: Session, task: Task, plan: PublishPlan) -> list[Point]:
    """Write rows, items and counts with as few statements as their number allows."""
    ids = reserve_ids(current, PointTask, len(plan.points))
    rows = [{"id": row_id, **row} for row_id, row in zip(ids, rows_of_plan(plan), strict=True)]
    wanted = items.number_of(task)
    shared = {
        "task_id": task.id,
        "publisher_id": task.publisher_id,
        "department_id": task.department_id,
        "due_at": task.due_at,
        "next_look_at": task.due_at,
        "label": str(Label.NORMAL),
        "items_total": wanted,
    }
    insert_many(current, PointTask, rows, shared=shared)
    items.insert(current, task, PointTask.id >= ids[0])
    by_region = Counter(row["region_id"] or counts.NO_REGION for row in rows)
    counts.write_first(current, task.id, by_region, Label.NORMAL, items=wanted)
    return points_of_plan(ids, plan)


def points_of_plan(ids: Iterable[int], plan: PublishPlan) -> list[Point]:
    """The rows of a plan as tellings need them, by the ids they have or will have.

    ValueError where a place has no 实施人: it gets no row (`refuse_gaps`).
    """
    return [
        Point(
            row_id,
            place.name,
            _implementer(who),
            who.supervisor_id,
            who.service_manager_id,
            place.path,
        )
        for row_id, (place, who) in zip(ids, plan.points, strict=True)
    ]


def _implementer(who: Staff) -> int:
    if who.implementer_id is None:
        raise ValueError("a place without 实施人 is told to nobody")
    return who.implementer_id


def rows_of_plan(plan: PublishPlan) -> list[dict[str, Any]]:
    """What each row takes over from its place and its people."""
    regions = people.region_of_province()
    return [
        {
            "place_code": place.code,
            "province_code": place.province_code,
            "city_code": place.city_code,
            "region_id": regions.get(place.province_code),
            "implementer_id": who.implementer_id,
            "supervisor_id": who.supervisor_id,
            "service_manager_id": who.service_manager_id,
        }
        for place, who in plan.points
    ]
