"""The same kind of task to the same places again: asked before it is published."""

from collections.abc import Collection, Iterator
from datetime import timedelta

import sqlalchemy as sa

from app import clock
from app.db import Session, among
from app.errors import Question
from app.people.models import Person
from app.tasks import access
from app.tasks.models import PointTask, Task

LATELY = timedelta(days=7)
NEWEST = 10  # tasks that are looked at: a publish waits for no more, whatever was published in a week


def of_same(
    current: Session, *, type_: str, patch_id: int | None, place_codes: Collection[str], by: Person
) -> Iterator[Question]:
    """Asks about places with an open row of a task of this type (of this 补丁包) that was published lately.

    Only of tasks that `by` may see. A newer one than was asked about is asked
    about anew.
    """
    since = clock.now() - LATELY
    same = (
        Task.type == type_,
        Task.patch_id == patch_id,
        Task.revoked_at.is_(None),
        Task.published_at > since,
    )
    found = sa.select(Task.id, Task.published_at).where(*same, access.visible_tasks(by))
    found = found.order_by(Task.id.desc()).limit(NEWEST)
    lately = {row.id: clock.shown(row.published_at) for row in current.execute(found) if row.published_at}
    open_there = (PointTask.is_open, among(PointTask.place_code, place_codes))
    query = sa.select(sa.func.max(PointTask.task_id), sa.func.count(PointTask.place_code.distinct()))
    task_id, number = current.execute(query.where(PointTask.task_id.in_(lately), *open_there)).one()
    if task_id is not None:
        text = f"{number} 个点位上已有未办结的同类任务（发布于 {lately[task_id]}），仍要发布吗？"
        yield Question(f"same-{task_id}", text, f"/tasks/{task_id}", "查看这条任务")
