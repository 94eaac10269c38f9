"""操作日志: everything that was done, narrowed by who, what, when and to what; page by page."""

import pytest

from app import clock
from app.administration import people
from app.insight import audit, audit_subjects
from app.insight.audit import Asked, Mark
from app.notices.ledger import retrying
from app.notices.sending.messages import deliver_due
from app.notices.wordings import rewording
from app.people import area_queries, areas
from app.people.models import Role
from app.tasks.clock import overdue
from app.tasks.telling.scopes import of_task
from app.work import platform
from tests.administration.conftest import form_of
from tests.mail import PostOffice, taken

RESET = {
    "key": "urge.implementer",
    "text": "【催办提醒】：【xxx（姓名）】，【任务类型】请于【任务要求完成时间】前在长天长平台办结。",
}


@pytest.fixture
def busy(world, told_time):
    """A day's work: a task, feedback, a person edited, places given, a text and a setting changed."""
    admin = world.person("何志远")
    row = world.point_task()
    told_time.pass_(minutes=1)
    world.feed_back(row, note="现场停电")
    told_time.pass_(minutes=1)
    lijing = world.person("李静")
    people.edit(lijing.id, form_of(lijing, position="工程师"), by=admin, seen=people.seen(lijing.id))
    seen = area_queries.areas_seen(lijing.id)
    areas.set_areas(lijing.id, by=admin, areas={Role.IMPLEMENTER: ["130105", "130107"]}, seen=seen)
    told_time.pass_(minutes=1)
    rewording.change(**RESET, by=admin, seen_version=0)
    platform.save({"platform_name": "甲平台"}, by=admin, seen=platform.seen())
    return world


def lines(**asked):
    return audit.page(Asked(**asked)).lines


def acts(**asked):
    return [(line.by, line.act, line.subject) for line in lines(**asked)]


@pytest.mark.proves("X-S23")
def test_everything_is_there_newest_first_by_its_name(busy):
    task = f"应急事件 · {clock.shown(busy.row(1).task.published_at)}"

    assert acts() == [
        ("何志远", "平台设置", "平台名称"),
        ("何志远", "修改通知模板", "催办提醒 · 实施人"),
        ("何志远", "编辑人员", "李静"),
        ("何志远", "支持区域", "李静"),
        ("王强", "反馈", "长安区 · 应急事件"),
        ("林敏", "发布", task),
    ]


def test_a_line_says_what_changed_in_words(busy):
    said = {line.act: (line.said, line.changed) for line in lines()}

    assert said["平台设置"][1] == ["平台名称：长天长平台 → 甲平台"]
    assert said["支持区域"][1] == ["井陉矿区 实施人：未登记 → 主要"]
    assert said["反馈"][0] == [("", "现场停电")]
    assert said["发布"][1] == ["1 个点位"]


def test_by_whom_by_act_and_by_subject(busy):
    assert [by for by, *_ in acts(by_id=busy.by_name["王强"])] == ["王强"]
    assert [act for _, act, _ in acts(act="edit_person")] == ["编辑人员"]
    assert [act for _, act, _ in acts(act="change_area")] == ["支持区域"]
    assert [act for _, act, _ in acts(kind="person")] == ["编辑人员", "支持区域"]
    assert acts(kind="person", subject_id=busy.by_name["王强"]) == []


def test_by_time_the_end_not_included(busy):
    published = busy.row(1).task.published_at
    assert next(line.act for line in lines(until=clock.now())) == "编辑人员"
    assert [line.act for line in lines(since=clock.now())] == ["平台设置", "修改通知模板"]
    assert lines(until=published) == []


def test_what_the_clock_did_is_the_systems(busy, told_time):
    told_time.pass_(days=30)
    overdue.scan()

    assert acts(by_the_system=True)[0][:2] == ("系统", "已超期")


def test_every_kind_of_a_busy_day_has_a_name(busy):
    assert {line.kind for line in lines()} <= audit_subjects.kind_names().keys()


def test_what_was_done_about_a_message_has_its_name_and_its_reader(world):
    office = PostOffice()
    office.answers("wangqiang", taken(invalid="wangqiang"))
    task_id = world.published("130102")
    deliver_due(office)
    linmin = world.person("林敏")
    retrying.retry_all(of_task(task_id), by=linmin)

    [line] = lines(kind="delivery")
    assert (line.by, line.act, line.changed) == ("林敏", "补发通知", ["原结果：无效账号"])
    assert line.subject.startswith("王强 · ")
    assert line.link == f"/people/{world.by_name['王强']}/deliveries"


@pytest.mark.parametrize("size", [1, 2, 5])
def test_pages_follow_each_other_without_gap_or_double_also_within_one_moment(busy, size):
    whole, found, after = lines(), [], None
    while True:
        part = audit.page(Asked(), after=after, size=size)
        found += part.lines
        if part.next_after is None:
            break
        after = Mark.read(str(part.next_after))

    assert found == whole
    assert list(audit.every(Asked())) == whole


@pytest.mark.parametrize("text", ["", "1-2", "a-1-1", "1-1-99999999999", "²-1-1"])
def test_a_mark_that_nobody_wrote_is_none(text):
    assert Mark.read(text) is None
