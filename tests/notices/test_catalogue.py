"""The wordings: word for word, complete, and safe to fill in."""

from pathlib import Path

import pytest

from app.notices.wordings.catalogue import compiled, wordings

# The requirement's own thirteen sentences, letter by letter, typing errors included.
GOLDEN = Path(__file__).with_name("requirement.txt").read_text(encoding="utf-8")
VERBATIM = dict(line.split(" ", 1) for line in GOLDEN.splitlines())
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
    "days": "2",
    "progress": "已办结 1/2 个点位。",
    "hopeless": "新华区（李静：设备未到货）",
    "changes": "重要紧急程度改为紧急",
}


REQUIRED = sorted(key for key, wording in wordings().items() if wording.source)


@pytest.mark.parametrize("key", REQUIRED)
def test_every_wording_is_the_requirements_own_sentence(key):
    assert wordings()[key].text == VERBATIM[wordings()[key].source]


def test_every_sentence_of_the_requirement_is_shipped():
    assert list(VERBATIM) == [f"T-{number}" for number in range(62, 75)]
    assert {wordings()[key].source for key in REQUIRED} == set(VERBATIM)


@pytest.mark.parametrize("key", REQUIRED)
def test_a_filled_wording_keeps_its_head_and_no_other_bracket(key):
    text = wordings()[key].filled(VALUES)

    assert "xxx" not in text
    assert text.count("【") == (0 if key == "transfer.implementer" else 1)


def test_both_names_of_the_urgency_mean_the_one_field_Q39():
    source = "【重要程度】与【重要紧急程度】"

    assert compiled("x", "T", source).filled({"urgency": "重要紧急"}) == "重要紧急与重要紧急"


def test_a_missing_value_is_an_error_not_a_gap():
    with pytest.raises(KeyError):
        wordings()["publish.implementer"].filled({"name": "王强"})


@pytest.mark.proves("X-S13")
def test_a_value_that_looks_like_a_placeholder_stays_what_it_is():
    text = compiled("x", "T", "【xxx（姓名）】有一条【任务类型】任务").filled(
        {"name": "【任务类型】", "type": "应急事件"}
    )

    assert text == "【任务类型】有一条应急事件任务"


def test_the_platforms_name_is_a_setting():
    text = wordings()["publish.implementer"].filled(VALUES | {"platform": "甲平台"})

    assert "并在甲平台上的待办任务中" in text


SAID_TWICE = [key for key in sorted(wordings()) if "【任务类型】任务" in wordings()[key].text]


@pytest.mark.parametrize("key", [*SAID_TWICE, "urge.copied_in"])
@pytest.mark.parametrize("given", [{}, {"type": "升级任务"}])
def test_a_type_that_ends_in_task_does_not_say_it_twice_Q54(key, given):
    values = VALUES | {"type": "升级任务", "unfinished": "王强-升级任务"}

    text = wordings()[key].given(given).filled(values)

    assert "升级任务任务" not in text
    assert "升级任务" in text


def test_only_what_goes_on_with_task_loses_it_Q54():
    text = "【任务类型】的任务、【任务类型】任务、【任务类型】"

    assert compiled("x", "T", text).filled({"type": "升级任务"}) == "升级任务的任务、升级任务、升级任务"
