"""催办, 一键催办, 打回, 撤销."""

import pytest
import sqlalchemy as sa

from app import clock
from app.db import session
from app.errors import BadInput, Conflict, NotAllowed, NotFound
from app.tasks.clock import overdue
from app.tasks.field import implement
from app.tasks.managing import supervise
from app.tasks.models import PointTask
from app.tasks.reading.heads import head
from app.work import history

WHY = {"reason": "抽查发现对账模块未启用", "impact": "全部收费窗口"}


def send_back(world, row, *, by="林敏", items=None, **changes):
    ids = {item.id for item in row.items} if items is None else items
    values = {**WHY, "seen_version": None, "form_key": world.key(), **changes}
    supervise.send_back(row.id, by=world.person(by), item_ids=ids, **values)


def urge_all(world, task_id, *, by="林敏"):
    return supervise.urge_all(task_id, by=world.person(by), form_key=world.key())


def revoke(world, task_id, *, by="林敏"):
    return supervise.revoke(
        task_id, by=world.person(by), reason="发布有误", seen_version=None, form_key=world.key()
    )


def test_urging_a_row_tells_its_implementer_and_those_copied_in_T55_T66_T67(world):
    row = world.point_task()
    supervise.urge(row.id, by=world.person("林敏"), form_key=world.key())

    assert world.texts("王强")[1:] == [
        "【催办提醒】：王强有一条应急事件任务还未完成，请于2026-11-23 18:00前尽快完成并在长天长平台上的待办任务中办结任务。"
    ]
    expected = "【催办提醒】：区域长安区：王强-应急事件任务还未完成，请及时跟进监督。"
    assert world.texts("赵岚")[1:] == world.texts("孙丽")[1:] == [expected]
    assert world.row(row.task_id).urge_count == 1


def test_urging_all_reaches_exactly_the_unfinished_T14(world):
    task_id = world.published("130102", "130105", "310101")
    row = world.row(task_id, "130105")
    world.feed_back(row, by="李静")
    implement.close(row.id, by=world.person("李静"), seen_version=None, form_key=world.key())
    world.feed_back(world.row(task_id))  # 100%, and still to be 办结 (Q9)

    assert urge_all(world, task_id).people == 5
    assert [len(world.texts(name)) for name in ("王强", "李静", "沈海", "顾东")] == [2, 1, 2, 2]


def test_who_has_done_everything_but_not_closed_is_urged_to_close_Q9(world):
    task_id = world.published("130102", "130105")
    world.feed_back(world.row(task_id))
    world.close(world.row(task_id, "130105"), by="李静")

    urge_all(world, task_id)
    assert world.texts("王强")[-1].endswith("中办结任务。")
    assert [len(world.texts(name)) for name in ("王强", "李静")] == [2, 1]


def test_those_copied_in_get_one_message_listing_every_unfinished_point_T67_Q42(world):
    urge_all(world, world.published("130102", "130104", "130105"))

    assert world.texts("赵岚")[1:] == [
        "【催办提醒】：区域长安区、桥西区：王强-应急事件；新华区：李静-应急事件任务还未完成，请及时跟进监督。"
    ]


def test_a_finished_task_has_nobody_to_urge(world):
    row = world.closed_point_task()

    with pytest.raises(Conflict, match="都已办结"):
        urge_all(world, row.task_id)
    with pytest.raises(Conflict, match="已办结"):
        supervise.urge(row.id, by=world.person("林敏"), form_key=world.key())


def test_sending_back_reopens_the_ticked_items_and_tells_people_T56_T58_T59_T64_T65(world):
    row = world.closed_point_task()
    send_back(world, row)

    row = world.row(row.task_id)
    assert (row.label, row.items_done, row.closed_at) == ("打回", 0, None)
    assert world.texts("王强")[1:] == [
        "【打回提醒】：王强有一条应急事件任务被打回，请尽快核实并在长天长平台上的待办任务中办结任务。"
    ]
    assert world.texts("赵岚")[1:] == [
        "【打回提醒】：区域长安区，王强有一条应急事件任务被打回，请及时跟进监督。"
    ]
    event = history.of(session(), "point_task", row.id)[0]
    assert (event.facts["reason"], event.facts["impact"]) == (WHY["reason"], WHY["impact"])


