"""暂停提醒: the clock says nothing of a task for a while; facts, and what people do, go on."""

from datetime import date

import pytest
from flask import Flask

from app.db import session
from app.errors import BadInput, Conflict, NotFound, OutOfDate
from app.notices.ledger import lines as ledger
from app.notices.pacing import QuietHours
from app.tasks.clock import overdue
from app.tasks.field import implement
from app.tasks.managing import pausing, supervise
from app.tasks.reading.heads import Pause, head
from app.tasks.telling import scopes as of_tasks
from app.work import history
from tests.tasks.test_reminders import FRIDAY_SIX, due, tick, told
from tests.tasks.test_supervise import send_back
from tests.told_time import ToldTime
from tests.world import World

WHY = "县里停电检修"


@pytest.fixture
def escalates(app: Flask) -> None:
    app.config["ESCALATE_AFTER_DAYS"] = 2


def pause(world: World, task_id: int, *, by: str = "林敏", **changes: object) -> None:
    values = {"to": date(2026, 12, 3), "reason": WHY, "seen_version": None, "form_key": world.key()}
    pausing.pause_reminders(task_id, by=world.person(by), **(values | changes))


def resume(world: World, task_id: int, *, by: str = "林敏") -> None:
    pausing.resume_reminders(task_id, by=world.person(by), seen_version=None, form_key=world.key())


def told_by_the_clock(world: World, name: str = "王强") -> list[str]:
    """When the clock spoke to somebody, of anything."""
    acts = ("remind", "overdue", "escalate")
    return [at for act in acts for who, at in told(world, act) if who == name]


def test_while_it_is_paused_the_clock_says_nothing_and_marks_what_is_late(
    world: World, told_time: ToldTime, escalates: None
) -> None:
    task_id = world.published("130102", due_at=due(FRIDAY_SIX))
    pause(world, task_id)

    for moment in (
        "2026-11-26 18:00",
        "2026-11-27 16:00",
        FRIDAY_SIX,
        "2026-11-30 09:10",
        "2026-12-03 17:00",
    ):
        tick(told_time, moment)

    assert told_by_the_clock(world) == told_by_the_clock(world, "郑大区") == []
    assert world.row(task_id).label == "已超期"


def test_what_was_due_meanwhile_is_said_once_in_the_first_working_hour(
    world: World, told_time: ToldTime, escalates: None
) -> None:
    task_id = world.published("130102", due_at=due(FRIDAY_SIX))
    tick(told_time, FRIDAY_SIX)
    pause(world, task_id)

    for moment in ("2026-11-30 09:10", "2026-12-03 23:59", "2026-12-04 00:00", "2026-12-04 08:59"):
        tick(told_time, moment)
    for moment in ("2026-12-04 09:10", "2026-12-04 09:11", "2026-12-04 15:00"):
        tick(told_time, moment)

    assert told_by_the_clock(world) == ["11-27 18:00", "12-04 09:10"]
    assert told_by_the_clock(world, "郑大区") == ["12-04 09:10"]


def test_rows_late_before_and_during_the_pause_are_told_of_together(
    world: World, told_time: ToldTime
) -> None:
    task_id = world.published("130102", "130105", due_at=due(FRIDAY_SIX))
    row = world.row(task_id, "130105")
    world.feed_back(row, by="李静")
    implement.close(row.id, by=world.person("李静"), seen_version=None, form_key=world.key())
    tick(told_time, FRIDAY_SIX)
    pause(world, task_id)
    send_back(world, world.row(task_id, "130105"), new_due_at=due("2026-12-02 10:00"))
    tick(told_time, "2026-12-02 10:01")

    told_time.at("2026-12-04 09:10")
    overdue.scan()  # whichever job comes first
    tick(told_time, "2026-12-04 09:10")

    assert told_by_the_clock(world, "赵岚") == ["11-27 18:00", "12-04 09:10"]
    assert world.texts("赵岚")[-1].startswith("【已超期提醒】：区域长安区、新华区：")


def test_the_steps_of_the_ladder_that_passed_meanwhile_are_one_reminder(
    world: World, told_time: ToldTime
) -> None:
    task_id = world.published("130102", due_at=due("2026-11-25 10:30"))
    pause(world, task_id, to=date(2026, 11, 24))

    for moment in ("2026-11-24 10:30", "2026-11-25 08:30", "2026-11-25 09:10", "2026-11-25 09:11"):
        tick(told_time, moment)

    assert told_by_the_clock(world) == ["11-25 09:10"]


def test_reminders_go_on_at_once_where_they_are_resumed_in_a_working_hour(
    world: World, told_time: ToldTime
) -> None:
    task_id = world.published("130102", due_at=due(FRIDAY_SIX))
    pause(world, task_id)
    tick(told_time, "2026-11-30 10:00")
    resume(world, task_id)
    tick(told_time, "2026-11-30 10:01")

    assert told_by_the_clock(world) == ["11-30 10:01"]
    assert head(world.person("王强"), task_id).pause is None


