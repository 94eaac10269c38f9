"""What acts change in the facts of a row and of a task. Pure; who may act stands in `lifecycle`."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Protocol

from app.errors import BadInput, NotAllowed
from app.tasks.labels import ITEM_WORDS, ItemState, RowFacts


class Item(Protocol):
    """One 明细 inside a row."""

    id: int
    name: str
    state: int
    done_at: datetime | None
    restored_at: datetime | None


class Row(RowFacts, Protocol):
    """The facts of a row that acts change."""

    due_at: datetime
    due_given_at: datetime | None
    next_look_at: datetime | None
    escalated_at: datetime | None
    closed_by_id: int | None
    urged_at: datetime | None
    urge_count: int


class TaskRow(Protocol):
    """The facts of a task that acts change."""

    revoked_at: datetime | None
    revoked_by_id: int | None
    announce_overdue_from: datetime | None
    remind_at: datetime | None
    nag_at: datetime | None
    paused_to: date | None
    pause_reason: str | None
    paused_by_id: int | None
    silent_until: datetime | None
    version: int


def set_done(
    row: Row, items: Iterable[Item], done_ids: set[int], *, decides: bool, at: datetime
) -> list[str]:
    """Set items to 是 or back to 否 as ticked, those of a rollback to 已回退 or 需回退 (Q14).

    Returns what changed, e.g. ["应急事件：否→是"].

    Only who `decides` may change 是/否 (Q28); others must leave it as it is.
    """
    items = list(items)
    if unknown := done_ids - {item.id for item in items}:
        raise BadInput(f"页面与任务不一致（明细 {min(unknown)} 不属于该点位），请刷新后重试。")
    changes = []
    for item in items:
        ticked = item.id in done_ids
        if item.state == ItemState.NOT_UPGRADED:
            if ticked:
                raise BadInput(f"{item.name}暂不升级，不能改为“是”，请刷新后重试。")
            continue
        wanted = _decided(item.state, ticked=ticked)
        if item.state == wanted:
            continue
        if not decides:
            raise NotAllowed("完成状态只能由实施人选择，您可以填写说明。")
        changes.append(f"{item.name}：{ITEM_WORDS[ItemState(item.state)]}→{ITEM_WORDS[wanted]}")
        if wanted in (ItemState.OPEN, ItemState.DONE):
            item.done_at = at if ticked else None
        else:
            item.restored_at = at if ticked else None
        item.state = wanted
        row.items_done += 1 if ticked else -1
    return changes


FINISHED = (ItemState.DONE, ItemState.ROLLED_BACK)


def _decided(state: int, *, ticked: bool) -> ItemState:
    if state in (ItemState.TO_ROLL_BACK, ItemState.ROLLED_BACK):
        return ItemState.ROLLED_BACK if ticked else ItemState.TO_ROLL_BACK
    return ItemState.DONE if ticked else ItemState.OPEN


def close(row: Row, *, by_id: int, at: datetime) -> None:
    """办结: the row is done and no longer watched for its deadline."""
    row.closed_at = at
    row.closed_by_id = by_id
    row.next_look_at = None


def urge(row: Row, *, at: datetime) -> None:
    """催办: remembered on the row, so that people see how often and when."""
    row.urged_at = at
    row.urge_count += 1


def send_back(
    row: Row,
    items: Iterable[Item],
    item_ids: set[int],
    *,
    at: datetime,
    new_due_at: datetime | None,
    task_due_at: datetime,
    quiet_until: datetime,
) -> list[str]:
    """打回: the ticked items go back to 否 and the row is open again (Q4); returns their names.

    With a new deadline the row is on time again, and so it is where the task
    got more time while the row was closed. Without that a row already past its
    deadline is not reminded of before `quiet_until` (Q2).
    """
    ticked = [item for item in items if item.id in item_ids]
    if len(ticked) != len(item_ids):
        raise BadInput("页面与任务不一致，请刷新后重试。")
    if not ticked or any(item.state not in FINISHED for item in ticked):
        raise BadInput(fields={"item": "请至少勾选一项需要重做的明细。"})
    for item in ticked:
        if item.state == ItemState.DONE:
            item.done_at = None
        item.state, item.restored_at = _decided(item.state, ticked=False), None
    row.items_done -= len(ticked)
    row.rolled_back_at = None  # that rollback is over; what the row reads now is 打回 (T-59)
    row.closed_at = row.closed_by_id = None
    row.sent_back_at = at
    if new_due_at is not None:
        row.due_given_at = at
    elif row.due_given_at is None and task_due_at > row.due_at:
        new_due_at = task_due_at
    if new_due_at is not None:
        row.due_at, row.overdue_at, row.escalated_at = new_due_at, None, None
    row.next_look_at = row.due_at if row.due_at > at else max(row.due_at, quiet_until)
    return [item.name for item in ticked]


def add_again(row: Row, *, due_at: datetime) -> None:
    """A place comes back into the task: its row begins anew, with the deadline of the task (T-11)."""
    row.revoked_at = row.sent_back_at = None
    row.due_at = row.next_look_at = due_at
    row.due_given_at = row.overdue_at = row.escalated_at = None


def revoke(task: TaskRow, *, by_id: int, at: datetime) -> None:
    """任务撤销: the task ends; what was done stays in the history (Q34)."""
    task.revoked_at = at
    task.revoked_by_id = by_id
    task.announce_overdue_from = task.remind_at = task.nag_at = None
    task.version += 1


def pause_reminders(task: TaskRow, *, to: date, reason: str, by_id: int, silent_until: datetime) -> None:
    """暂停提醒: paused up to and including a day; the clock speaks of the task from `silent_until` on."""
    task.paused_to, task.pause_reason, task.paused_by_id = to, reason, by_id
    task.silent_until = silent_until
    task.version += 1


def resume_reminders(task: TaskRow, *, silent_until: datetime) -> None:
    """恢复提醒, from that moment on."""
    task.paused_to, task.pause_reason, task.paused_by_id = None, None, None
    task.silent_until = silent_until
    task.version += 1
