"""The rows of a task as tellings need them."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from app.db import Session
from app.places.models import Place
from app.places.names import lies_in, told_apart
from app.tasks.models import PointTask, Task


class Point(NamedTuple):
    """A row, reduced to what tellings need."""

    id: int
    place_name: str
    implementer_id: int
    supervisor_id: int | None
    service_manager_id: int | None
    path: str = ""  # 河北省 / 石家庄市 / 长安区
    due_at: datetime | None = None  # empty where it is the task's

    @property
    def people(self) -> set[int]:
        """Everyone who may be told of it."""
        return {i for i in (self.implementer_id, self.supervisor_id, self.service_manager_id) if i}

    @property
    def lies_in(self) -> str:
        """The name of what the place is part of: 石家庄市."""
        return lies_in(self.path)


def point_of(row: PointTask) -> Point:
    """A row as tellings need it."""
    place = row.place
    people = row.implementer_id, row.supervisor_id, row.service_manager_id
    return Point(row.id, place.name, *people, place.path, row.due_at)


def names_of(points: Iterable[Point]) -> tuple[str, ...]:
    """The places of rows as one text lists them: equal names carry their city."""
    return tuple(told_apart((point.place_name, point.path) for point in points))


def points_of(session: Session, task: Task, *conditions: sa.ColumnExpressionArgument[bool]) -> list[Point]:
    """The rows of a task that meet `conditions`, as tellings need them."""
    query = (
        sa.select(
            PointTask.id,
            Place.name,
            PointTask.implementer_id,
            PointTask.supervisor_id,
            PointTask.service_manager_id,
            Place.path,
            PointTask.due_at,
        )
        .join(Place, Place.code == PointTask.place_code)
        .where(PointTask.task_id == task.id, *conditions)
        .order_by(PointTask.id)
    )
    return [Point(*row) for row in session.execute(query)]
