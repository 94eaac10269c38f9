"""Before the deadline, every working day after it, and upwards: the clock's other words."""

from datetime import date, datetime

import pytest
from flask import Flask

from app import clock
from app.notices.ledger import lines as ledger
from app.people.models import Role
from app.tasks.clock import overdue, reminders
from app.tasks.field import implement
from app.tasks.managing import supervise
from app.tasks.publishing import edit
from app.work import calendar_days
from tests.tasks.test_supervise import send_back
from tests.told_time import ToldTime

FRIDAY_SIX = "2026-11-27 18:00"


def due(text: str) -> datetime:
    """A wall-clock time as the moment it means."""
    return clock.from_local(datetime.fromisoformat(text))


def tick(told_time: ToldTime, wall_clock: str) -> None:
    """The scheduler at this moment."""
    told_time.at(wall_clock)
    reminders.scan()
    overdue.scan()


def told(world, act: str) -> list[tuple[str, str]]:
    """(who, at) of every message of this act, oldest first."""
    lines = ledger.page(ledger.EVERYTHING, size=500).lines
    found = [
        (line.recipient, clock.shown(line.created_at)[5:]) for line in lines if line.wording.startswith(act)
    ]
    return found[::-1]


def test_an_open_row_is_spoken_of_before_its_deadline_in_the_app_only_Q44(world, told_time):
    world.published("130102", "130105", due_at=due(FRIDAY_SIX))
    tick(told_time, "2026-11-26 17:59")
    assert told(world, "remind") == []

    for _ in range(2):
        tick(told_time, "2026-11-26 18:00")
    tick(told_time, "2026-11-27 16:00")

    assert told(world, "remind") == [
        ("王强", "11-26 18:00"),
        ("李静", "11-26 18:00"),
        ("王强", "11-27 16:00"),
        ("李静", "11-27 16:00"),
    ]
    assert (
        world.texts("王强")[-1] == "【到期提醒】：王强有一条应急事件任务将于2026-11-27 18:00到期，还未办结。"
    )
    assert {
        line.outcome for line in ledger.page(ledger.EVERYTHING).lines if line.wording.startswith("remind")
    } == {"站内"}


def test_who_is_done_is_not_reminded(world, told_time):
    row = world.closed_point_task()
    tick(told_time, "2026-11-23 16:00")

    assert told(world, "remind") == []
    assert world.row(row.task_id).task.remind_at is None


def test_where_it_is_configured_the_reminder_is_pushed(app: Flask, world, told_time):
    app.config["REMIND_PUSH"] = True
    world.published("130102", due_at=due(FRIDAY_SIX))
    tick(told_time, "2026-11-26 18:00")

    [line] = [line for line in ledger.page(ledger.EVERYTHING).lines if line.wording.startswith("remind")]
    assert line.outcome == "待发"


def test_a_row_sent_back_with_its_own_deadline_has_its_own_ladder(world, told_time):
    row = world.closed_point_task()
    send_back(world, row, new_due_at=due(FRIDAY_SIX))
    tick(told_time, "2026-11-26 18:01")

    assert told(world, "remind") == [("王强", "11-26 18:01")]


def test_after_the_crossing_once_per_working_day_until_it_is_done_Q43(world, told_time):
    task_id = world.published("130102", due_at=due(FRIDAY_SIX))
    for day in (27, 28, 29, 30):  # Friday to Monday
        for time in ("18:00", "18:01", "22:00"):
            tick(told_time, f"2026-11-{day} {time}")
    assert [at for who, at in told(world, "overdue") if who == "王强"] == ["11-27 18:00", "11-30 18:00"]

    world.feed_back(world.row(task_id))
    implement.close(world.row(task_id).id, by=world.person("王强"), seen_version=None, form_key=world.key())
    tick(told_time, "2026-12-01 09:30")
    assert len([who for who, _ in told(world, "overdue") if who == "王强"]) == 2
    assert world.row(task_id).task.nag_at is None


def test_the_daily_reminder_comes_a_little_after_nine_on_a_working_day(world, told_time):
    task_id = world.published("130102", due_at=due(FRIDAY_SIX))
    tick(told_time, FRIDAY_SIX)

    nag_at = clock.shown(world.row(task_id).task.nag_at)
    assert "2026-11-30 09:01" <= nag_at <= "2026-11-30 09:09"


def test_the_daily_reminder_can_be_switched_off(app: Flask, world, told_time):
    app.config["OVERDUE_DAILY"] = False
    task_id = world.published("130102", due_at=due(FRIDAY_SIX))
    tick(told_time, FRIDAY_SIX)

    assert world.row(task_id).task.nag_at is None


def test_a_row_sent_back_past_its_deadline_is_left_alone_until_the_next_working_day_Q2(world, told_time):
    row = world.closed_point_task()
    told_time.at("2026-11-25 10:00")  # the deadline was on the 23rd
    send_back(world, row)
    tick(told_time, "2026-11-25 18:00")
    assert told(world, "overdue") == []

    tick(told_time, "2026-11-26 09:10")
    assert [who for who, _ in told(world, "overdue")] == ["王强", "赵岚", "孙丽"]


