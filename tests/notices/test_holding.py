"""Quiet hours: what can wait arrives in the morning, one message per person; the rest goes at once."""

from datetime import datetime

import pytest
import sqlalchemy as sa
from flask import Flask

from app import clock
from app.db import session
from app.insight import mornings
from app.notices.ledger import lines as ledger
from app.notices.ledger import opened, retrying
from app.notices.models import Delivery, Outcome
from app.notices.pacing import QuietHours
from app.notices.queue import night as held_back
from app.notices.sending.backlog import backlog
from app.notices.sending.messages import deliver_due
from app.tasks.clock import overdue
from app.tasks.clock.mornings import Tasks
from app.tasks.managing import supervise
from app.tasks.publishing import edit
from app.tasks.telling import scopes as of_tasks
from tests.mail import PostOffice, outcomes, taken
from tests.told_time import ToldTime


@pytest.fixture(autouse=True)
def quiet(app: Flask) -> None:
    app.config["QUIET_HOURS"] = QuietHours.read("21:00-08:30")


def night(world, told_time: ToldTime, *codes: str, type_: str = "数据调度") -> int:
    """A task that passes its deadline at eleven at night; everything of the day is sent."""
    task_id = world.published(*codes, type=type_, due_at=due("2026-11-23 23:00"))
    deliver_due(PostOffice())
    told_time.at("2026-11-23 23:00")
    told_time.pass_(seconds=20)
    overdue.scan()
    return task_id


def due(text: str) -> datetime:
    """A wall-clock time as the moment it means."""
    return clock.from_local(datetime.fromisoformat(text))


def carried(office: PostOffice) -> list[str]:
    return sorted(office.userids)


def morning(told_time: ToldTime) -> PostOffice:
    """From half past eight to a quarter to nine, minute by minute; what was sent, and never at :30."""
    office = PostOffice()
    told_time.at("2026-11-24 08:30")
    for _ in range(15):
        before = len(office.taken)
        mornings.release()
        deliver_due(office)
        assert clock.local(clock.now()).minute not in (0, 30) or len(office.taken) == before
        told_time.pass_(minutes=1)
    return office


def test_what_is_overdue_at_night_arrives_once_in_the_morning(world, told_time):
    task_id = night(world, told_time, "130102")
    office = PostOffice()
    deliver_due(office)
    assert office.taken == []
    held = [
        line for line in ledger.page(of_tasks.of_task(task_id)).lines if line.wording.startswith("overdue")
    ]
    assert {(line.outcome, line.reason) for line in held} == {
        ("待发", "免打扰时间（21:00–08:30），暂存到早上")
    }
    assert {clock.shown(line.held_until) for line in held} == {"2026-11-24 08:30"}

    assert carried(morning(told_time)) == ["sunli", "wangqiang", "zhaolan"]
    assert outcomes() == {"已受理": 6}
    assert mornings.release() == 0


def test_an_emergency_rings_at_night(world, told_time):
    night(world, told_time, "130102", type_="应急事件")
    office = PostOffice()
    told_time.pass_(minutes=5)  # off the mark
    deliver_due(office)

    assert carried(office) == ["sunli", "wangqiang", "zhaolan"]


def test_what_somebody_does_at_night_goes_at_once(world, told_time):
    told_time.at("2026-11-23 22:00")
    task_id = world.published("130102", type="数据调度")
    row = world.row(task_id)
    supervise.urge(row.id, by=world.person("林敏"), form_key=world.key())  # one row: an answer to a click
    office = PostOffice()
    deliver_due(office)

    assert len(office.taken) == 6


def test_several_messages_of_a_night_arrive_as_one_digest_that_says_them_all(world, told_time):
    first = night(world, told_time, "130102")
    second = world.published("130104", type="数据调度", due_at=due("2026-11-24 23:00"))
    deliver_due(PostOffice())
    supervise.urge_all(second, by=world.person("林敏"), form_key=world.key())

    office = morning(told_time)

    assert carried(office) == ["sunli", "wangqiang", "zhaolan"]  # one each
    said = next(body.decode() for body in office.taken if b'"wangqiang"' in body)
    assert "【晨间汇总】" in said
    assert "1. 【已超期提醒】：王强有一条数据调度任务已超期" in said
    assert "2. 【催办提醒】：王强有一条数据调度任务还未完成" in said
    for task_id in (first, second):
        merged = [line for line in ledger.page(of_tasks.of_task(task_id)).lines if line.merged_into_id]
        assert {(line.outcome, bool(line.msgid)) for line in merged} == {("已受理", True)}


def test_two_tasks_overdue_in_a_night_are_one_message_that_says_where(world, told_time):
    world.published("130104", type="数据调度", due_at=due("2026-11-23 23:00"))
    night(world, told_time, "130102")

    said = next(body.decode() for body in morning(told_time).taken if b'"wangqiang"' in body)

    assert "王强有2条任务已超期，请尽快完成" in said
    assert r"1. 数据调度 · 紧急：桥西区\n2. 数据调度 · 紧急：长安区" in said


