"""Which messages of the ledger belong to published tasks, and whose business they are."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from app.db import among, session
from app.notices.about import held_by, of_acts_on
from app.notices.ledger.lines import EVERYTHING, Scopes
from app.people.models import Person, Role
from app.places.models import Place
from app.places.names import told_apart
from app.tasks import access
from app.tasks.access import ROW, TASK
from app.tasks.models import PointTask, Task


def of_task(task_id: int, *rows_that: sa.ColumnElement[bool]) -> Scopes:
    """The messages about a task and about its rows, or those of its rows that meet the conditions."""
    rows = sa.select(ROW.id).where(ROW.task_id == task_id, *rows_that)
    return (of_acts_on(Task.__tablename__, task_id), of_acts_on(PointTask.__tablename__, rows))


def sent_to(person_id: int, *, task_id: int) -> Scopes:
    """Of those, what was sent to one person."""
    return tuple(sa.and_(scope, held_by(person_id)) for scope in of_task(task_id))


def of_task_for(person: Person, task_id: int, *, manages: bool) -> Scopes:
    """Of those, what `person` may read: all for who manages the task, else what was sent to them."""
    if manages or person.holds(Role.ADMINISTRATOR):
        return of_task(task_id)
    return sent_to(person.id, task_id=task_id)


def mended_by(person: Person) -> Scopes:
    """The messages that `person` may send again or ignore: of tasks they manage; an administrator any."""
    if person.holds(Role.ADMINISTRATOR):
        return EVERYTHING
    tasks = sa.select(TASK.id).where(access.managed_tasks(person))
    rows = sa.select(ROW.id).where(ROW.task_id.in_(tasks))
    return (of_acts_on(Task.__tablename__, tasks), of_acts_on(PointTask.__tablename__, rows))


def named(lines: Collection[Any]) -> dict[int, str]:
    """Message → the task it belongs to, and its point where it is about one alone: 任务 12 · 长安区.

    What belongs to no task, such as a digest, is left out.
    """
    of_task = [line for line in lines if line.subject_kind == Task.__tablename__]
    of_row = [line for line in lines if line.subject_kind == PointTask.__tablename__]
    ids = {line.about_id for line in of_task if line.about_id} | {line.subject_id for line in of_row}
    query = sa.select(ROW.id, ROW.task_id, Place.name, Place.path)
    query = query.join(Place, Place.code == ROW.place_code).where(among(ROW.id, ids))
    rows = session().execute(query).all()
    told = told_apart((row.name, row.path) for row in rows)
    point = {row.id: f" · {name}" for row, name in zip(rows, told, strict=True)}
    task = {row.id: row.task_id for row in rows}
    names = {line.id: f"任务 {line.subject_id}{point.get(line.about_id, '')}" for line in of_task}
    return names | {
        line.id: f"任务 {task[line.subject_id]}{point[line.subject_id]}"
        for line in of_row
        if line.subject_id in task
    }
