"""Template cards: every documented rule with the code it answers."""

from copy import deepcopy
from typing import Any

import pytest

from tests.simulator.conftest import StandIn

OPEN = {"type": 1, "url": "https://example.com/"}
OPTIONS = [{"id": "1", "text": "甲"}, {"id": "2", "text": "乙"}]
NOTICE = {"card_type": "text_notice", "main_title": {"title": "题"}, "card_action": OPEN}
NEWS = NOTICE | {"card_type": "news_notice", "card_image": {"url": "https://example.com/a.png"}}
BUTTONS = {
    "card_type": "button_interaction",
    "task_id": "t1",
    "main_title": {"title": "题"},
    "button_list": [{"text": "办结", "key": "close"}],
}
VOTE = {
    "card_type": "vote_interaction",
    "task_id": "t1",
    "main_title": {"title": "题"},
    "checkbox": {"question_key": "q", "option_list": [one | {"is_checked": False} for one in OPTIONS]},
    "submit_button": {"text": "提交", "key": "s"},
}
MULTIPLE = {
    "card_type": "multiple_interaction",
    "task_id": "t1",
    "main_title": {"title": "题"},
    "select_list": [{"question_key": "q", "option_list": OPTIONS}],
    "submit_button": {"text": "提交", "key": "s"},
}
MENU = {"action_list": [{"text": "甲", "key": "a"}]}