def test_a_department_manager_urges_and_sends_back_as_the_publisher_does_T55_T56(world):
    row = world.point_task()
    supervise.urge(row.id, by=world.person("周总"), form_key=world.key())
    world.close(row)
    send_back(world, world.row(row.task_id), by="周总")

    assert world.row(row.task_id).label == "打回"
    told = [wording for name, wording in world.queued() if name == "王强"]
    assert told == ["publish.implementer", "urge.implementer", "send_back.implementer"]


def test_a_row_reads_sent_back_until_its_implementer_has_closed_it_again_Q3(world):
    row = world.closed_point_task()
    send_back(world, row)
    world.feed_back(world.row(row.task_id), note="已重新启用")
    assert world.row(row.task_id).label == "打回"

    implement.close(row.id, by=world.person("王强"), seen_version=None, form_key=world.key())
    assert world.row(row.task_id).label == "已办结"


def test_only_the_ticked_items_are_open_again_and_closing_waits_for_them_Q4(world):
    row = world.row(world.upgrade("130102"))
    world.close(row)
    send_back(world, row, items={row.items[1].id})

    row = world.row(row.task_id)
    assert [(item.name, item.state) for item in row.items] == [("模块A", 1), ("模块B", 0), ("模块C", 1)]
    assert (row.items_done, row.closed_at, row.closed_by_id) == (2, None, None)
    with pytest.raises(Conflict, match="还差 1 项未完成：模块B"):
        implement.close(row.id, by=world.person("王强"), seen_version=None, form_key=world.key())


def test_what_was_repaired_may_be_said_when_sending_back_and_is_kept_beside_the_reason_Q5(world):
    row = world.closed_point_task()
    send_back(world, row, repair="请改用新版配置")
    world.feed_back(world.row(row.task_id), note="已改用新版配置")

    answer, sent_back = history.of(session(), "point_task", row.id)[:2]
    assert sent_back.facts | WHY | {"repair": "请改用新版配置"} == sent_back.facts
    assert answer.facts["note"] == "已改用新版配置"


def test_a_second_sending_back_goes_out_again(world):
    row = world.closed_point_task()
    send_back(world, row)
    world.feed_back(world.row(row.task_id))
    implement.close(row.id, by=world.person("王强"), seen_version=None, form_key=world.key())
    assert world.row(row.task_id).label == "已办结"
    send_back(world, world.row(row.task_id))

    assert len([w for n, w in world.queued() if (n, w) == ("王强", "send_back.implementer")]) == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"impact": ""}, "impact"),
        ({"items": set()}, "item"),
        ({"reason": "长" * 501}, "reason"),
    ],
)
def test_sending_back_asks_for_reason_impact_and_an_item_T57_Q4(world, changes, field):
    row = world.closed_point_task()

    with pytest.raises(BadInput) as refused:
        send_back(world, row, **changes)
    assert list(refused.value.fields) == [field]
    assert world.row(row.task_id).label == "已办结"


def test_only_a_closed_row_can_be_sent_back_T56(world):
    with pytest.raises(Conflict, match="尚未办结"):
        send_back(world, world.point_task())


def test_without_a_new_deadline_no_reminder_before_the_next_working_day_Q2(world, told_time):
    row = world.closed_point_task()
    told_time.at("2026-11-27 20:00")  # a Friday
    send_back(world, row)
    told_time.at("2026-11-29 12:00")
    assert overdue.scan() == 0
    told_time.at("2026-11-30 09:01")

    assert overdue.scan() == 1
    row = world.row(row.task_id)
    assert (row.label, row.overdue_at is not None) == ("打回", True)


