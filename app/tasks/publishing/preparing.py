"""Rows of a large publish, written in parts before anybody sees them, and taken over by one short commit.

142,400 items in one commit keep everybody else from writing for seconds on
SQLite, and PostgreSQL cuts the statement off. So they are written below a task
that is nobody's: not published, `prepared_at` set, its rows 已撤销. The publish
moves the rows to its own task. What a crash leaves behind is cleared away by
the clock.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from time import sleep
from typing import Any

import sqlalchemy as sa

from app import clock
from app.db import Session, changed_rows, insert_many, reserve_ids, session, transaction
from app.errors import Conflict
from app.locks import hold, repeatable
from app.people.models import Person
from app.tasks import counts, items
from app.tasks.labels import Label
from app.tasks.models import PointTask, Task, TaskItem

LARGE = 20_000  # items; fewer are written in the commit of the publish itself
PART = 5_000  # items per commit: bounds how long anybody else waits
REST_SECONDS = 0.01  # between two parts: who waits for SQLite's write lock asks every 4 ms
FORGOTTEN_AFTER = timedelta(hours=1)
GONE = "发布用时太久，准备好的点位已被清理。请重新提交，您填写的内容已保留。"


@dataclass(frozen=True)
class Prepared:
    """Rows that wait to be published: below which task, their ids in the order of the plan, items in each."""

    task_id: int
    row_ids: Sequence[int]
    items: int


def is_large(rows: int, modules: int) -> bool:
    """True where a publish is better written in parts."""
    return rows * modules > LARGE


def prepare(values: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], *, by: Person) -> Prepared:
    """Write `rows` with their items below a task of `values`; nobody sees any of it."""
    task_id, modules = _begin(dict(values), by=by)
    ids: list[int] = []
    step = max(1, PART // max(1, modules))
    for start in range(0, len(rows), step):
        ids += _write_part(task_id, rows[start : start + step], modules)
        sleep(REST_SECONDS)
    return Prepared(task_id, ids, modules)


@repeatable
def _begin(values: dict[str, Any], *, by: Person) -> tuple[int, int]:
    with transaction() as current:
        now = clock.now()
        task = Task(publisher_id=by.id, created_at=now, prepared_at=now, **values)
        items.require_patch(current, task.patch_id)
        current.add(task)
        current.flush()
        return task.id, items.number_of(task)


@repeatable
def _write_part(task_id: int, rows: Sequence[Mapping[str, Any]], modules: int) -> list[int]:
    with transaction() as current:
        hold(current, Task, Task.id == task_id, shared=True)
        task = current.get(Task, task_id)
        if task is None:
            raise Conflict(GONE)
        ids = list(reserve_ids(current, PointTask, len(rows)))
        shared = {
            "task_id": task_id,
            "publisher_id": task.publisher_id,
            "due_at": task.due_at,
            "revoked_at": clock.now(),  # so that it waits for nobody while it is not published
            "label": str(Label.REVOKED),
            "items_total": modules,
        }
        written = [{"id": row_id, **row} for row_id, row in zip(ids, rows, strict=True)]
        insert_many(current, PointTask, written, shared=shared)
        items.insert(current, task, PointTask.id.between(ids[0], ids[-1]))
        return ids


def take_over(current: Session, prepared: Prepared, task: Task) -> None:
    """Make the rows those of `task`, inside the transaction that publishes it."""
    ready = sa.update(PointTask).where(PointTask.task_id == prepared.task_id)
    values = {
        "task_id": task.id,
        "department_id": task.department_id,
        "due_at": task.due_at,
        "next_look_at": task.due_at,
        "revoked_at": None,
        "label": Label.NORMAL,
    }
    moved = current.execute(ready.values(values).execution_options(synchronize_session=False))
    if changed_rows(moved) != len(prepared.row_ids):
        raise Conflict(GONE)
    regions = sa.select(PointTask.region_id).where(PointTask.task_id == task.id)
    by_region = Counter(region or counts.NO_REGION for region in current.execute(regions).scalars())
    counts.write_first(current, task.id, by_region, Label.NORMAL, items=prepared.items)
    current.execute(_hidden(prepared.task_id))


def discard(prepared: Prepared | None) -> None:
    """Take away what was prepared and not taken over; nothing where it was."""
    if prepared is not None and _is_there(prepared.task_id):
        _clear(prepared.task_id)


def clean_up() -> int:
    """Take away what crashes have left behind; returns how many tasks. Safe to interrupt and to repeat."""
    old = sa.select(Task.id).where(Task.prepared_at < clock.now() - FORGOTTEN_AFTER)
    found = list(session().execute(old.where(Task.prepared_at.is_not(None))).scalars())
    session().rollback()
    for task_id in found:
        _clear(task_id)
    return len(found)


def _is_there(task_id: int) -> bool:
    found = session().execute(sa.select(Task.id).where(Task.id == task_id)).first()
    session().rollback()
    return found is not None


def _clear(task_id: int) -> None:
    while _clear_part(task_id):
        sleep(REST_SECONDS)


@repeatable
def _clear_part(task_id: int) -> bool:
    """Delete some of the rows; the task with the last of them. False where nothing is left."""
    with transaction() as current:
        hold(current, Task, Task.id == task_id)
        modules = sa.select(PointTask.items_total).where(PointTask.task_id == task_id).limit(1)
        step = max(1, PART // (current.execute(modules).scalar() or 1))
        some = sa.select(PointTask.id).where(PointTask.task_id == task_id).order_by(PointTask.id).limit(step)
        ids = list(current.execute(some).scalars())
        for kind, column in ((TaskItem, TaskItem.point_task_id), (PointTask, PointTask.id)):
            delete = sa.delete(kind).where(column.in_(ids))
            current.execute(delete.execution_options(synchronize_session=False))
        if not ids:
            current.execute(_hidden(task_id))
        return bool(ids)


def _hidden(task_id: int) -> sa.Delete:
    delete = sa.delete(Task).where(Task.id == task_id, Task.prepared_at.is_not(None))
    return delete.execution_options(synchronize_session=False)
