"""The rows of a task as tellings need them."""

import sqlalchemy as sa

from app.db import Session
from app.errors import NotFound
from app.locks import held_one, hold
from app.people.models import Person
from app.places.models import Place
from app.tasks.access import NOT_FOUND, STALE, roles_of
from app.tasks.models import PointTask, Task
from app.tasks.telling import tellings
from app.work import history


def points_of(
    session: Session, task: Task, *conditions: sa.ColumnExpressionArgument[bool]
) -> list[tellings.Point]:
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
    hold(session, PointTask, PointTask.task_id == task.id, PointTask.revoked_at.is_(None))


def hold_task_of(session: Session, point_task_id: int) -> None:
    """Lock the task of a row, as everybody does who is about to lock the row."""
    of_row = sa.select(PointTask.task_id).where(PointTask.id == point_task_id).scalar_subquery()
    hold(session, Task, Task.id == of_row)


def open_row(session: Session, point_task_id: int, seen_version: int | None, *, by: Person) -> PointTask:
    """A row for change inside transaction(), after its task, by someone who has a part in it.

    NotFound for everyone else as for a row that does not exist, OutOfDate
    where the form was filled in for an older version: in this order, or the
    second would tell a stranger that the row is there.
    """
    hold_task_of(session, point_task_id)
    row = held_one(session, PointTask, point_task_id)
    if row is None or not roles_of(by, row):
        raise NotFound(NOT_FOUND)
    history.require_version(row, seen_version, stale=STALE)
    return row
