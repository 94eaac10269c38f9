"""What an act begins with: its task or row, locked, looked at for rights and versions, with the facts its guards ask for."""

import sqlalchemy as sa

from app import clock
from app.db import Session, session
from app.errors import NotFound
from app.locks import held_one, hold
from app.people.models import Person
from app.tasks import counts, items, lifecycle, rollback_effects
from app.tasks.access import NOT_FOUND, STALE, manages, roles_of
from app.tasks.labels import Label, TaskState, live_rows, task_state
from app.tasks.models import PointTask, Task
from app.work import history

LONGEST_REASON = 500


def open_task(session: Session, task_id: int, *, by: Person, seen_version: int | None) -> Task:
    """A published task for change by someone who manages it; NotFound for everyone else."""
    task = held_one(session, Task, task_id)
    if task is None or task.published_at is None or not manages(by, task):
        raise NotFound(NOT_FOUND)
    history.require_version(task, seen_version, stale=STALE)
    return task


def managed_task(task_id: int, *, by: Person) -> Task:
    """A published task to look at by someone who manages it; NotFound for everyone else."""
    task = session().get(Task, task_id)
    if task is None or task.published_at is None or not manages(by, task):
        raise NotFound(NOT_FOUND)
    return task


def task_facts(session: Session, task: Task) -> lifecycle.TaskFacts:
    """What the guards of acts on a whole task need to know."""
    rows = counts.by_label(session, task.id)
    return lifecycle.TaskFacts(
        revoked=task.revoked_at is not None,
        unfinished=live_rows(rows) - rows.get(Label.CLOSED, 0),
        upgrade=task.patch_id is not None,
        left_to_roll_back=task.patch_id is not None and items.any_in(session, task, *rollback_effects.AFTER),
        paused=task.is_paused(clock.today()),
        frozen=task_state(rows) is TaskState.NOT_UPGRADED,
    )


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


def hold_task_of(session: Session, point_task_id: int) -> None:
    """Lock the task of a row, as everybody does who is about to lock the row."""
    of_row = sa.select(PointTask.task_id).where(PointTask.id == point_task_id).scalar_subquery()
    hold(session, Task, Task.id == of_row)


def parts_of(by: Person, row: PointTask) -> frozenset[lifecycle.Part]:
    """What `by` is to the row; someone without business there learns nothing (X-S1)."""
    parts = roles_of(by, row)
    if not parts:
        raise NotFound(NOT_FOUND)
    return parts


def hold_rows(session: Session, task: Task) -> None:
    """Lock the live rows of a task, in the order of their ids: whom they concern stays as it is until the commit."""
    hold(session, PointTask, PointTask.task_id == task.id, PointTask.revoked_at.is_(None))