def changed(card: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """The card with parts replaced; None takes a part away."""
    whole = deepcopy(card) | parts
    return {name: value for name, value in whole.items() if value is not None}


def many(count: int, **row: Any) -> list[dict[str, Any]]:
    return [{name: f"{value}{n}" for name, value in row.items()} for n in range(count)]


@pytest.mark.parametrize(
    ("card", "code"),
    [
        (NOTICE, 0),
        (changed(NOTICE, card_type="poster"), 42031),
        (changed(NOTICE, main_title=None), 42033),
        (changed(NOTICE, main_title=None, sub_title_text="正文"), 0),
        (changed(NOTICE, card_action=None), 42045),
        (changed(NOTICE, card_action={"type": 0}), 42045),
        (changed(NOTICE, card_action={"type": 1}), 42028),
        (changed(NOTICE, card_action={"type": 1, "url": "example.com"}), 45034),
        (changed(NOTICE, card_action={"type": 2}), 42030),
        (changed(NOTICE, horizontal_content_list=[{"value": "值"}]), 42027),
        (changed(NOTICE, horizontal_content_list=many(7, keyname="名")), 42035),
        (changed(NOTICE, horizontal_content_list=[{"keyname": "名", "type": 1}]), 42028),
        (changed(NOTICE, horizontal_content_list=[{"keyname": "名", "type": 2}]), 42029),
        (changed(NOTICE, horizontal_content_list=[{"keyname": "名", "type": 3}]), 42050),
        (changed(NOTICE, jump_list=many(4, title="去")), 42042),
        (changed(NOTICE, jump_list=[{"type": 1, "url": "https://example.com/"}]), 42033),
        (changed(NOTICE, quote_area={"type": 1}), 42028),
        (changed(NOTICE, quote_area={"quote_text": 7}), 40058),
        (changed(NOTICE, source={"desc": "来源", "desc_color": 3}), 0),
        (changed(NOTICE, source={"desc": "来源", "desc_color": 4}), 40058),
        (
            changed(NOTICE, horizontal_content_list=[{"keyname": "附件", "type": 2, "media_id": "made-up"}]),
            40007,
        ),
        (changed(NOTICE, action_menu=MENU), 42014),
        (changed(NOTICE, action_menu=MENU, task_id="t1"), 0),
        (changed(NOTICE, action_menu={"action_list": many(1, text="甲", key="a") * 2}, task_id="t1"), 42051),
        (NEWS, 0),
        (changed(NEWS, main_title=None), 42033),
        (changed(NEWS, card_image=None), 42044),
        (changed(NEWS, card_image={"aspect_ratio": 1.5}), 42044),
        (changed(NEWS, card_image={"url": "https://example.com/a.png", "aspect_ratio": 3}), 42044),
        (changed(NEWS, vertical_content_list=many(5, title="题")), 42036),
        (BUTTONS, 0),
        (changed(BUTTONS, task_id=None), 42014),
        (changed(BUTTONS, task_id="任务"), 42014),
        (changed(BUTTONS, task_id="x" * 129), 42014),
        (changed(BUTTONS, main_title={"desc": "只有说明"}), 42033),
        (changed(BUTTONS, button_list=None), 42038),
        (changed(BUTTONS, button_list=many(7, text="键", key="k")), 42038),
        (changed(BUTTONS, button_list=[{"text": "办结"}]), 42039),
        (changed(BUTTONS, button_list=[{"text": "办结", "key": "x" * 1025}]), 42039),
        (changed(BUTTONS, button_list=[{"text": "办结", "key": "a"}, {"text": "转派", "key": "a"}]), 42039),
        (changed(BUTTONS, button_list=[{"text": "去看", "type": 1}]), 42028),
        (changed(BUTTONS, button_selection={"option_list": OPTIONS}), 42043),
        (changed(BUTTONS, button_selection={"question_key": "q", "option_list": []}), 42037),
        (changed(BUTTONS, button_selection={"question_key": "q", "option_list": OPTIONS * 2}), 42040),
        (VOTE, 0),
        (changed(VOTE, checkbox=None), 42043),
        (changed(VOTE, submit_button={"text": "提交"}), 42046),
        (changed(VOTE, submit_button={"key": "s"}), 42049),
        (changed(VOTE, checkbox={"question_key": "q", "option_list": many(21, id="i", text="t")}), 42037),
        (MULTIPLE, 0),
        (changed(MULTIPLE, select_list=[]), 42047),
        (changed(MULTIPLE, select_list=[{"question_key": "q", "option_list": [{"id": "1"}]}]), 42041),
        (changed(MULTIPLE, select_list=MULTIPLE["select_list"] * 2), 42043),
        (
            changed(MULTIPLE, select_list=[{"question_key": "q", "option_list": many(11, id="i", text="t")}]),
            42037,
        ),
    ],
)
def test_a_card_is_refused_with_the_code_of_the_rule_it_breaks(
    stand_in: StandIn, card: dict[str, Any], code: int
) -> None:
    assert stand_in.card(**card)["errcode"] == code


@pytest.mark.parametrize(
    ("card", "promised"),
    [(NOTICE, False), (NOTICE | {"action_menu": MENU, "task_id": "t"}, True), (BUTTONS, True), (VOTE, True)],
)
def test_a_response_code_comes_with_cards_that_can_be_clicked(
    stand_in: StandIn, card: dict[str, Any], promised: bool
) -> None:
    assert ("response_code" in stand_in.card(**card)) == promised


def test_a_task_id_serves_once_unless_switched(stand_in: StandIn) -> None:
    assert stand_in.card(**BUTTONS)["errcode"] == 0
    assert stand_in.card(**BUTTONS)["errcode"] == 42014

    stand_in.desk("switch", name="task_id_again", value="accept")
    assert stand_in.card(**BUTTONS)["errcode"] == 0


def test_a_card_that_calls_back_needs_a_callback_url(stand_in: StandIn) -> None:
    stand_in.desk("switch", name="callback_configured", value=False)

    assert stand_in.card(**BUTTONS)["errcode"] == 43012
    assert stand_in.card(**NOTICE)["errcode"] == 0


def test_recommended_lengths_are_advice_unless_switched(stand_in: StandIn) -> None:
    long = changed(NOTICE, main_title={"title": "长" * 37})
    assert stand_in.card(**long)["errcode"] == 0
    note = stand_in.http.get("/desk/calls.json?api=message/send").json["calls"][-1]["note"]
    assert "main_title.title 有 37 字" in note

    stand_in.desk("switch", name="strict_lengths", value=True)
    assert stand_in.card(**long)["errcode"] == 40058


@pytest.mark.parametrize(
    ("card", "advice"),
    [
        (changed(NEWS, vertical_content_list=[{"title": "长" * 39}]), "vertical_content_list.title"),
        (changed(NOTICE, jump_list=[{"title": "长" * 19}]), "jump_list.title"),
        (changed(VOTE, submit_button={"text": "长" * 11, "key": "s"}), "submit_button.text 有 11 字"),
        (
            changed(
                MULTIPLE, select_list=[{"question_key": "q", "option_list": [{"id": "1", "text": "长" * 17}]}]
            ),
            "select_list.option_list.text",
        ),
        (changed(BUTTONS, emphasis_content={"title": "100"}), "button_interaction 没有 emphasis_content"),
        (changed(VOTE, action_menu=MENU), "vote_interaction 没有 action_menu"),
    ],
)
def test_what_will_be_cut_or_passed_over_is_noted_at_the_desk(
    stand_in: StandIn, card: dict[str, Any], advice: str
) -> None:
    assert stand_in.card(**card)["errcode"] == 0

    calls = stand_in.http.get("/desk/calls.json?api=message/send").json["calls"]
    assert advice in calls[-1]["note"]
