"""升级回退: modules of a published 升级任务 are taken back, point by point."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app import clock
from app.db import db, session
from app.errors import BadInput, Conflict, NotFound
from app.insight.to_do import to_do
from app.notices.models import Delivery
from app.people.models import Person
from app.tasks.clock import overdue
from app.tasks.field import implement, several
from app.tasks.filters import Filter
from app.tasks.labels import ItemState, label_of
from app.tasks.managing import supervise
from app.tasks.publishing import edit
from app.tasks.reading.heads import head
from app.tasks.reading.queries import rows_page
from app.tasks.rollback import rolling_back
from app.work import history
from benchmarks.measure import watching
from tests.tasks.test_reminders import FRIDAY_SIX, due, told
from tests.tasks.test_reminders import tick as clock_strikes

WHY = "征收模块取数有误，请还原。"


def tick(world, row, *modules, by="王强", close=False):
    ids = {item.id for item in row.items if item.name in modules}
    person = world.person(by)
    implement.feed_back(
        row.id, by=person, done_item_ids=ids, note="", seen_version=None, form_key=world.key()
    )
    if close:
        implement.close(row.id, by=person, seen_version=None, form_key=world.key())


def roll_back(world, task_id, *modules, by="林敏", reason=WHY, **changes):
    patch = world.row(task_id).task.patch
    ids = {module.id for module in patch.modules if module.name in modules} if patch else {1}
    values = {"reason": reason, "seen_version": None, "form_key": world.key(), **changes}
    return rolling_back.roll_back(task_id, by=world.person(by), module_ids=ids, **values)


def states(row):
    return [ItemState(item.state) for item in row.items]


@pytest.fixture
def half_done(world):
    """长安区 (王强) has done A and B, 桥西区 (王强) nothing, 新华区 (李静) all and closed, 黄浦区 (沈海) C."""
    task_id = world.upgrade("130102", "130104", "130105", "310101")
    tick(world, world.row(task_id, "130102"), "模块A", "模块B")
    tick(world, world.row(task_id, "130105"), "模块A", "模块B", "模块C", by="李静", close=True)
    tick(world, world.row(task_id, "310101"), "模块C", by="沈海")
    return task_id


def test_done_items_must_be_restored_and_the_others_wait_T16_T19_T20_Q13_Q14_Q15(world, half_done):
    done = roll_back(world, half_done, "模块A")

    assert (done.to_restore, done.frozen) == (2, 2)
    row = world.row(half_done, "130102")
    assert states(row) == [ItemState.TO_ROLL_BACK, ItemState.DONE, ItemState.OPEN]
    assert (row.label, row.items_done, row.items_total) == ("升级回退", 1, 3)
    row = world.row(half_done, "130104")
    assert states(row) == [ItemState.NOT_UPGRADED, ItemState.OPEN, ItemState.OPEN]
    assert (row.label, row.items_done, row.items_total) == ("升级回退", 0, 2)


def test_a_closed_row_opens_again_Q19(world, half_done):
    roll_back(world, half_done, "模块B")

    row = world.row(half_done, "130105")
    assert (row.closed_at, row.closed_by_id, row.label) == (None, None, "升级回退")
    assert row.items_done == 2
    assert head(world.person("林敏"), half_done).counts == {"升级回退": 4}


def test_closing_waits_for_every_restored_module_Q18(world, half_done):
    roll_back(world, half_done, "模块A")
    row = world.row(half_done, "130105")
    with pytest.raises(Conflict, match="还差 1 项未完成：模块A（需回退）"):
        implement.close(row.id, by=world.person("李静"), seen_version=None, form_key=world.key())

    tick(world, row, "模块A", "模块B", "模块C", by="李静", close=True)
    row = world.row(half_done, "130105")
    assert (states(row)[0], row.label, row.items_done) == (ItemState.ROLLED_BACK, "已办结", 3)
    assert row.items[0].restored_at == clock.now()
    changes = [event.facts.get("changes") for event in history.of(session(), "point_task", row.id)]
    assert changes[1:3] == [["模块A：需回退→已回退"], ["模块A：是→需回退"]]


def test_ticking_many_rows_at_once_confirms_no_rollback_Q14(world, half_done):
    roll_back(world, half_done, "模块A")
    rows = [world.row(half_done, code) for code in ("130102", "130104")]
    answers = several.feed_back(
        half_done,
        by=world.person("王强"),
        row_ids={row.id for row in rows},
        set_done=True,
        note="",
        form_key=world.key(),
    )

    assert all(answer.done for answer in answers)
    assert states(world.row(half_done, "130102"))[0] == ItemState.TO_ROLL_BACK
    assert world.row(half_done, "130104").items_done == 2


def test_a_module_that_waits_cannot_be_done_Q15(world, half_done):
    roll_back(world, half_done, "模块A")

    with pytest.raises(BadInput, match="模块A暂不升级，不能改为“是”"):
        tick(world, world.row(half_done, "130104"), "模块A")


def test_a_row_that_waits_as_a_whole_is_outside_of_everything_Q16(world, half_done, told_time):
    roll_back(world, half_done, "模块A", "模块B", "模块C")
    row = world.row(half_done, "130104")
    assert (row.label, row.items_total, row.next_look_at) == ("暂不升级", 0, None)

    assert row.id not in [line.id for line in to_do(world.person("王强")).today]
    with pytest.raises(Conflict, match="该点位暂不升级"):
        implement.close(row.id, by=world.person("王强"), seen_version=None, form_key=world.key())
    supervise.urge_all(half_done, by=world.person("林敏"), form_key=world.key())
    urged = [world.row(half_done, code).urge_count for code in ("130102", "130104", "130105", "310101")]
    assert urged == [1, 0, 1, 1]
    told_time.at("2026-12-30 09:00")
    assert overdue.scan() == 3
    assert world.row(half_done, "130104").label == "暂不升级"


def test_everyone_is_told_what_concerns_them_T71_T72_T73_T18_Q17(world, half_done):
    before = len(world.queued())
    roll_back(world, half_done, "模块A", "模块B")

    head_ = "【升级回退通知】：{}紧急的升级任务"
    restore = "模块A、模块B的任务已撤销，需将升级后的系统还原至升级前状态，具体回退信息请登击长天长平台查看。"
    wait = "的任务已撤销，模块A、模块B暂不升级。"
    copied = (
        "的任务已撤销，需将升级后的系统还原至升级前状态，具体回退信息请登击长天长平台查看，请及时跟进监督。"
    )
    assert world.texts("王强")[-2:] == [head_.format("王强") + restore, head_.format("王强") + wait]
    assert world.texts("李静")[-1:] == [head_.format("李静") + restore]
    assert world.texts("沈海")[-1:] == [head_.format("沈海") + wait]
    assert world.texts("赵岚")[-1:] == world.texts("孙丽")[-1:] == [head_.format("王强等2人") + copied]
    assert len(world.queued()) - before == 7


def test_each_message_of_a_rollback_lists_the_points_that_it_is_about_T71_T72_T73(world, half_done):
    roll_back(world, half_done, "模块A", "模块B")

    query = sa.select(Person.name, Delivery.wording, Delivery.body).order_by(Delivery.id)
    query = query.join(Person, Person.id == Delivery.recipient_id).where(Delivery.wording.like("roll_back.%"))
    found = [
        (name, wording.split(".")[1], json.loads(body)) for name, wording, body in session().execute(query)
    ]
    listed = {(name, part): body["template_card"]["main_title"]["desc"] for name, part, body in found}
    assert listed == {
        ("王强", "upgraded"): "长安区",
        ("王强", "not_upgraded"): "桥西区",
        ("李静", "upgraded"): "新华区",
        ("沈海", "not_upgraded"): "黄浦区",
        ("赵岚", "copied_in"): "长安区、新华区、桥西区",
        ("孙丽", "copied_in"): "长安区、新华区、桥西区",
        ("顾东", "copied_in"): "黄浦区",
    }


def test_the_words_stay_with_the_row_and_empty_ones_are_refused_T17(world, half_done):
    with pytest.raises(BadInput, match="请填写回退说明"):
        roll_back(world, half_done, "模块A", reason="  ")
    roll_back(world, half_done, "模块A")

    event = history.of(session(), "point_task", world.row(half_done, "130104").id)[0]
    assert (event.act, event.facts["explanation"]) == ("roll_back", WHY)
    assert event.facts["changes"] == ["模块A：否→暂不升级"]


def test_only_an_upgrade_can_be_rolled_back_T15(world):
    with pytest.raises(Conflict, match="升级回退只用于升级任务"):
        roll_back(world, world.published("130102"))


@pytest.mark.parametrize("name", ["林敏", "周总"])
def test_its_publisher_and_the_department_manager_roll_back_and_say_why_Q20(world, half_done, name):
    assert roll_back(world, half_done, "模块A", by=name).to_restore == 2

    event = history.of(session(), "task", half_done)[0]
    assert (event.act, event.by.name, event.facts["explanation"]) == ("roll_back", name, WHY)


@pytest.mark.parametrize("name", ["王强", "赵岚", "孙丽", "郑大区", "何主任"])
def test_only_those_who_manage_the_task_roll_back_Q20(world, half_done, name):
    with pytest.raises(NotFound):
        roll_back(world, half_done, "模块A", by=name)


def test_a_module_is_rolled_back_once_and_others_later(world, half_done):
    assert roll_back(world, half_done, "模块A", by="周总").to_restore == 2
    with pytest.raises(BadInput, match="没有可以回退的点位"):
        roll_back(world, half_done, "模块A")
    roll_back(world, half_done, "模块B", "模块C")
    with pytest.raises(Conflict, match="没有可以回退的"):
        roll_back(world, half_done, "模块C")

    row = world.row(half_done, "310101")
    assert states(row) == [ItemState.NOT_UPGRADED, ItemState.NOT_UPGRADED, ItemState.TO_ROLL_BACK]
    assert (row.items_total, row.items_done) == (1, 0)


def test_a_second_tap_rolls_back_once(world, half_done):
    key = world.key()
    assert roll_back(world, half_done, "模块A", form_key=key) is not None

    assert roll_back(world, half_done, "模块A", form_key=key) is None
    assert len([text for text in world.texts("李静") if "升级回退通知" in text]) == 1


def test_the_rollback_has_a_deadline_and_overdue_of_its_own(world, half_done, told_time):
    due = clock.now() + timedelta(days=2)
    roll_back(world, half_done, "模块A", due_at=due)
    assert world.row(half_done, "130105").due_at == due
    assert world.row(half_done, "130104").due_at < due

    told_time.at("2026-11-26 09:00")
    overdue.scan()
    row = world.row(half_done, "130105")
    assert (row.label, row.overdue_at is not None) == ("升级回退", True)
    assert "【已超期提醒】：李静有一条升级任务已超期" in world.texts("李静")[-1]


def test_without_a_deadline_nobody_is_reminded_before_the_next_working_morning(world, half_done, told_time):
    told_time.at("2026-11-27 20:00")  # a Friday, the deadline long past
    roll_back(world, half_done, "模块A")

    assert clock.shown(world.row(half_done, "130105").next_look_at) == "2026-11-30 09:00"
    with pytest.raises(BadInput, match="回退完成时间已过"):
        roll_back(world, half_done, "模块B", due_at=clock.now())


def test_what_was_restored_badly_is_sent_back_to_be_restored_again_T59(world, half_done):
    roll_back(world, half_done, "模块A")
    tick(world, world.row(half_done, "130105"), "模块A", "模块B", "模块C", by="李静", close=True)
    row = world.row(half_done, "130105")
    words = {"reason": "现场仍是新版本", "impact": "申报窗口", "seen_version": None, "form_key": world.key()}
    supervise.send_back(row.id, by=world.person("林敏"), item_ids={row.items[0].id}, **words)

    row = world.row(half_done, "130105")
    assert (row.label, states(row)[0], row.items_done) == ("打回", ItemState.TO_ROLL_BACK, 2)


def test_labels_are_what_the_facts_say_after_any_mix_T61(world, half_done):
    roll_back(world, half_done, "模块A", "模块B")
    roll_back(world, half_done, "模块C")

    for code in ("130102", "130104", "130105", "310101"):
        row = world.row(half_done, code)
        assert row.label == label_of(row)
    counts = head(world.person("林敏"), half_done).counts
    assert {label: n for label, n in counts.items() if n} == {"升级回退": 3, "暂不升级": 1}
    found = rows_page(world.person("林敏"), narrowed=Filter(label="升级回退")).rows
    assert {row.place_name for row in found} == {"长安区", "新华区", "黄浦区"}


def test_points_are_neither_added_to_nor_lost_from_a_rolled_back_task(world, half_done):
    roll_back(world, half_done, "模块A", "模块B", "模块C")
    change = {"type": "升级任务", "patch_id": world.row(half_done).task.patch_id}

    def save(*codes):
        form = world.form(*codes, **change)
        edit.edit(half_done, form, by=world.person("林敏"), seen_version=None, form_key=world.key())

    with pytest.raises(BadInput, match="桥西区已有反馈或进度"):
        save("130102", "130105", "310101")
    with pytest.raises(BadInput, match="已回退，不能再增加点位"):
        save("130102", "130104", "130105", "310101", "130107")


def test_a_repair_is_published_as_an_upgrade_that_follows_the_old_one_Q21(world, half_done):
    roll_back(world, half_done, "模块A")
    fixed = world.patch("模块A", version="3.2.2")
    task_id = world.published("130102", type="升级任务", patch_id=fixed, follows_id=half_done)

    assert head(world.person("林敏"), task_id).follows_id == half_done
    assert states(world.row(half_done, "130104"))[0] == ItemState.NOT_UPGRADED
    with pytest.raises(BadInput, match="没有这条升级任务"):
        world.published("130102", type="升级任务", patch_id=fixed, follows_id=half_done, by="何主任")


def test_a_rollback_takes_no_more_statements_for_more_points(world):
    counted = []
    for codes in (("130102", "130104"), ("130102", "130104", "130105", "310101")):
        task_id = world.upgrade(*codes)
        tick(world, world.row(task_id), "模块A")
        with watching(db.engine) as seen:
            roll_back(world, task_id, "模块A")
        counted.append(seen.count)

    assert counted[0] == counted[1]


def test_what_is_rolled_back_with_a_deadline_is_spoken_of_before_it(world, told_time, half_done):
    clock_strikes(told_time, "2026-11-24 09:00")  # the first deadline is over
    roll_back(world, half_done, "模块A", due_at=due(FRIDAY_SIX))

    clock_strikes(told_time, "2026-11-26 18:00")

    assert ("李静", "11-26 18:00") in told(world, "remind")
