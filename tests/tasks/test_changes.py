"""What acts change in the facts of rows, items and tasks; no database is needed."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest

from app.errors import BadInput, NotAllowed
from app.tasks import changes
from app.tasks.labels import ItemState

NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)
EARLIER = NOW - timedelta(days=1)
LATER = NOW + timedelta(days=1)
MUCH_LATER = NOW + timedelta(days=2)


@dataclass
class Item:
    id: int
    name: str
    state: int = ItemState.OPEN
    done_at: datetime | None = None
    restored_at: datetime | None = None


@dataclass
class Row:
    due_at: datetime = LATER
    items_total: int = 2
    items_done: int = 0
    due_given_at: datetime | None = None
    next_look_at: datetime | None = LATER
    escalated_at: datetime | None = None
    closed_at: datetime | None = None
    closed_by_id: int | None = None
    urged_at: datetime | None = None
    urge_count: int = 0
    revoked_at: datetime | None = None
    rolled_back_at: datetime | None = None
    sent_back_at: datetime | None = None
    overdue_at: datetime | None = None


@dataclass
class Task:
    version: int = 1
    revoked_at: datetime | None = None
    revoked_by_id: int | None = None
    announce_overdue_from: datetime | None = LATER
    remind_at: datetime | None = LATER
    nag_at: datetime | None = LATER
    paused_to: date | None = None
    pause_reason: str | None = None
    paused_by_id: int | None = None
    silent_until: datetime | None = None


def two(first: ItemState = ItemState.OPEN, second: ItemState = ItemState.OPEN) -> list[Item]:
    """模块A and 模块B in these states; what was done, was done yesterday."""
    found = [Item(1, "模块A", first), Item(2, "模块B", second)]
    for item in found:
        item.done_at = EARLIER if item.state != ItemState.OPEN else None
        item.restored_at = EARLIER if item.state == ItemState.ROLLED_BACK else None
    return found


def tick(row: Row, items: list[Item], *ids: int, decides: bool = True) -> list[str]:
    return changes.set_done(row, items, set(ids), decides=decides, at=NOW)


def send_back(row: Row, items: list[Item], *ids: int, **changed: datetime | None) -> list[str]:
    moments = {"new_due_at": None, "task_due_at": row.due_at, "quiet_until": LATER} | changed
    return changes.send_back(row, items, set(ids), at=NOW, **moments)  # type: ignore[arg-type]


# -- 反馈


def test_a_ticked_item_is_done_from_now_on_and_counted() -> None:
    row, items = Row(), two()

    assert tick(row, items, 2) == ["模块B：否→是"]
    assert [(item.state, item.done_at, item.restored_at) for item in items] == [
        (ItemState.OPEN, None, None),
        (ItemState.DONE, NOW, None),
    ]
    assert row.items_done == 1


def test_a_tick_taken_away_opens_the_item_again() -> None:
    row, items = Row(items_done=2), two(ItemState.DONE, ItemState.DONE)

    assert tick(row, items, 1) == ["模块B：是→否"]
    assert (items[1].state, items[1].done_at) == (ItemState.OPEN, None)
    assert row.items_done == 1


def test_what_stays_as_it_is_keeps_its_moment() -> None:
    row, items = Row(items_done=1), two(ItemState.DONE)

    assert tick(row, items, 1) == []
    assert (items[0].done_at, row.items_done) == (EARLIER, 1)


def test_after_a_roll_back_a_tick_says_restored_and_what_was_done_stays_known() -> None:
    row, items = Row(), two(ItemState.TO_ROLL_BACK, ItemState.TO_ROLL_BACK)

    assert tick(row, items, 1) == ["模块A：需回退→已回退"]
    assert (items[0].state, items[0].done_at, items[0].restored_at) == (ItemState.ROLLED_BACK, EARLIER, NOW)
    assert row.items_done == 1
    assert tick(row, items) == ["模块A：已回退→需回退"]
    assert (items[0].state, items[0].done_at, items[0].restored_at) == (ItemState.TO_ROLL_BACK, EARLIER, None)
    assert row.items_done == 0


def test_an_item_that_is_not_upgraded_is_passed_over_and_cannot_be_ticked() -> None:
    row, items = Row(), two(ItemState.NOT_UPGRADED)

    assert tick(row, items, 2) == ["模块B：否→是"]
    assert items[0].state == ItemState.NOT_UPGRADED
    with pytest.raises(BadInput) as caught:
        tick(row, items, 1)
    assert str(caught.value) == "模块A暂不升级，不能改为“是”，请刷新后重试。"


def test_who_does_not_decide_may_leave_everything_as_it_is_and_change_nothing() -> None:
    row, items = Row(items_done=1), two(ItemState.DONE)

    assert tick(row, items, 1, decides=False) == []
    with pytest.raises(NotAllowed) as caught:
        tick(row, items, 1, 2, decides=False)
    assert str(caught.value) == "完成状态只能由实施人选择，您可以填写说明。"
    assert (items[1].state, row.items_done) == (ItemState.OPEN, 1)


def test_items_of_other_rows_are_refused() -> None:
    with pytest.raises(BadInput) as caught:
        tick(Row(), two(), 1, 9, 8)
    assert str(caught.value) == "页面与任务不一致（明细 8 不属于该点位），请刷新后重试。"


# -- 办结, 催办


def test_a_closed_row_is_not_looked_at_again() -> None:
    row = Row()
    changes.close(row, by_id=7, at=NOW)

    assert (row.closed_at, row.closed_by_id, row.next_look_at) == (NOW, 7, None)


def test_urges_are_counted() -> None:
    row = Row(urge_count=1)
    changes.urge(row, at=NOW)

    assert (row.urged_at, row.urge_count) == (NOW, 2)


# -- 打回


def closed(**facts: object) -> Row:
    """A row that was done, rolled back and closed."""
    done = {"items_done": 2, "closed_at": EARLIER, "closed_by_id": 7, "rolled_back_at": EARLIER}
    return Row(**(done | {"next_look_at": None} | facts))  # type: ignore[arg-type]


def test_what_is_sent_back_is_open_again() -> None:
    row, items = closed(), two(ItemState.DONE, ItemState.DONE)

    assert send_back(row, items, 1) == ["模块A"]
    assert [(item.state, item.done_at) for item in items] == [
        (ItemState.OPEN, None),
        (ItemState.DONE, EARLIER),
    ]
    assert (row.items_done, row.sent_back_at) == (1, NOW)
    assert (row.closed_at, row.closed_by_id, row.rolled_back_at) == (None, None, None)


def test_a_restored_item_that_is_sent_back_must_be_restored_again() -> None:
    row, items = closed(), two(ItemState.ROLLED_BACK, ItemState.DONE)

    assert send_back(row, items, 1, 2) == ["模块A", "模块B"]
    assert (items[0].state, items[0].done_at, items[0].restored_at) == (ItemState.TO_ROLL_BACK, EARLIER, None)
    assert row.items_done == 0


@pytest.mark.parametrize("ids", [(), (2,), (1, 2)])
def test_only_what_is_done_can_be_sent_back(ids: tuple[int, ...]) -> None:
    with pytest.raises(BadInput) as caught:
        send_back(closed(), two(ItemState.DONE), *ids)

    assert caught.value.fields == {"item": "请至少勾选一项需要重做的明细。"}


def test_items_of_other_rows_are_not_sent_back() -> None:
    with pytest.raises(BadInput) as caught:
        send_back(closed(), two(ItemState.DONE), 1, 9)
    assert str(caught.value) == "页面与任务不一致，请刷新后重试。"


def test_a_new_deadline_makes_the_row_punctual_again() -> None:
    row = closed(due_at=EARLIER, overdue_at=EARLIER, escalated_at=EARLIER)
    send_back(row, two(ItemState.DONE), 1, new_due_at=LATER, task_due_at=MUCH_LATER)

    assert (row.due_at, row.due_given_at, row.next_look_at) == (LATER, NOW, LATER)
    assert (row.overdue_at, row.escalated_at) == (None, None)


def test_more_time_that_the_task_got_meanwhile_is_the_rows_as_well() -> None:
    row = closed(due_at=EARLIER, overdue_at=EARLIER, escalated_at=EARLIER)
    send_back(row, two(ItemState.DONE), 1, task_due_at=MUCH_LATER)

    assert (row.due_at, row.due_given_at, row.next_look_at) == (MUCH_LATER, None, MUCH_LATER)
    assert (row.overdue_at, row.escalated_at) == (None, None)


@pytest.mark.parametrize(
    ("given_at", "task_due_at"), [(EARLIER, MUCH_LATER), (None, EARLIER), (None, EARLIER - timedelta(days=1))]
)
def test_a_row_that_is_late_stays_late_and_is_left_in_peace_for_a_while(
    given_at: datetime | None, task_due_at: datetime
) -> None:
    row = closed(due_at=EARLIER, due_given_at=given_at, overdue_at=EARLIER, escalated_at=EARLIER)
    send_back(row, two(ItemState.DONE), 1, task_due_at=task_due_at)

    assert (row.due_at, row.due_given_at, row.next_look_at) == (EARLIER, given_at, LATER)
    assert (row.overdue_at, row.escalated_at) == (EARLIER, EARLIER)


def test_a_row_that_is_not_late_yet_is_looked_at_when_it_is_due() -> None:
    row = closed(due_at=LATER)
    send_back(row, two(ItemState.DONE), 1, quiet_until=MUCH_LATER)
    assert row.next_look_at == LATER

    row = closed(due_at=NOW)
    send_back(row, two(ItemState.DONE), 1, quiet_until=LATER)
    assert row.next_look_at == LATER


# -- whole tasks


def test_a_revoked_task_is_spoken_of_no_more() -> None:
    task = Task()
    changes.revoke(task, by_id=7, at=NOW)

    assert task == Task(
        revoked_at=NOW, revoked_by_id=7, announce_overdue_from=None, remind_at=None, nag_at=None, version=2
    )


def test_reminders_pause_and_come_back() -> None:
    task = Task()
    day = date(2026, 11, 25)
    changes.pause_reminders(task, to=day, reason="等补丁", by_id=7, silent_until=MUCH_LATER)
    assert task == Task(
        paused_to=day, pause_reason="等补丁", paused_by_id=7, silent_until=MUCH_LATER, version=2
    )

    changes.resume_reminders(task, silent_until=NOW)
    assert task == Task(silent_until=NOW, version=3)
