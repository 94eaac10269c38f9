"""message/update_template_card: one code, one call, 72 hours."""

from typing import Any

import pytest

from tests.simulator.conftest import AGENT, StandIn
from tests.simulator.test_cards import BUTTONS, NOTICE

GREY = {"button": {"replace_name": "已办结"}}


def update(stand_in: StandIn, code: str, **change: Any) -> dict[str, Any]:
    look = {} if "template_card" in change else GREY
    body = {"userids": ["wangqiang"], "agentid": AGENT, "response_code": code, **look, **change}
    return stand_in.call("message/update_template_card", body)


def test_a_code_greys_the_buttons_once(stand_in: StandIn) -> None:
    code = stand_in.card(**BUTTONS)["response_code"]

    assert update(stand_in, code)["invaliduser"] == []
    assert stand_in.chat()[0]["button"] == "已办结"
    assert update(stand_in, code)["errcode"] == 60140


def test_a_code_is_good_for_72_hours(stand_in: StandIn) -> None:
    code = stand_in.card(**BUTTONS)["response_code"]
    stand_in.later(72 * 3600 + 1)

    assert update(stand_in, code)["errcode"] == 60140


def test_another_card_takes_the_place_of_the_first(stand_in: StandIn) -> None:
    code = stand_in.card(**BUTTONS)["response_code"]
    card = NOTICE | {"main_title": {"title": "已由李雷办结"}}

    assert update(stand_in, code, template_card=card)["errcode"] == 0
    shown = stand_in.chat()[0]
    assert (shown["replaced"], shown["body"]["main_title"]["title"]) == (True, "已由李雷办结")


def test_names_in_the_new_card_are_filled_in_if_asked_for(stand_in: StandIn) -> None:
    card = NOTICE | {"main_title": {"title": "$userName=linmin$ 已办结"}}
    plain, asked = (stand_in.card(**BUTTONS | {"task_id": one})["response_code"] for one in "ab")
    update(stand_in, plain, template_card=card)
    update(stand_in, asked, template_card=card, enable_id_trans=1)

    titles = [row["body"]["main_title"]["title"] for row in stand_in.chat()]
    assert titles == ["$userName=linmin$ 已办结", "林敏 已办结"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"userids": []}, 82101),
        ({"userids": ["linmin"]}, 82102),
        ({"userids": "wangqiang"}, 40058),
        ({"atall": 1, "userids": []}, 0),
        ({"agentid": 1000003}, 301002),
        ({"button": {}}, 40063),
        ({"button": {"replace_name": 1}}, 40058),
        ({"userids": [f"u{n}" for n in range(1001)]}, 40058),
        ({"userids": [], "partyids": [3]}, 0),
        ({"userids": [], "tagids": [1]}, 82102),
        ({"template_card": {"card_type": "text_notice"}}, 42033),
        ({"response_code": "made-up"}, 60140),
    ],
)
def test_an_update_is_as_strict_as_documented(stand_in: StandIn, change: dict[str, Any], code: int) -> None:
    given = stand_in.card(**BUTTONS)["response_code"]
    body = {"userids": ["wangqiang"], "agentid": AGENT, "response_code": given, **GREY, **change}

    assert stand_in.call("message/update_template_card", body)["errcode"] == code


@pytest.mark.parametrize(("consumes", "code"), [(True, 60140), (False, 0)])
def test_whether_a_failed_update_spends_the_code_can_be_switched(
    stand_in: StandIn, consumes: bool, code: int
) -> None:
    stand_in.desk("switch", name="failed_update_consumes", value=consumes)
    given = stand_in.card(**BUTTONS)["response_code"]
    assert update(stand_in, given, userids=["linmin"])["errcode"] == 82102

    assert update(stand_in, given)["errcode"] == code


def test_a_plain_notice_has_no_buttons_to_grey(stand_in: StandIn) -> None:
    card = NOTICE | {"task_id": "n1", "action_menu": {"action_list": [{"text": "静音", "key": "mute"}]}}
    code = stand_in.card(**card)["response_code"]

    assert update(stand_in, code)["errcode"] == 42031


@pytest.mark.parametrize(("consumes", "code"), [(True, 60140), (False, 0)])
def test_a_busy_system_may_have_spent_the_code_already(stand_in: StandIn, consumes: bool, code: int) -> None:
    stand_in.desk("switch", name="failed_update_consumes", value=consumes)
    given = stand_in.card(**BUTTONS)["response_code"]
    stand_in.desk("fault", kind="-1", api="message/update_template_card", remaining=1)

    assert update(stand_in, given)["errcode"] == -1
    assert update(stand_in, given)["errcode"] == code
