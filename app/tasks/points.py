"""The rows of a task as tellings need them."""

import sqlalchemy as sa

from app.db import Session
from app.places.models import Place
from app.tasks import tellings
from app.tasks.models import PointTask, Task


def points_of(session: Session, task: Task, *conditions: sa.ColumnElement[bool]) -> list[tellings.Point]:
    """The rows of a task that meet `conditions`, as tellings need them."""
    query = (
        sa.select(
            PointTask.id,
            Place.name,
            PointTask.implementer_id,
            PointTask.supervisor_id,
            PointTask.service_manager_id,
            Place.path,
        )
        .join(Place, Place.code == PointTask.place_code)
        .where(PointTask.task_id == task.id, *conditions)
        .order_by(PointTask.id)
    )
    return [tellings.Point(*row) for row in session.execute(query)]


def hold_rows(session: Session, task: Task) -> None:
    """Lock the live rows of a task, in the order of their ids: whom they concern stays as it is until the commit."""
    rows = sa.select(PointTask.id).where(PointTask.task_id == task.id, PointTask.revoked_at.is_(None))
    session.execute(rows.order_by(PointTask.id).with_for_update(of=PointTask)).all()
