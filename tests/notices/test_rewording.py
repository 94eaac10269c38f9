"""An administrator's own texts: used from the next act on, by every process, with a history."""

import re

import pytest

from app.db import session, transaction
from app.errors import BadInput, NotAllowed, NotFound, OutOfDate
from app.insight import samples
from app.notices.wordings import reading, rewording
from app.notices.wordings.catalogue import compiled, wordings
from app.notices.wordings.placeholders import offered
from app.people.models import Person
from app.work import platform

KEY = "publish.implementer"
SHORT = "【任务发布】：【xxx（姓名）】请办理【任务类型】（【重要紧急程度】），【任务要求完成时间】前在长天长平台办结。"


def reword(world, text=SHORT, *, by="何志远", seen_version=0, **options):
    return rewording.change(KEY, text=text, by=world.person(by), seen_version=seen_version, **options)


def last_text(world, name="王强"):
    return world.texts(name)[-1]


def test_the_next_message_has_the_new_text_and_the_one_before_keeps_the_old(world):
    world.published("130102")
    reword(world)
    world.published("130102")

    before, after = world.texts("王强")
    assert before.startswith("【任务发布】：王强有一条紧急的应急事件任务，请于")
    assert after.startswith("【任务发布】：王强请办理应急事件（紧急），2026-")
    assert after.endswith("前在长天长平台办结。")


def test_resetting_brings_the_requirements_sentence_back(world):
    reword(world)
    rewording.reset(KEY, by=world.person("何志远"), seen_version=1)
    world.published("130102")

    assert "有一条紧急的应急事件任务，请于" in last_text(world)
    assert not any(kept.is_changed for kept in reading.every())


def test_the_history_says_who_and_what_it_was_before(world):
    reword(world)
    rewording.reset(KEY, by=world.person("何志远"), seen_version=1)
    back, changed = reading.changes(KEY)

    shipped = wordings()[KEY].text
    assert (changed.by.name, changed.act) == ("何志远", "change_wording")
    assert changed.facts["changes"] == {"通知内容": [shipped, SHORT]}
    assert back.facts["changes"] == {"通知内容": [SHORT, shipped]}


def test_the_same_text_again_is_no_change(world):
    assert reword(world) is True
    assert reword(world, seen_version=1) is False
    assert len(reading.changes(KEY)) == 1


@pytest.mark.proves("X-D3")
def test_somebody_else_was_faster(world):
    reword(world)
    with pytest.raises(OutOfDate, match="通知刚被其他人修改"):
        reword(world, SHORT + "谢谢。", seen_version=0)


@pytest.mark.parametrize(
    ("text", "field", "why"),
    [
        (SHORT + "【地点】", "text", "没有内容可填"),
        ("", "text", "请填写"),
        ("字" * 501, "text", "最多 500 个字"),
        ("请办理【任务类型】。", "leave_out", "少了【xxx（姓名）】、【重要紧急程度】"),
    ],
)
def test_what_cannot_be_sent_is_refused_with_the_reason(world, text, field, why):
    with pytest.raises(BadInput) as refused:
        reword(world, text)

    assert why in refused.value.fields[field]


def test_leaving_something_out_is_possible_where_it_is_meant(world):
    assert reword(world, "请办理【任务类型】。", leave_out=True)
    world.published("130102")

    assert last_text(world) == "请办理应急事件。"


@pytest.mark.parametrize("name", ["林敏", "周总", "郑大区"])
def test_only_administrators_reword(world, name):
    with pytest.raises(NotAllowed):
        reword(world, by=name)
    with pytest.raises(NotAllowed):
        rewording.reset(KEY, by=world.person(name), seen_version=0)


def test_a_key_that_is_no_wording_is_not_found(world):
    with pytest.raises(NotFound):
        rewording.change("x.y", text="请", by=world.person("何志远"), seen_version=0)


def test_every_text_can_be_tried_on_a_real_task(world):
    task_id = world.published("130102", "130104")
    for wording in wordings().values():
        sample = samples.sample(wording, task_id)
        assert sample is not None, wording.key
        assert ("王强" if wording.act == "人员停用提醒" else "应急事件") in sample.text
        assert "xxx" not in sample.text


def test_what_is_offered_for_a_text_is_supplied_to_it(world):
    task_id = world.published("130102")
    for key, shipped in wordings().items():
        sample = samples.sample(compiled(key, "", "".join(offered(shipped))), task_id)
        assert "【" not in re.sub(r"【[^】]+】：", "", sample.text), key  # heads of gathered texts stand


def test_the_platform_and_its_department_are_called_as_an_administrator_says_Q22_Q38(world):
    admin = world.person("何志远")
    changed = platform.save(
        {"platform_name": "甲平台", "department_name": "运维中心"}, by=admin, seen=platform.seen()
    )
    world.published("130102")

    assert changed == ["平台名称", "发布部门"]
    assert "并在甲平台上的待办任务中办结" in last_text(world)
    assert last_text(world, "赵岚").startswith("【任务发布】：服务运营部发布")  # 林敏 has a department


def test_a_publisher_without_department_speaks_for_the_one_that_was_set_Q38(world):
    admin = world.person("何志远")
    platform.save({"department_name": "运维中心"}, by=admin, seen=platform.seen())
    with transaction() as current:
        current.get_one(Person, world.by_name["林敏"]).department_id = None
    world.published("130102")

    assert last_text(world, "赵岚").startswith("【任务发布】：运维中心发布")


def test_an_empty_setting_is_the_default_again_and_each_change_is_on_record(world):
    platform.save({"platform_name": "甲平台"}, by=world.person("何志远"), seen=platform.seen())
    platform.save({"platform_name": ""}, by=world.person("何志远"), seen=platform.seen())

    assert platform.values(session())["platform_name"] == "长天长平台"
    assert [event.facts["changes"]["平台名称"] for event in platform.changes()] == [
        ["甲平台", "长天长平台"],
        ["长天长平台", "甲平台"],
    ]


def test_settings_refuse_what_would_break_a_text_and_whoever_is_no_administrator(world):
    with pytest.raises(BadInput) as refused:
        platform.save(
            {"platform_name": "【甲】", "department_name": "部" * 21}, by=world.person("何志远"), seen=""
        )
    assert set(refused.value.fields) == {"platform_name", "department_name"}
    with pytest.raises(NotAllowed):
        platform.save({"platform_name": "乙"}, by=world.person("周总"), seen=platform.seen())
    with pytest.raises(OutOfDate):
        platform.save({"platform_name": "乙"}, by=world.person("何志远"), seen="old")