def test_who_opens_a_digest_has_opened_every_message_in_it(world, told_time):
    task_id = night(world, told_time, "130102")
    supervise.urge_all(task_id, by=world.person("林敏"), form_key=world.key())
    morning(told_time)
    digest = session().execute(sa.select(Delivery).where(Delivery.wording == "digest.everyone")).scalars()
    [uid] = [row.uid for row in digest if row.recipient_id == world.by_name["王强"]]

    opened.opened(uid, by=world.person("王强"))

    assert opened.latest(of_tasks.of_task(task_id)).keys() == {world.by_name["王强"]}
    seen = [line for line in ledger.page(of_tasks.of_task(task_id)).lines if line.opened_at]
    assert {line.recipient for line in seen} == {"王强"}
    assert len(seen) == 2


def test_a_digest_that_does_not_arrive_counts_for_every_message_in_it(world, told_time):
    task_id = night(world, told_time, "130102")
    supervise.urge_all(task_id, by=world.person("林敏"), form_key=world.key())
    told_time.at("2026-11-24 08:44")
    mornings.release()
    office = PostOffice()
    office.answers("wangqiang", taken(invalid="wangqiang"))
    deliver_due(office)

    scopes, linmin = of_tasks.of_task(task_id), world.person("林敏")
    assert ledger.unreached(scopes) == [("王强", "无效账号")]
    [first, second] = ledger.page(scopes, ledger.Asked(outcome=ledger.UNDELIVERED)).lines
    assert retrying.retry_all(scopes, by=linmin) == 1  # the digest
    office.answers("wangqiang", taken(invalid="wangqiang"))
    deliver_due(office)
    retrying.ignore(first.id, by=linmin, within=of_tasks.mended_by(linmin))
    assert first.merged_into_id == second.merged_into_id
    assert ledger.unreached(scopes) == []


def test_a_task_revoked_in_the_night_is_not_spoken_of_in_the_morning(world, told_time):
    task_id = night(world, told_time, "130102")
    supervise.revoke(
        task_id, by=world.person("林敏"), reason="不需要了", seen_version=None, form_key=world.key()
    )
    deliver_due(PostOffice())

    assert morning(told_time).taken == []
    dropped = [line for line in ledger.page(of_tasks.of_task(task_id)).lines if line.outcome == "已抑制"]
    assert {line.reason for line in dropped} == {"任务已撤销，不再提醒"}


def test_what_is_held_is_no_backlog(world, told_time):
    night(world, told_time, "130102")

    assert backlog().messages.number == 0


def test_a_release_cut_off_half_way_is_finished_by_the_next(world, told_time, monkeypatch):
    night(world, told_time, "130102", "310101")
    told_time.at("2026-11-24 08:41")
    monkeypatch.setattr(held_back, "CHUNK", 1)
    held_back._release(held_back._waiting(clock.now()), Tasks())
    monkeypatch.undo()

    assert mornings.release() == 4
    assert session().query(Delivery).filter(Delivery.outcome == Outcome.MERGED).count() == 0


def test_a_row_closed_in_the_night_is_not_called_overdue_in_the_morning(world, told_time):
    task_id = night(world, told_time, "130102")
    world.close(world.row(task_id))

    assert morning(told_time).taken == []
    said = ledger.page(of_tasks.of_task(task_id)).lines
    assert {line.reason for line in said if line.outcome == "已抑制"} == {"已办结，不再提醒"}


def test_who_closed_all_of_several_rows_in_the_night_hears_nothing_of_them_in_the_morning(world, told_time):
    task_id = night(world, told_time, "130102", "130104")
    world.close(world.row(task_id, "130102"))
    world.close(world.row(task_id, "130104"))

    assert "wangqiang" not in morning(told_time).userids


def test_a_deadline_moved_in_the_night_is_not_called_overdue_in_the_morning(world, told_time):
    task_id = night(world, told_time, "130102")
    form = world.form("130102", type="数据调度", due_at=due("2026-11-30 18:00"))
    edit.edit(task_id, form, by=world.person("林敏"), seen_version=None, form_key=world.key())
    deliver_due(PostOffice())  # the change itself rings at once

    assert morning(told_time).taken == []


def test_who_is_urged_at_night_and_done_before_the_morning_is_left_alone(world, told_time):
    task_id = world.published("130102", type="数据调度", due_at=due("2026-11-30 18:00"))
    deliver_due(PostOffice())
    told_time.at("2026-11-23 22:00")
    supervise.urge_all(task_id, by=world.person("林敏"), form_key=world.key())
    world.close(world.row(task_id))

    assert morning(told_time).taken == []


def test_a_digest_does_not_speak_of_a_task_revoked_in_the_minutes_before_it(world, told_time):
    world.published("130102", type="重大活动保障", due_at=due("2026-11-23 23:00"))
    task_id = night(world, told_time, "130102")
    told_time.at("2026-11-24 08:30")
    mornings.release()
    supervise.revoke(
        task_id, by=world.person("林敏"), reason="发错了", seen_version=None, form_key=world.key()
    )

    deliver_due(PostOffice())  # the end of it rings at once

    [said] = [body.decode() for body in morning(told_time).taken if b"wangqiang" in body]

    assert "王强有一条重大活动保障任务已超期" in said
    assert "数据调度" not in said


def test_what_a_clock_that_ran_ahead_holds_for_the_night_is_held_until_the_next_morning(world, told_time):
    night(world, told_time, "130102")
    told_time.at("2025-11-24 22:00")

    assert mornings.release() == 0

    query = sa.select(Delivery.held_until).where(Delivery.held_until.is_not(None))
    assert set(session().scalars(query)) == {due("2025-11-25 08:30")}