def test_resumed_in_the_evening_it_waits_for_the_next_working_morning(
    world: World, told_time: ToldTime
) -> None:
    task_id = world.published("130102", due_at=due(FRIDAY_SIX))
    pause(world, task_id)
    told_time.at("2026-11-27 22:00")
    resume(world, task_id)

    for moment in ("2026-11-27 22:01", "2026-11-28 10:00", "2026-11-30 09:00", "2026-11-30 09:10"):
        tick(told_time, moment)

    assert told_by_the_clock(world) == ["11-30 09:10"]


def test_what_people_do_is_not_paused(world: World, told_time: ToldTime) -> None:
    task_id = world.published("130102", due_at=due(FRIDAY_SIX))
    pause(world, task_id)

    supervise.urge_all(task_id, by=world.person("林敏"), form_key=world.key())

    assert ("王强", "urge.implementer") in world.queued()


def test_a_reminder_that_waits_for_the_morning_is_suppressed_with_the_reason(
    app: Flask, world: World, told_time: ToldTime
) -> None:
    app.config["QUIET_HOURS"] = QuietHours.read("21:00-08:30")
    task_id = world.published("130102", type="数据调度", due_at=due("2026-11-23 23:00"))
    tick(told_time, "2026-11-23 23:00")
    supervise.urge_all(task_id, by=world.person("林敏"), form_key=world.key())

    pause(world, task_id, to=date(2026, 11, 24))

    lines = ledger.page(of_tasks.of_task(task_id)).lines
    late = {(line.outcome, line.reason) for line in lines if line.wording.startswith("overdue")}
    assert late == {("已抑制", f"提醒暂停至 2026-11-24：{WHY}")}
    assert {line.outcome for line in lines if line.wording.startswith("urge")} == {"待发"}
    tick(told_time, "2026-11-25 09:10")
    assert told_by_the_clock(world) == ["11-23 23:00", "11-25 09:10"]


def test_everyone_who_sees_the_task_reads_until_when_why_and_who(world: World) -> None:
    task_id = world.published("130102")
    pause(world, task_id)

    pauses = {head(world.person(name), task_id).pause for name in ("林敏", "周总", "王强", "赵岚")}

    assert pauses == {Pause(date(2026, 12, 3), WHY, "林敏")}
    [event] = [one for one in history.of(session(), "task", task_id) if one.act == "pause_reminders"]
    assert (event.by.name, event.facts) == ("林敏", {"reason": WHY, "until": "2026-12-03"})


def test_a_second_pause_changes_the_day_and_the_reason(world: World, told_time: ToldTime) -> None:
    task_id = world.published("130102")
    pause(world, task_id)
    pause(world, task_id, by="周总", to=date(2026, 11, 25), reason="改为三天")
    assert head(world.person("王强"), task_id).pause == Pause(date(2026, 11, 25), "改为三天", "周总")

    told_time.at("2026-11-26 00:00")
    assert head(world.person("王强"), task_id).pause is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"to": None}, "pause_to"),
        ({"to": date(2026, 11, 22)}, "pause_to"),
        ({"to": date(2026, 12, 24)}, "pause_to"),
        ({"reason": " "}, "pause_reason"),
        ({"reason": "长" * 501}, "pause_reason"),
    ],
)
def test_a_day_within_thirty_and_a_reason_are_asked_for(world: World, changes: dict, field: str) -> None:
    task_id = world.published("130102")

    with pytest.raises(BadInput) as refusal:
        pause(world, task_id, **changes)

    assert list(refusal.value.fields) == [field]
    assert world.row(task_id).task.paused_to is None


def test_only_who_manages_the_task_pauses_it_and_only_while_there_is_something_to_say(world: World) -> None:
    task_id = world.published("130102")
    for name in ("王强", "赵岚", "何主任", "陌生人"):
        with pytest.raises(NotFound):
            pause(world, task_id, by=name)
    with pytest.raises(Conflict, match="没有暂停"):
        resume(world, task_id)
    with pytest.raises(OutOfDate):
        pause(world, task_id, seen_version=99)
    done = world.closed_point_task()
    with pytest.raises(Conflict, match="都已办结"):
        pause(world, done.task_id)


def test_a_double_tap_pauses_once(world: World) -> None:
    task_id, key = world.published("130102"), world.key()
    for _ in range(2):
        pause(world, task_id, seen_version=1, form_key=key)

    assert world.row(task_id).task.version == 2


def test_what_a_short_pause_took_from_the_morning_is_said_the_same_day(
    app: Flask, world: World, told_time: ToldTime
) -> None:
    app.config["QUIET_HOURS"] = QuietHours.read("21:00-08:30")
    task_id = world.published("130102", type="数据调度", due_at=due("2026-11-24 00:30"))
    tick(told_time, "2026-11-24 00:31")
    told_time.at("2026-11-24 08:00")
    pause(world, task_id, to=date(2026, 11, 24))
    told_time.at("2026-11-24 10:00")
    resume(world, task_id)

    for _ in range(2):
        tick(told_time, "2026-11-24 15:10")

    said = [line for line in ledger.page(of_tasks.of_task(task_id)).lines if line.recipient == "王强"]
    late = [line.outcome for line in said if line.wording == "overdue.implementer"]
    assert sorted(late) == ["已抑制", "待发"]
