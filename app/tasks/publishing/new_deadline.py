"""Which rows follow when the deadline of their task moves (T-11, Q10). Pure but for `move`."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from app import clock
from app.db import Session, among
from app.people.models import Person
from app.tasks import labelling
from app.tasks.models import PointTask, Task
from app.tasks.telling.aftercare import drop_held
from app.tasks.telling.points import Point
from app.tasks.upcoming import look_ahead
from app.work import history

OF_THE_EARLIER = {"due_given_at": None, "overdue_at": None, "escalated_at": None}
"""What a row forgets with its earlier deadline."""
WAS_OVERDUE, DUE_MOVED = "was_overdue", "due_moved"


class OpenRow(NamedTuple):
    """A row that is waited for, with its deadline as it stands."""

    point: Point
    due_at: datetime
    given: bool  # 打回 or 升级回退 gave it this deadline
    overdue: bool

    def is_own(self, of_task: datetime) -> bool:
        """Whether the deadline is the row's own: given to it, or later than the task's."""
        return self.given or self.due_at > of_task


def follows(row: OpenRow, *, before: datetime, after: datetime, own_too: bool) -> bool:
    """Whether `row` gets the deadline `after` of a task that was due `before`.

    A row's own deadline stays unless `own_too`; and where the task gets more time, no row gets less.
    """
    if row.due_at == after:
        return False
    if not row.is_own(before):
        return after != before
    return own_too and not before < after < row.due_at


def move(session: Session, task: Task, rows: Sequence[OpenRow], due_at: datetime, *, by: Person) -> None:
    """Give the task and these of its rows a new deadline; what was 已超期 among them is on time again (Q10)."""
    before = task.due_at
    task.due_at = due_at
    _remember(session, rows, before, due_at, by=by)
    session.execute(
        sa.update(PointTask)
        .where(among(PointTask.id, [row.point.id for row in rows]))
        .values(labelling.with_label(due_at=due_at, next_look_at=due_at, **OF_THE_EARLIER))
        .execution_options(synchronize_session=False)
    )
    _start_over(session, task, reason=f"完成时间改为 {clock.shown(due_at)}，不再提醒")


def _remember(
    session: Session, rows: Sequence[OpenRow], before: datetime | None, due_at: datetime, *, by: Person
) -> None:
    """On each row what the task's own history does not say of it: 曾超期, or another deadline than the task's."""
    late = {row.point.id: {"was_due": clock.shown(row.due_at)} for row in rows if row.overdue}
    history.record_many(session, PointTask, late, WAS_OVERDUE, by=by)
    other = {
        row.point.id: {"changes": [f"任务要求完成时间：{clock.shown(row.due_at)} → {clock.shown(due_at)}"]}
        for row in rows
        if row.due_at != before and not row.overdue
    }
    history.record_many(session, PointTask, other, DUE_MOVED, by=by)


def _start_over(session: Session, task: Task, *, reason: str) -> None:
    """Deadlines moved: what waits for the morning is not said, and the ladder below the new ones begins.

    Of rows that stay overdue, having a deadline of their own, is spoken again.
    """
    dropped = drop_held(session, task, reason=reason)
    task.remind_at = None
    look_ahead(session, task)
    late = sa.exists().where(
        PointTask.task_id == task.id, PointTask.is_open, PointTask.overdue_at.is_not(None)
    )
    if not session.execute(sa.select(late)).scalar():
        task.nag_at = None
    elif dropped:
        task.announce_overdue_from = task.published_at