@pytest.fixture
def escalates(app: Flask) -> None:
    app.config["ESCALATE_AFTER_DAYS"] = 2


def test_what_stays_overdue_is_told_to_the_region_manager_once(world, told_time, escalates):
    world.published("130102", "130105", "310101", due_at=due(FRIDAY_SIX))
    tick(told_time, FRIDAY_SIX)
    tick(told_time, "2026-11-30 09:10")
    assert told(world, "escalate") == []

    tick(told_time, "2026-12-01 09:10")
    tick(told_time, "2026-12-02 09:10")

    assert told(world, "escalate") == [("郑大区", "12-01 09:10")]
    assert world.texts("郑大区") == [
        "【超期上报】：区域长安区、新华区：王强等2人的应急事件任务超过完成时间已2个工作日，还未办结。"
    ]


def test_the_next_word_of_it_comes_on_a_working_morning_and_not_before_Q43(world, told_time):
    task_id = world.published("130102", due_at=due(FRIDAY_SIX))
    tick(told_time, FRIDAY_SIX)

    at = clock.shown(world.row(task_id).task.nag_at)
    assert "2026-11-30 09:00" < at < "2026-11-30 09:11"


def test_nothing_goes_upwards_unless_configured(world, told_time):
    world.appoint("周总", Role.REGION_MANAGER)
    world.published("130102", due_at=due(FRIDAY_SIX))
    for moment in (FRIDAY_SIX, "2026-11-30 09:10", "2026-12-04 09:10"):
        tick(told_time, moment)

    assert told(world, "escalate") == []


def test_a_revoked_task_has_no_more_reminders(world, told_time):
    task_id = world.published("130102", due_at=due(FRIDAY_SIX))
    supervise.revoke(task_id, by=world.person("林敏"), reason="x", seen_version=None, form_key=world.key())
    tick(told_time, "2026-11-26 18:00")

    assert told(world, "remind") == []


def test_an_idle_scan_writes_nothing(world, told_time):
    world.published("130102", due_at=due(FRIDAY_SIX))

    assert reminders.scan() == 0


def test_what_is_sent_back_before_its_deadline_is_spoken_of_again(world, told_time):
    task_id = world.published("130102", due_at=due(FRIDAY_SIX))
    world.close(world.row(task_id))
    tick(told_time, "2026-11-26 18:00")  # nobody to remind
    told_time.at("2026-11-27 09:00")
    send_back(world, world.row(task_id))

    tick(told_time, "2026-11-27 16:00")

    assert told(world, "remind") == [("王强", "11-27 16:00")]


def test_points_added_when_all_others_were_done_are_spoken_of(world, told_time):
    task_id = world.published("130102", due_at=due(FRIDAY_SIX))
    world.close(world.row(task_id))
    tick(told_time, "2026-11-26 18:00")
    told_time.at("2026-11-27 09:00")
    form = world.form("130102", "130105", due_at=due(FRIDAY_SIX))
    edit.edit(task_id, form, by=world.person("林敏"), seen_version=None, form_key=world.key())

    tick(told_time, "2026-11-27 16:00")

    assert told(world, "remind") == [("李静", "11-27 16:00")]


def test_a_working_day_that_became_a_day_off_has_no_daily_reminder(world, told_time):
    world.published("130102", due_at=due(FRIDAY_SIX))
    tick(told_time, FRIDAY_SIX)
    off = {"is_working": False, "note": "统一休息", "seen_version": 0}
    calendar_days.set_day(date(2026, 11, 30), by=world.person("何志远"), **off)
    before = told(world, "overdue")

    tick(told_time, "2026-11-30 09:20")
    assert told(world, "overdue") == before

    tick(told_time, "2026-12-01 09:20")
    assert told(world, "overdue")[len(before) :]


def test_what_was_sent_back_this_morning_has_until_the_next_one_Q2(world, told_time):
    task_id = world.published("130102", "130105", due_at=due(FRIDAY_SIX))
    tick(told_time, FRIDAY_SIX)
    world.close(world.row(task_id))
    told_time.at("2026-11-30 09:00")
    send_back(world, world.row(task_id))

    tick(told_time, "2026-11-30 09:10")
    assert [at for who, at in told(world, "overdue") if who == "王强"] == [FRIDAY_SIX[5:]]

    tick(told_time, "2026-12-01 09:10")
    assert ("王强", "12-01 09:10") in told(world, "overdue")


def test_a_new_deadline_that_is_overrun_as_well_goes_upwards_again_Q10(app: Flask, world, told_time):
    app.config["ESCALATE_AFTER_DAYS"] = 2
    task_id = world.published("130102", due_at=due(FRIDAY_SIX))
    for moment in (FRIDAY_SIX, "2026-11-30 09:10", "2026-12-01 09:10"):
        tick(told_time, moment)
    assert len(told(world, "escalate")) == 1
    form = world.form("130102", due_at=due("2026-12-04 18:00"))
    edit.edit(task_id, form, by=world.person("林敏"), seen_version=None, form_key=world.key())

    for moment in ("2026-12-04 18:00", "2026-12-07 09:10", "2026-12-08 09:10", "2026-12-09 09:10"):
        tick(told_time, moment)

    assert len(told(world, "escalate")) == 2