def test_a_new_deadline_makes_the_row_on_time_again(world, told_time):
    row = world.closed_point_task()
    told_time.at("2026-11-25 10:00")
    send_back(
        world,
        row,
        new_due_at=clock.from_local(
            clock.local(told_time.at("2026-11-25 10:00")).replace(tzinfo=None, hour=18)
        ),
    )

    row = world.row(row.task_id)
    assert clock.shown(row.due_at) == "2026-11-25 18:00"
    assert (row.label, row.overdue_at) == ("打回", None)


@pytest.mark.parametrize("name", ["王强", "赵岚", "孙丽", "郑大区"])
def test_people_of_the_field_cannot_send_back_or_revoke(world, name):
    row = world.closed_point_task()

    with pytest.raises(NotAllowed):
        send_back(world, row, by=name)
    with pytest.raises(NotFound):
        revoke(world, row.task_id, by=name)


def test_revoking_ends_every_row_and_tells_both_groups_T12_T13_T70_Q33(world):
    task_id = world.published("130102", "130104", "310101")

    assert revoke(world, task_id) == 3
    labels = session().execute(sa.select(PointTask.label).where(PointTask.task_id == task_id)).scalars()
    assert set(labels) == {"已撤销"}
    text = "【任务撤销提醒】：{}有一条紧急的应急事件的任务已撤销。"
    assert world.texts("王强")[1:] == world.texts("赵岚")[1:] == [text.format("王强")]
    assert world.texts("沈海")[1:] == [text.format("沈海")]
    assert head(world.person("林敏"), task_id).state == "已撤销"


def test_a_revoke_takes_closed_rows_and_their_people_with_it_T12_T13_T70_Q34(world):
    task_id = world.published("130102", "130105")
    world.close(world.row(task_id))

    assert revoke(world, task_id) == 2
    row = world.row(task_id)
    assert (row.label, row.revoked_at) == ("已撤销", clock.now())
    told = [name for name, wording in world.queued() if wording.startswith("revoke.")]
    assert sorted(told) == sorted(["王强", "李静", "赵岚", "孙丽"])


@pytest.mark.proves("X-D7")
def test_no_button_of_a_revoked_row_works_any_more_T12(world):
    row = world.point_task()
    revoke(world, row.task_id)

    with pytest.raises(Conflict, match="任务已撤销"):
        world.feed_back(row, note="做完了")
    with pytest.raises(Conflict, match="任务已撤销"):
        urge_all(world, row.task_id)
    with pytest.raises(Conflict, match="任务已撤销"):
        revoke(world, row.task_id)


def test_the_copies_of_a_revoke_name_the_implementer_or_how_many_there_are_Q32(world):
    revoke(world, world.published("130102", "130105", "310101"))

    said = {name: world.texts(name)[-1] for name in ("王强", "李静", "顾东", "赵岚")}
    start = "【任务撤销提醒】："
    assert {name: text.removeprefix(start).split("有一条")[0] for name, text in said.items()} == {
        "王强": "王强",
        "李静": "李静",
        "顾东": "沈海",
        "赵岚": "王强等2人",
    }


def test_what_was_closed_before_a_revoke_stays_in_the_history_Q34(world):
    row = world.closed_point_task()
    revoke(world, row.task_id)

    event = history.of(session(), "task", row.task_id)[0]
    assert (event.act, event.facts["closed_before"]) == ("revoke", 1)
    row = world.row(row.task_id)
    assert (row.label, row.closed_at is not None) == ("已撤销", True)


def test_a_department_manager_manages_the_tasks_of_his_department_only_Q24(world):
    own, foreign = world.published("130102", by="何主任"), world.published("130104", by="林敏")

    assert revoke(world, own, by="周总") == 1
    with pytest.raises(NotFound):
        revoke(world, foreign, by="何主任")
