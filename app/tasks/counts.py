"""Keeps the (task, 大区, label) summary in the same commit as the rows."""

from collections import Counter
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from app.db import Session
from app.tasks.labels import label_of
from app.tasks.models import PointTask, TaskCount

NO_REGION = 0


def write_first(session: Session, task_id: int, regions: Mapping[int, int], label: str) -> None:
    """The counts of a task that was just published; `regions` maps 大区 id → rows."""
    rows = [
        {"task_id": task_id, "region_id": region, "label": label, "rows": n} for region, n in regions.items()
    ]
    session.execute(sa.insert(TaskCount), rows)


def relabel(session: Session, row: PointTask) -> None:
    """Recompute a row's label and move it between the counts."""
    old, row.label = row.label, label_of(row)
    if row.label != old:
        key = (row.task_id, row.region_id or NO_REGION)
        move(session, Counter({(*key, old, row.label): 1}))


def by_label(session: Session, task_id: int) -> dict[str, int]:
    """Label → rows of the whole task."""
    query = (
        sa.select(TaskCount.label, sa.func.sum(TaskCount.rows))
        .where(TaskCount.task_id == task_id)
        .group_by(TaskCount.label)
    )
    return {label: int(n) for label, n in session.execute(query)}


def clear(session: Session, task_id: int) -> None:
    """Forget a task's counts; `rewrite` follows in the same commit."""
    session.execute(sa.delete(TaskCount).where(TaskCount.task_id == task_id))


def rewrite(session: Session, task_id: int) -> None:
    """Count a task's rows anew, after an act that changed many at once."""
    session.flush()
    clear(session, task_id)
    region = sa.func.coalesce(PointTask.region_id, NO_REGION)
    rows = (
        sa.select(PointTask.task_id, region, PointTask.label, sa.func.count())
        .where(PointTask.task_id == task_id)
        .group_by(PointTask.task_id, region, PointTask.label)
    )
    columns = [TaskCount.task_id, TaskCount.region_id, TaskCount.label, TaskCount.rows]
    session.execute(sa.insert(TaskCount).from_select(columns, rows))


def move(session: Session, moves: Mapping[tuple[int, int, str, str], int]) -> None:
    """Move rows between labels: (task, 大区, from, to) → how many."""
    rows = [
        {"task_id": task_id, "region_id": region_id, "label": label, "rows": change}
        for (task_id, region_id, old, new), n in sorted(moves.items())
        for label, change in ((old, -n), (new, n))
    ]
    if rows:
        session.execute(_add(session), rows)


def _add(session: Session) -> sa.sql.dml.Insert:
    """Adds to a count, which may not be there yet; sorted rows, so that two writers never wait in a circle."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite_insert(TaskCount) if sqlite else postgres_insert(TaskCount)
    key = ["task_id", "region_id", "label"]
    return insert.on_conflict_do_update(
        index_elements=key, set_={"rows": TaskCount.rows + insert.excluded.rows}
    )
