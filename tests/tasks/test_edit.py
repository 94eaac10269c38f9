"""编辑任务."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app import clock
from app.db import session
from app.errors import AsksFirst, BadInput, NotFound
from app.notices.models import Delivery
from app.people import area_queries, areas
from app.people.models import Role
from app.tasks.clock import overdue
from app.tasks.managing import supervise
from app.tasks.publishing import edit
from app.tasks.reading.heads import head
from app.work import history


def change(world, task_id, *codes, by="林敏", **changes):
    form = world.form(*codes, **changes)
    edit.edit(task_id, form, by=world.person(by), seen_version=None, form_key=world.key())


def test_a_new_deadline_reaches_every_open_row_and_later_messages_T11_Q10(world, told_time):
    task_id = world.published("130102", "130104")
    told_time.pass_(hours=10)
    overdue.scan()
    change(world, task_id, "130102", "130104", due_at=told_time.moment + timedelta(days=2))

    row = world.row(task_id)
    assert (row.label, row.overdue_at) == ("正常", None)
    assert clock.shown(row.due_at) == "2026-11-25 19:00"
    event = history.of(session(), "point_task", row.id)[0]
    assert (event.act, event.facts) == ("was_overdue", {"was_due": "2026-11-23 18:00"})
    told_time.pass_(days=3)
    assert overdue.scan() == 2


def test_a_new_deadline_leaves_closed_rows_and_other_tasks_as_they_are_T11(world):
    task_id, other = world.published("130102", "130104"), world.published("130105")
    world.close(world.row(task_id, "130104"))
    change(world, task_id, "130102", "130104", due_at=clock.now() + timedelta(days=2))

    rows = [world.row(task_id), world.row(task_id, "130104"), world.row(other, "130105")]
    shown = [(row.label, clock.shown(row.due_at)) for row in rows]
    assert shown == [
        ("正常", "2026-11-25 09:00"),
        ("已办结", "2026-11-23 18:00"),
        ("正常", "2026-11-23 18:00"),
    ]


def test_every_value_of_the_form_can_be_changed_T11(world):
    task_id = world.published("130102")
    due_at = clock.now() + timedelta(days=2)
    change(world, task_id, "130102", due_at=due_at, urgency="一般", note="改到周三", type="数据调度")

    found = head(world.person("林敏"), task_id)
    assert (found.type, found.urgency, found.note) == ("数据调度", "一般", "改到周三")
    assert clock.shown(found.due_at) == "2026-11-25 09:00"
    assert [item.name for item in world.row(task_id).items] == ["数据调度"]
    supervise.urge(world.row(task_id).id, by=world.person("林敏"), form_key=world.key())
    assert "一条数据调度任务还未完成，请于2026-11-25 09:00前" in world.texts("王强")[-1]


def test_people_of_an_added_point_get_the_task_those_of_a_removed_one_its_end_Q40(world):
    task_id = world.published("130102", "130105")
    change(world, task_id, "130102", "310101")

    assert [wording for name, wording in world.queued() if name == "沈海"] == ["publish.implementer"]
    assert [wording for name, wording in world.queued() if name == "李静"][1:] == ["revoke.implementer"]
    counts = head(world.person("林敏"), task_id).counts
    assert (counts["正常"], counts["已撤销"]) == (2, 1)


def cards_of(world, name):
    """(head of the text, points under the title) of every card, oldest first."""
    query = sa.select(Delivery.text, Delivery.body).where(Delivery.recipient_id == world.by_name[name])
    found = session().execute(query.order_by(Delivery.id)).all()
    cards = [(text, json.loads(body)["template_card"]) for text, body in found if body]
    return [(text[1:7].strip("】："), card["main_title"]["desc"]) for text, card in cards]


def test_who_has_an_added_and_a_removed_point_reads_both_facts_each_with_its_own_points_T70(world):
    task_id = world.published("130102")
    change(world, task_id, "130104")

    expected = [("任务发布", "长安区"), ("任务发布", "桥西区"), ("任务撤销提醒", "长安区")]
    for name in ("王强", "赵岚", "孙丽"):
        assert cards_of(world, name) == expected


def test_a_removed_point_can_be_added_again(world):
    task_id = world.published("130102", "130105")
    change(world, task_id, "130102")
    change(world, task_id, "130102", "130105")

    row = world.row(task_id, "130105")
    assert (row.label, row.revoked_at) == ("正常", None)
    assert head(world.person("林敏"), task_id).counts["正常"] == 2


def test_a_point_that_was_sent_back_before_it_was_removed_begins_anew(world):
    task_id = world.published("130102", "130105")
    sent_back(world, task_id, "130105", by="李静")
    change(world, task_id, "130102")
    change(world, task_id, "130102", "130105")

    row = world.row(task_id, "130105")
    assert (row.label, row.sent_back_at, row.due_at) == ("正常", None, row.task.due_at)


def test_a_point_with_progress_cannot_be_removed(world):
    task_id = world.published("130102", "130105")
    world.feed_back(world.row(task_id, "130105"), by="李静", done=False, note="已到现场")

    with pytest.raises(BadInput, match="新华区已有反馈或进度"):
        change(world, task_id, "130102")


def test_the_type_stays_once_something_is_done(world):
    task_id = world.published("130102")
    change(world, task_id, "130102", type="数据调度")
    assert world.row(task_id).items[0].name == "数据调度"
    world.feed_back(world.row(task_id))

    with pytest.raises(BadInput, match="任务类型不能再修改"):
        change(world, task_id, "130102", type="应急事件")


def test_other_changes_are_read_in_the_app_never_silent_Q40(world):
    task_id = world.published("130102")
    change(world, task_id, "130102", note="改为先断网。")

    assert world.texts("王强")[1:] == ["紧急的应急事件任务已修改，现要求完成时间为2026-11-23 18:00，请查看。"]
    assert outcomes(world, task_id) == {"edit.everyone": "站内"}


def outcomes(world, task_id):
    """Wording → what becomes of its messages, without those of the publishing."""
    session().rollback()
    query = sa.select(Delivery.wording, Delivery.outcome).where(
        Delivery.subject_kind == "task", Delivery.subject_id == task_id, ~Delivery.wording.like("publish.%")
    )
    return dict(session().execute(query).all())


def test_a_new_deadline_and_urgency_are_pushed_in_our_own_words_Q52(world, told_time):
    task_id = world.published("130102")
    change(world, task_id, "130102", urgency="重要", due_at=told_time.moment + timedelta(days=2))

    changed = "重要紧急程度由紧急改为重要；任务要求完成时间由2026-11-23 18:00改为2026-11-25 09:00"
    assert world.texts("王强")[1:] == [
        f"【任务修改】：王强的应急事件任务有修改：{changed}。请按新的要求办理并在长天长平台上的待办任务中办结任务。"
    ]
    assert world.texts("赵岚")[1:] == [
        f"【任务修改】：区域长安区：王强的应急事件任务有修改：{changed}，请及时跟进监督。"
    ]
    assert outcomes(world, task_id) == {"edit.implementer": "待发", "edit.copied_in": "待发"}


def test_a_change_kept_silent_is_read_in_the_app_only_Q52(world):
    task_id = world.published("130102")
    change(world, task_id, "130102", urgency="重要", silent=True)

    assert outcomes(world, task_id) == {"edit.implementer": "站内", "edit.copied_in": "站内"}


def test_only_whose_rows_get_the_new_deadline_are_told_of_it_Q52(world, told_time):
    task_id = world.published("130102", "130105")
    sent_back(world, task_id, "130105", by="李静", due_at=told_time.moment + timedelta(days=9))
    change(world, task_id, "130102", "130105", due_at=told_time.moment + timedelta(days=2))

    told = [name for name, wording in world.queued() if wording.startswith("edit.")]
    assert sorted(told) == ["孙丽", "王强", "赵岚"]
    assert world.texts("赵岚")[-1].startswith("【任务修改】：区域长安区：")


def sent_back(world, task_id, code, *, by, due_at=None):
    """A row that was closed and sent back, with a deadline of its own if one is given."""
    world.close(world.row(task_id, code), by=by)
    row = world.row(task_id, code)
    supervise.send_back(
        row.id,
        by=world.person("林敏"),
        item_ids={row.items[0].id},
        reason="抽查没有做完",
        impact="无",
        new_due_at=due_at,
        seen_version=None,
        form_key=world.key(),
    )


def test_a_row_keeps_a_deadline_of_its_own_unless_the_publisher_says_otherwise_T11(world, told_time):
    task_id, start = world.published("130102", "130105"), told_time.moment
    own = start + timedelta(days=9)
    sent_back(world, task_id, "130105", by="李静", due_at=own)

    change(world, task_id, "130102", "130105", due_at=start + timedelta(days=2))
    assert world.row(task_id, "130105").due_at == own
    facts = history.of(session(), "task", task_id)[0].facts["changes"]
    assert facts["另有完成时间的点位"] == "新华区保持不变"

    both = ("130102", "130105")
    change(world, task_id, *both, due_at=start + timedelta(days=4), own_due_too=True)
    assert world.row(task_id, "130105").due_at == own  # more time for the task is less for no row

    change(world, task_id, *both, due_at=start + timedelta(days=3), own_due_too=True)
    assert world.row(task_id, "130105").due_at == start + timedelta(days=3)
    events = history.of(session(), "task", task_id)
    assert events[0].facts["changes"]["另有完成时间的点位"] == "新华区改为与任务一致"
    own_event = history.of(session(), "point_task", world.row(task_id, "130105").id)[0]
    assert own_event.facts == {"changes": ["任务要求完成时间：2026-12-02 09:00 → 2026-11-26 09:00"]}

    change(world, task_id, *both, due_at=start + timedelta(days=8))
    assert world.row(task_id, "130105").due_at == start + timedelta(days=8)  # it follows the task again


def test_a_row_sent_back_without_a_deadline_has_the_one_that_its_task_has_now_T11(world, told_time):
    task_id, start = world.published("130102", "130104"), told_time.moment
    world.close(world.row(task_id, "130102"))
    change(world, task_id, "130102", "130104", due_at=start + timedelta(days=5))
    told_time.pass_(days=2)
    row = world.row(task_id, "130102")
    assert clock.shown(row.due_at) == "2026-11-23 18:00"  # what it was closed in time for stays
    supervise.send_back(
        row.id,
        by=world.person("林敏"),
        item_ids={row.items[0].id},
        reason="抽查没有做完",
        impact="无",
        seen_version=None,
        form_key=world.key(),
    )

    back = world.row(task_id, "130102")
    assert (back.due_at, back.overdue_at, back.due_given_at) == (start + timedelta(days=5), None, None)


def test_rows_that_stay_overdue_are_still_spoken_of_every_working_day(world, told_time):
    task_id, start = world.published("130102", "130105"), told_time.moment
    sent_back(world, task_id, "130105", by="李静", due_at=start + timedelta(hours=20))
    told_time.pass_(days=1)
    overdue.scan()
    change(world, task_id, "130102", "130105", due_at=start + timedelta(days=9))

    assert (world.row(task_id, "130102").label, world.row(task_id, "130105").overdue_at) == (
        "正常",
        told_time.moment,
    )
    assert world.row(task_id).task.nag_at is not None


def test_a_deadline_more_than_two_years_away_is_asked_about_B5(world, told_time):
    task_id, far = world.published("130102"), told_time.moment + timedelta(days=800)
    with pytest.raises(AsksFirst, match="2029-01-31 09:00，在两年以后") as asked:
        save(world, task_id, due_at=far, confirmed=())
    save(world, task_id, due_at=far, confirmed={one.token for one in asked.value.questions})

    assert world.row(task_id).due_at == far
    save(world, task_id, due_at=far, note="改了", confirmed=())  # only what is new is asked about


def save(world, task_id, *, confirmed, **changes):
    edit.edit(
        task_id,
        world.form("130102", **changes),
        by=world.person("林敏"),
        seen_version=None,
        form_key=world.key(),
        confirmed=confirmed,
    )


def test_open_rows_follow_the_present_support_areas_when_asked_Q40(world):
    task_id, other = world.published("130102"), world.published("130102")
    areas.set_staff(
        "130102",
        by=world.person("周总"),
        staff={Role.SUPERVISOR: [world.by_name["顾东"]]},
        seen=area_queries.staff_seen("130102"),
    )
    change(world, task_id, "130102")
    assert world.row(task_id).supervisor.name == "赵岚"

    change(world, task_id, "130102", renew_copied_in=True)
    assert [world.row(task).supervisor.name for task in (task_id, other)] == ["顾东", "赵岚"]
    assert world.texts("顾东")[-1].startswith("紧急的应急事件任务已修改")
    facts = [
        event.facts["changes"] for event in history.of(session(), "task", task_id) if event.act == "edit"
    ]
    assert facts == [{"抄送人": "1 个点位改为支持区域里现在登记的"}]


def test_nobody_is_handed_a_task_that_is_late_already(world, told_time):
    task_id = world.published("130102")
    due_at = world.row(task_id).due_at
    told_time.pass_(hours=10)
    with pytest.raises(BadInput, match="增加点位时请同时改为晚一些的时间"):
        change(world, task_id, "130102", "130105", due_at=due_at)
    change(world, task_id, "130102", "130105", due_at=due_at + timedelta(days=1))

    assert world.row(task_id, "130105").label == "正常"


def test_the_history_says_what_was_before_and_which_points_came_and_went(world):
    task_id = world.published("130102", "130105")
    change(world, task_id, "130102", "310101", urgency="重要")

    event = history.of(session(), "task", task_id)[0]
    expected = {"重要紧急程度": ["紧急", "重要"], "增加点位": "黄浦区", "去掉点位": "新华区"}
    assert event.facts["changes"] == expected


def test_a_save_without_changes_tells_nobody(world):
    task_id = world.published("130102")
    change(world, task_id, "130102")

    assert len(world.queued()) == 3


def test_only_those_who_manage_the_task_edit_it(world):
    task_id = world.published("130102")

    with pytest.raises(NotFound):
        change(world, task_id, "130102", by="赵岚")


def test_a_point_that_was_late_when_it_was_removed_is_on_time_when_it_comes_back(world, told_time):
    task_id = world.published("130102", "130105")
    told_time.pass_(hours=10)
    overdue.scan()
    change(world, task_id, "130102", due_at=world.row(task_id).due_at)
    change(world, task_id, "130102", "130105", due_at=told_time.moment + timedelta(days=2))

    back = world.row(task_id, "130105")
    assert (back.label, back.overdue_at) == ("正常", None)
