"""What was held says in the morning what is true in the morning; one person, one overdue message."""

import json
from collections import defaultdict
from datetime import datetime

import pytest
from flask import Flask

from app import clock
from app.insight import mornings
from app.notices.ledger import inbox
from app.notices.ledger import lines as ledger
from app.notices.ledger.lines import Asked
from app.notices.pacing import QuietHours
from app.notices.sending.messages import deliver_due
from app.tasks.clock import overdue, reminders
from app.tasks.field import implement
from app.tasks.managing import supervise
from app.tasks.telling import scopes as of_tasks
from tests.mail import PostOffice
from tests.tasks.test_supervise import send_back
from tests.told_time import ToldTime

NIGHT = "2026-11-23 23:00"


@pytest.fixture(autouse=True)
def quiet(app: Flask) -> None:
    app.config["QUIET_HOURS"] = QuietHours.read("21:00-08:30")


def due(text: str) -> datetime:
    """A wall-clock time as the moment it means."""
    return clock.from_local(datetime.fromisoformat(text))


def published(world, *codes: str, due_at: str = NIGHT, **changes: object) -> int:
    return world.published(*codes, **({"type": "数据调度", "due_at": due(due_at)} | changes))


def tick(office: PostOffice) -> None:
    """The scheduler, once."""
    reminders.scan()
    overdue.scan()
    mornings.release()
    deliver_due(office)


def minutes(told_time: ToldTime, since: str, until: str) -> dict[str, list[str]]:
    """Minute by minute; what each member's phone showed, oldest first."""
    office = PostOffice()
    told_time.at(since)
    while clock.now() <= due(until):
        tick(office)
        told_time.pass_(minutes=1)
    shown = defaultdict(list)
    for body in map(json.loads, office.taken):
        shown[body["touser"]].append(body["template_card"])
    return shown


def overnight(told_time: ToldTime) -> None:
    """The day's messages are sent, and the deadline at eleven passes."""
    tick(PostOffice())
    told_time.at("2026-11-23 23:01")
    tick(PostOffice())
    told_time.at("2026-11-24 02:00")


def text(card: dict) -> str:
    return card["sub_title_text"]


def test_of_a_row_closed_in_the_night_those_copied_in_do_not_read_either_T69(world, told_time):
    task_id = published(world, "130102")
    overnight(told_time)
    world.close(world.row(task_id))

    assert minutes(told_time, "2026-11-24 08:30", "2026-11-24 09:30") == {}
    kept = ledger.page(of_tasks.of_task(task_id), Asked(outcome="已抑制")).lines
    assert len([line for line in kept if line.wording.startswith("overdue.")]) == 3


@pytest.mark.parametrize("how", ["closed", "transferred", "sent back", "given more time"])
def test_a_held_list_loses_the_points_that_no_longer_hold_T69(world, told_time, how):
    task_id = published(world, "130102", "130104", "130105")
    overnight(told_time)
    row = world.row(task_id, "130104")
    if how == "transferred":
        world.transfer(row.id, to="李静")
    else:
        world.close(row)
    if how == "sent back":
        send_back(world, world.row(task_id, "130104"))
    if how == "given more time":
        send_back(world, world.row(task_id, "130104"), new_due_at=due("2026-11-30 18:00"))
    deliver_due(PostOffice())  # what people do rings at once

    shown = minutes(told_time, "2026-11-24 08:30", "2026-11-24 08:59")

    [own], [watched] = shown["wangqiang"], shown["zhaolan"]
    assert own["main_title"]["desc"] == "长安区"
    assert own["button_list"][-1]["key"] == f"point_task.close:{world.row(task_id).id}"
    if how == "transferred":
        assert "区域长安区、桥西区、新华区：王强等2人的数据调度任务已超期" in text(watched)
        assert shown["lijing"][0]["main_title"]["desc"] == "桥西区、新华区"
    else:
        assert "区域长安区、新华区：王强等2人的数据调度任务已超期" in text(watched)


def test_a_point_removed_in_the_night_and_one_revoked_with_its_task_are_not_spoken_of(world, told_time):
    published(world, "130102", due_at=NIGHT)
    gone = published(world, "130104", due_at=NIGHT)
    overnight(told_time)
    supervise.revoke(gone, by=world.person("林敏"), reason="x", seen_version=None, form_key=world.key())
    deliver_due(PostOffice())

    shown = minutes(told_time, "2026-11-24 08:30", "2026-11-24 08:59")

    assert [text(card) for card in shown["zhaolan"]] == [
        "【已超期提醒】：区域长安区：王强的数据调度任务已超期，请及时跟进监督。"
    ]


def test_an_urging_held_for_the_night_lists_what_is_unfinished_in_the_morning_T67(world, told_time):
    task_id = published(world, "130102", "130104", "130105", due_at="2026-12-04 18:00")
    deliver_due(PostOffice())
    told_time.at("2026-11-23 22:00")
    supervise.urge_all(task_id, by=world.person("林敏"), form_key=world.key())
    world.close(world.row(task_id, "130102"))
    world.close(world.row(task_id, "130105"), by="李静")

    shown = minutes(told_time, "2026-11-24 08:30", "2026-11-24 08:59")

    assert "lijing" not in shown
    assert [text(card) for card in shown["zhaolan"]] == [
        "【催办提醒】：区域桥西区：王强-数据调度任务还未完成，请及时跟进监督。"
    ]
    assert shown["wangqiang"][0]["main_title"]["desc"] == "桥西区"


