"""The wordings: word for word, complete, and safe to fill in."""

import pytest

from app.notices.catalogue import compiled, wordings

VERBATIM = {  # the requirement's own sentences, typing errors included
    "T-62": "【任务发布】：【xxx（姓名）】有一条【重要紧急程度】的【任务类型】任务，请于【任务要求完成时间】前完成并在长天长平台上的待办任务中办结任务。",
    "T-63": "【任务发布】：服务运营部发布一条【重要程度】的【任务类型】任务，请及时跟进监督。",
    "T-64": "【打回提醒】：【xxx（姓名）】有一条【任务类型】任务被打回，请尽快核实并在长天长平台上的待办任务中办结任务。",
    "T-65": "【打回提醒】：区域【地点】，【xxx（姓名）】有一条【任务类型】任务被打回，请及时跟进监督。",
    "T-66": "【催办提醒】：【xxx（姓名）】有一条【任务类型】任务还未完成，请于【任务要求完成时间】前尽快完成并在长天长平台上的待办任务中办结任务。",
    "T-67": "【催办提醒】：区域【地点】：【xxx（实施人）】-【任务类型】（按区域范围将未完成的列举出来）任务还未完成，请及时跟进监督。",
    "T-68": "【已超期提醒】：【xxx（姓名）】有一条【任务类型】任务已超期，请尽快完成并在长天长平台上的待办任务中办结任务。",
    "T-69": "【已超期提醒】：区域【地点】：【xxx（实施人）】的【任务类型】任务已超期，请及时跟进监督。",
    "T-70": "【任务撤销提醒】：【xxx（姓名）】有一条【重要紧急程度】的【任务类型】的任务已撤销。",
    "T-71": "【升级回退通知】：【xxx（姓名）】【重要紧急程度】的【任务类型】【模块名称】（可列举）的任务已撤销，需将升级后的系统还原至升级前状态，具体回退信息请登击长天长平台查看。",
    "T-72": "【升级回退通知】：【xxx（姓名）】【重要紧急程度】的【任务类型】的任务已撤销，【模块名称】（可列举）暂不升级。",
    "T-73": "【升级回退通知】：【xxx（姓名）】【重要紧急程度】的【任务类型】的任务已撤销，需将升级后的系统还原至升级前状态，具体回退信息请登击长天长平台查看，请及时跟进监督。",
    "T-74": "【xxx（姓名）】转派一条【重要紧急程度】的【任务类型】任务，请于【任务要求完成时间】前完成并在长天长平台上的待办任务中办结任务。",
}
VALUES = {
    "name": "王强",
    "implementer": "王强",
    "urgency": "紧急",
    "type": "应急事件",
    "due": "2026-11-23 18:00",
    "place": "长安区",
    "platform": "长天长平台",
    "department": "服务运营部",
    "modules": "对账模块",
    "unfinished": "王强-应急事件",
}


REQUIRED = sorted(key for key, wording in wordings().items() if wording.source)


@pytest.mark.parametrize("key", REQUIRED)
def test_every_wording_is_the_requirements_own_sentence(key):
    assert wordings()[key].text == VERBATIM[wordings()[key].source]


def test_every_sentence_of_the_requirement_is_shipped():
    assert {wordings()[key].source for key in REQUIRED} == set(VERBATIM)


@pytest.mark.parametrize("key", REQUIRED)
def test_a_filled_wording_keeps_its_head_and_no_other_bracket(key):
    text = wordings()[key].filled(VALUES)

    assert "xxx" not in text
    assert text.count("【") == (0 if key == "transfer.implementer" else 1)


def test_a_missing_value_is_an_error_not_a_gap():
    with pytest.raises(KeyError):
        wordings()["publish.implementer"].filled({"name": "王强"})


def test_a_value_that_looks_like_a_placeholder_stays_what_it_is():
    text = compiled("x", "T", "【xxx（姓名）】有一条【任务类型】任务").filled(
        {"name": "【任务类型】", "type": "应急事件"}
    )

    assert text == "【任务类型】有一条应急事件任务"


def test_the_platforms_name_is_a_setting():
    text = wordings()["publish.implementer"].filled(VALUES | {"platform": "甲平台"})

    assert "并在甲平台上的待办任务中" in text
