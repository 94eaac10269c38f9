"""What a 升级回退 writes on items and rows, in as few statements as their kinds of change."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app import clock
from app.db import Session, among
from app.tasks import counts, labelling
from app.tasks.models import PointTask, Task, TaskItem
from app.tasks.rollback import rules
from app.tasks.rollback.live_rows import LiveRow, got_more_time
from app.tasks.rollback_effects import AFTER, Effect
from app.work import calendar_days
from app.work.calendar import next_working_morning

ROWS_AT_ONCE = 1000  # whose items one statement changes: PostgreSQL stops a statement after ten seconds


def write(
    session: Session,
    task: Task,
    rows: Sequence[LiveRow],
    touched: Mapping[int, Effect],
    module_ids: Collection[int],
    *,
    due_at: datetime | None,
) -> None:
    """The items of these modules, the rows that are touched (id → effect), and the counts of the task."""
    _write_items(session, list(touched), module_ids)
    quiet_until = next_working_morning(clock.now(), overrides=calendar_days.overrides(session))
    for (restore, frozen, nothing_left), ids in _alike(rows, touched).items():
        due = (due_at, task.due_at)
        values = facts_after(restore, frozen, nothing_left=nothing_left, due=due, quiet_until=quiet_until)
        update = sa.update(PointTask).where(among(PointTask.id, ids)).values(values)
        session.execute(update.execution_options(synchronize_session=False))
    task.version += 1
    counts.rewrite(session, task.id)
    session.expire_all()


def _write_items(session: Session, row_ids: Sequence[int], module_ids: Collection[int]) -> None:
    for start in range(0, len(row_ids), ROWS_AT_ONCE):
        session.execute(
            sa.update(TaskItem)
            .where(
                among(TaskItem.point_task_id, row_ids[start : start + ROWS_AT_ONCE]),
                # As an expression it is no key of an index: SQLite would read every item of these modules.
                (TaskItem.module_id + 0).in_(module_ids),
                TaskItem.state.in_(AFTER),
            )
            .values(state=sa.case(AFTER, value=TaskItem.state))
            .execution_options(synchronize_session=False)
        )


def _alike(
    rows: Sequence[LiveRow], touched: Mapping[int, Effect]
) -> Mapping[tuple[int, int, bool], list[int]]:
    """The touched rows by what changes on them: items to restore, items frozen, whether nothing is left to do."""
    found: dict[tuple[int, int, bool], list[int]] = defaultdict(list)
    for row in rows:
        if effect := touched.get(row.point.id):
            total, _ = rules.counted(row.items_total, 0, effect)
            found[len(effect.to_restore), len(effect.frozen), total == 0].append(row.point.id)
    return found


def facts_after(
    restore: int,
    frozen: int,
    *,
    nothing_left: bool,
    due: tuple[datetime | None, datetime | None],
    quiet_until: datetime,
) -> dict[str, Any]:
    """What changes on rows of one kind; `due` is the deadline given to them now, and the task's."""
    facts: dict[str, Any] = {
        "items_total": PointTask.items_total - frozen,
        "items_done": PointTask.items_done - restore,
        "rolled_back_at": clock.now(),
    }
    if nothing_left:
        facts |= {"next_look_at": None}  # no reminders, no overdue (Q16)
    if restore:  # open again, also where it was 已办结 (Q19)
        facts |= {"closed_at": None, "closed_by_id": None}
        facts |= _deadline(*due, quiet_until=quiet_until)
    return labelling.with_label(**facts)


def _deadline(given: datetime | None, of_task: datetime | None, *, quiet_until: datetime) -> dict[str, Any]:
    """Until when rows that open again are to be restored; `changes.send_back` says the same of one row."""
    now = clock.now()
    if given is not None:
        return {
            "due_at": given,
            "next_look_at": given,
            "due_given_at": now,
            "overdue_at": None,
            "escalated_at": None,
        }
    more = got_more_time(of_task)
    due_at = sa.case((more, of_task), else_=PointTask.due_at)
    return {
        "due_at": due_at,
        "next_look_at": sa.case((due_at > now, due_at), else_=quiet_until),
        "overdue_at": sa.case((more, None), else_=PointTask.overdue_at),
        "escalated_at": sa.case((more, None), else_=PointTask.escalated_at),
    }