def test_a_pushed_reminder_of_a_deadline_that_passed_in_the_night_is_not_said(app, world, told_time):
    app.config["REMIND_PUSH"] = True
    published(world, "130102", due_at="2026-11-24 01:00")  # two hours before: 23:00
    overnight(told_time)
    tick(PostOffice())

    shown = minutes(told_time, "2026-11-24 08:30", "2026-11-24 08:59")

    assert [text(card)[:8] for card in shown["wangqiang"]] == ["【已超期提醒】："]


def twelve(world, due_at: str) -> list[int]:
    return [published(world, "130102", "130104", due_at=due_at, urgency="紧急") for _ in range(12)]


def test_twelve_tasks_overdue_in_a_night_are_one_card_that_lists_them_all(world, told_time):
    tasks = twelve(world, NIGHT)
    overnight(told_time)

    shown = minutes(told_time, "2026-11-24 08:30", "2026-11-24 09:40")

    assert {who: len(cards) for who, cards in shown.items()} == {"wangqiang": 1, "zhaolan": 1, "sunli": 1}
    [own], [watched] = shown["wangqiang"], shown["zhaolan"]
    head = "【已超期提醒】：王强有12条任务已超期，请尽快完成并在长天长平台上的待办任务中办结任务：\n1. 数据调度 · 紧急：长安区、桥西区\n"
    assert text(own).startswith(head)
    assert text(own).endswith("（等12条，见页面）")
    assert own["main_title"]["title"] == "12 条任务已超期"
    assert "next=/%3Ftab%3Dmine&" in own["button_list"][0]["url"]
    assert text(watched).startswith("【已超期提醒】：12条任务已超期，请及时跟进监督：\n1. 数据调度")
    for task_id in tasks:
        late = [
            line for line in ledger.page(of_tasks.of_task(task_id)).lines if line.wording[:7] == "overdue"
        ]
        assert len(late) == 3
        assert {(line.outcome, bool(line.merged_into_id), bool(line.msgid)) for line in late} == {
            ("已受理", True, True)
        }


def test_the_daily_reminders_of_twelve_tasks_are_one_message_a_day(world, told_time):
    twelve(world, "2026-11-23 18:00")
    told_time.at("2026-11-23 18:01")
    tick(PostOffice())

    for day in ("2026-11-24", "2026-11-25"):
        shown = minutes(told_time, f"{day} 08:50", f"{day} 09:40")
        assert {who: len(cards) for who, cards in shown.items()} == {
            "wangqiang": 1,
            "zhaolan": 1,
            "sunli": 1,
        }
        assert "王强有12条任务已超期" in text(shown["wangqiang"][0])


def test_the_daily_reminder_of_one_task_is_its_own_card(world, told_time):
    task_id = published(world, "130102", due_at="2026-11-23 18:00")
    told_time.at("2026-11-23 18:01")
    tick(PostOffice())

    [card] = minutes(told_time, "2026-11-24 08:50", "2026-11-24 09:40")["wangqiang"]

    assert text(card).startswith("【已超期提醒】：王强有一条数据调度任务已超期")
    assert card["button_list"][-1]["key"] == f"point_task.close:{world.row(task_id).id}"


def test_what_became_overdue_at_night_and_what_has_been_for_days_is_one_message_a_morning(world, told_time):
    published(world, "130102", due_at="2026-11-23 18:00")
    told_time.at("2026-11-23 18:01")
    tick(PostOffice())
    published(world, "130104", due_at=NIGHT)
    overnight(told_time)

    shown = minutes(told_time, "2026-11-24 08:30", "2026-11-24 09:40")

    assert [len(shown[who]) for who in ("wangqiang", "zhaolan", "sunli")] == [1, 1, 1]
    assert text(shown["wangqiang"][0]).endswith("1. 数据调度 · 紧急：桥西区\n2. 数据调度 · 紧急：长安区")


def test_of_one_task_overdue_at_night_nobody_hears_twice_the_next_morning(world, told_time):
    published(world, "130102")
    overnight(told_time)

    shown = minutes(told_time, "2026-11-24 08:30", "2026-11-24 09:40")

    assert [len(shown[who]) for who in ("wangqiang", "zhaolan", "sunli")] == [1, 1, 1]


def test_the_app_lists_each_task_and_not_the_message_that_gathers_them(world, told_time):
    twelve(world, NIGHT)
    overnight(told_time)
    minutes(told_time, "2026-11-24 08:30", "2026-11-24 08:59")

    told = inbox.messages_page(world.person("赵岚"), act="overdue").messages

    assert {message.wording for message in told} == {"overdue.copied_in"}
    assert len(told) == 12


def test_a_row_closed_a_minute_before_its_daily_reminder_goes_out_is_left_out(world, told_time):
    first = published(world, "130102", due_at="2026-11-23 18:00")
    published(world, "130104", due_at="2026-11-23 18:00")
    told_time.at("2026-11-23 18:01")
    tick(PostOffice())
    told_time.at("2026-11-24 09:10")
    reminders.scan()
    overdue.scan()
    world.feed_back(world.row(first))
    row = world.row(first)
    implement.close(row.id, by=world.person("王强"), seen_version=None, form_key=world.key())

    shown = minutes(told_time, "2026-11-24 09:11", "2026-11-24 09:40")

    assert [card["main_title"]["desc"] for card in shown["wangqiang"]] == ["桥西区"]
    assert [card["main_title"]["desc"] for card in shown["zhaolan"]] == ["桥西区"]
