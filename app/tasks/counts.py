"""Keeps the (task, 大区, label) summary in the same commit as the rows: how many, and what their items have done."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import sqlalchemy as sa

from app.db import Session, inserting
from app.tasks.labels import NOTHING, Tally, label_of
from app.tasks.models import PointTask, TaskCount

NO_REGION = 0

Key = tuple[int, int, str]
"""Task, 大区, label."""

_SUMS = (TaskCount.rows, TaskCount.items_total, TaskCount.items_done)


def write_first(
    session: Session, task_id: int, regions: Mapping[int, int], label: str, *, items: int
) -> None:
    """The counts of rows that were just written, of `items` open ones each; `regions` maps 大区 id → rows."""
    add(session, {(task_id, region, label): Tally(n, n * items, 0) for region, n in regions.items()})


@contextmanager
def kept(session: Session, row: PointTask) -> Iterator[None]:
    """What is done to the row inside shows in its label, and in the counts."""
    key_before, before = _key(row), _tally(row)
    yield
    row.label = label_of(row)
    key, after = _key(row), _tally(row)
    if (key, after) == (key_before, before):
        return
    changes = {key_before: NOTHING.less(before)}
    changes[key] = changes.get(key, NOTHING).plus(after)
    add(session, changes)


def _key(row: PointTask) -> Key:
    return row.task_id, row.region_id or NO_REGION, str(row.label)


def _tally(row: PointTask) -> Tally:
    return Tally(1, row.items_total, row.items_done)


def by_label(session: Session, task_id: int) -> dict[str, int]:
    """Label → rows of the whole task."""
    return {label: tally.rows for label, tally in tallies(session, [task_id])[task_id].items()}


def tallies(
    session: Session, task_ids: list[int], *, region_id: int | None = None
) -> dict[int, dict[str, Tally]]:
    """Task id → label → its rows, those of one 大区 where `region_id` is given; every task that is asked for."""
    sums = (sa.func.sum(column) for column in _SUMS)
    query = sa.select(TaskCount.task_id, TaskCount.label, *sums).where(TaskCount.task_id.in_(task_ids))
    if region_id is not None:
        query = query.where(TaskCount.region_id == region_id)
    found: dict[int, dict[str, Tally]] = {task_id: {} for task_id in task_ids}
    for task_id, label, *numbers in session.execute(query.group_by(TaskCount.task_id, TaskCount.label)):
        found[task_id][label] = Tally(*map(int, numbers))
    return found


def clear(session: Session, task_id: int) -> None:
    """Forget a task's counts; `rewrite` follows in the same commit."""
    session.execute(sa.delete(TaskCount).where(TaskCount.task_id == task_id))


def rewrite(session: Session, task_id: int) -> None:
    """Count a task's rows anew, after an act that changed many at once."""
    session.flush()
    clear(session, task_id)
    region = sa.func.coalesce(PointTask.region_id, NO_REGION)
    items = (sa.func.sum(PointTask.items_total), sa.func.sum(PointTask.items_done))
    rows = (
        sa.select(PointTask.task_id, region, PointTask.label, sa.func.count(), *items)
        .where(PointTask.task_id == task_id)
        .group_by(PointTask.task_id, region, PointTask.label)
    )
    columns = [TaskCount.task_id, TaskCount.region_id, TaskCount.label, *_SUMS]
    session.execute(sa.insert(TaskCount).from_select(columns, rows))


def add(session: Session, changes: Mapping[Key, Tally]) -> None:
    """Add to the counts, which may not be there yet."""
    rows = [
        {"task_id": task_id, "region_id": region_id, "label": label, **tally._asdict()}
        for (task_id, region_id, label), tally in sorted(changes.items())  # no two writers wait in a circle
    ]
    if rows:
        session.execute(_adding(session), rows)


def _adding(session: Session) -> sa.sql.dml.Insert:
    insert = inserting(session, TaskCount)
    key = ["task_id", "region_id", "label"]
    sums = {column.key: column + insert.excluded[column.key] for column in _SUMS}
    return insert.on_conflict_do_update(index_elements=key, set_=sums)
