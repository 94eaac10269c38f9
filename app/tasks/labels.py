"""What people read: 任务类型, 任务状态, 完成进度. Pure.

Facts decide; labels are computed from them and never branched on.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import NamedTuple, Protocol


class TaskType(StrEnum):
    """任务类型 (T-24), stored and shown by its own name."""

    UPGRADE = "升级任务"
    DATA_RUN = "数据调度"
    EMERGENCY = "应急事件"
    BIG_EVENT = "重大活动保障"


class Urgency(StrEnum):
    """重要紧急程度 (Q39)."""

    NORMAL = "一般"
    IMPORTANT = "重要"
    URGENT = "紧急"
    IMPORTANT_URGENT = "重要紧急"


class TrialState(StrEnum):
    """送测状态 of a package."""

    SENT = "已送测"
    PASSED = "测试通过"
    FAILED = "测试未通过"


class Label(StrEnum):
    """任务状态 of a row as people read it (Q1, Q16); computed, never branched on."""

    REVOKED = "已撤销"
    CLOSED = "已办结"
    ROLLED_BACK = "升级回退"
    NOT_UPGRADED = "暂不升级"
    SENT_BACK = "打回"
    OVERDUE = "已超期"
    NORMAL = "正常"


class ItemState(IntEnum):
    """完成状态 of an item: 否 / 是 / 需回退 / 已回退 / 暂不升级."""

    OPEN = 0
    DONE = 1
    TO_ROLL_BACK = 2
    ROLLED_BACK = 3
    NOT_UPGRADED = 4


ITEM_WORDS = {
    ItemState.OPEN: "否",
    ItemState.DONE: "是",
    ItemState.TO_ROLL_BACK: "需回退",
    ItemState.ROLLED_BACK: "已回退",
    ItemState.NOT_UPGRADED: "暂不升级",
}
ROLLED_BACK = (ItemState.TO_ROLL_BACK, ItemState.ROLLED_BACK, ItemState.NOT_UPGRADED)
"""What a 升级回退 makes of items, by themselves or by the people of the field."""


class TaskState(StrEnum):
    """完成状态 of a whole task (Q6)."""

    OPEN = "未完成"
    PARTLY = "部分完成"
    DONE = "已完成"
    NOT_UPGRADED = "暂不升级"  # every row is: nothing is waited for, and nothing was done (Q16)
    REVOKED = "已撤销"
    DRAFT = "暂存"


class Tally(NamedTuple):
    """Rows that carry one label, and what their items have done."""

    rows: int
    items_total: int
    items_done: int

    def plus(self, other: "Tally") -> "Tally":
        """Both together."""
        return Tally(*map(int.__add__, self, other))

    def less(self, other: "Tally") -> "Tally":
        """This one without the other; what is left may be below nothing."""
        return Tally(*map(int.__sub__, self, other))


NOTHING = Tally(0, 0, 0)


class RowFacts(Protocol):
    """The facts of a row that its label and progress follow from."""

    revoked_at: datetime | None
    closed_at: datetime | None
    rolled_back_at: datetime | None
    sent_back_at: datetime | None
    overdue_at: datetime | None
    items_total: int
    items_done: int


def label_of(row: RowFacts) -> Label:
    """已撤销 > 已办结 > 暂不升级 > 升级回退 > 打回 > 已超期 > 正常 (Q1, Q16)."""
    if row.revoked_at:
        return Label.REVOKED
    if row.closed_at:
        return Label.CLOSED
    if row.rolled_back_at:
        return Label.ROLLED_BACK if row.items_total else Label.NOT_UPGRADED
    if row.sent_back_at:
        return Label.SENT_BACK
    return Label.OVERDUE if row.overdue_at else Label.NORMAL


def wears_overdue_chip(*, label: str, overdue_at: datetime | None) -> bool:
    """A 打回 or 升级回退 row past its deadline also shows 超期 (Q2)."""
    return overdue_at is not None and label in (Label.SENT_BACK, Label.ROLLED_BACK)


def progress(*, done: int, total: int) -> int:
    """完成进度 in whole percent: floor, but 1…99 while mixed, 100 only with nothing open (T-60, Q8)."""
    if not total or not done:
        return 0
    if done >= total:
        return 100
    return max(1, done * 100 // total)  # below 100, since something is open


def task_state(rows_by_label: Mapping[str, int], *, revoked: bool = False) -> TaskState:
    """未完成 / 部分完成 / 已完成 / 暂不升级 / 已撤销 from the rows that still count (Q6, Q7, Q16)."""
    if revoked:
        return TaskState.REVOKED
    live = live_rows(rows_by_label)
    closed = rows_by_label.get(Label.CLOSED, 0)
    if live and closed == live:
        return TaskState.DONE
    if live:
        return TaskState.PARTLY if closed else TaskState.OPEN
    if rows_by_label.get(Label.NOT_UPGRADED):
        return TaskState.NOT_UPGRADED
    return TaskState.REVOKED if rows_by_label.get(Label.REVOKED) else TaskState.OPEN


def live_rows(rows_by_label: Mapping[str, int]) -> int:
    """How many rows count: neither 已撤销 nor 暂不升级 (Q6, Q16)."""
    gone = (Label.REVOKED, Label.NOT_UPGRADED)
    return sum(number for label, number in rows_by_label.items() if label not in gone)


def percent_of(percent: int, live: int) -> str:
    """完成进度 of a task as people read it; where no row counts there is none."""
    return f"{percent}%" if live else "—"


def closed_of(closed: int, live: int) -> str:
    """What stands beside the 完成进度 of a task: 办结 12/18 (Q55)."""
    return f"办结 {closed}/{live}" if live else ""
