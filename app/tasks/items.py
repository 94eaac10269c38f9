"""明细 of a task's rows: one per module of its 补丁包, or the one named after the type (T-27, T-28)."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from app.db import Session, session
from app.errors import BadInput
from app.locks import hold
from app.tasks.labels import ItemState, TaskType
from app.tasks.models import Patch, PatchModule, PointTask, Task, TaskItem

NO_SUCH_PATCH = "所选的补丁包已不在登记中，请重新选择。"


def require_patch(current: Session, patch_id: int | None) -> int | None:
    """The id of a registered 补丁包, whose modules stay as they are until the commit; BadInput for another."""
    if patch_id is None:
        return None
    hold(current, Patch, Patch.id == patch_id, shared=True)
    if current.execute(sa.select(Patch.id).where(Patch.id == patch_id)).first() is None:
        raise BadInput(fields={"patch": NO_SUCH_PATCH})
    return patch_id


def number_of(task: Task) -> int:
    """How many items a fresh row of this task has."""
    return number_in(task.patch_id) if task.patch_id is not None else 1


def number_in(patch_id: int | None) -> int:
    """How many modules a package has."""
    query = sa.select(sa.func.count()).where(PatchModule.patch_id == patch_id)
    return session().execute(query).scalar_one()


def insert(current: Session, task: Task, *rows: ColumnElement[bool]) -> None:
    """Write the items of the task's rows that meet `rows`, in one statement however many they are."""
    opened = sa.literal(int(ItemState.OPEN))
    columns: list[Any] = [TaskItem.point_task_id, TaskItem.name, TaskItem.state]
    values: list[Any] = [PointTask.id, sa.literal(task.type), opened]
    if task.patch_id is not None:
        columns.append(TaskItem.module_id)
        values = [PointTask.id, PatchModule.name, opened, PatchModule.id]
    found = sa.select(*values).where(PointTask.task_id == task.id, *rows)
    if task.patch_id is not None:
        found = found.join(PatchModule, PatchModule.patch_id == task.patch_id)
        found = found.order_by(PointTask.id, PatchModule.position)  # read in the order of their ids
    current.execute(sa.insert(TaskItem).from_select(columns, found))


def replace(current: Session, task: Task) -> None:
    """Other items for every row of a task of which nothing is done yet."""
    rows = sa.select(PointTask.id).where(PointTask.task_id == task.id)
    current.execute(
        sa.delete(TaskItem)
        .where(TaskItem.point_task_id.in_(rows))
        .execution_options(synchronize_session=False)
    )
    insert(current, task)
    current.execute(
        sa.update(PointTask)
        .where(PointTask.task_id == task.id)
        .values(items_total=number_of(task), version=PointTask.version + 1)
        .execution_options(synchronize_session=False)
    )


def any_in(current: Session, task: Task, *states: ItemState) -> bool:
    """True where a row of the task has an item in one of these states."""
    query = (
        sa.select(TaskItem.id).join(PointTask).where(PointTask.task_id == task.id, TaskItem.state.in_(states))
    )
    return current.execute(query.limit(1)).first() is not None


def by_state(current: Session, task: Task) -> dict[int, int]:
    """State → items in the live rows of an 升级任务; empty for other types, whose rows say it all."""
    if task.patch_id is None:
        return {}
    live = (PointTask.task_id == task.id, PointTask.revoked_at.is_(None))
    query = sa.select(TaskItem.state, sa.func.count()).join(PointTask).where(*live).group_by(TaskItem.state)
    return {int(state): int(n) for state, n in current.execute(query)}


def comes_from_patch(type_: str) -> bool:
    """True for the type that takes its items from a 补丁包 (T-25, T-26)."""
    return type_ == TaskType.UPGRADE
