"""Whatever is sent, the stand-in answers with a code and never stumbles."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from tests.simulator.conftest import AGENT, StandIn
from tests.simulator.test_cards import BUTTONS, MENU, MULTIPLE, NEWS, NOTICE, OPEN, OPTIONS, VOTE

NONSENSE = (None, "", "x" * 3000, 0, -1, 1.5, True, [], ["x"], [{}], {}, {"x": 1})
FACTS = [
    {"keyname": "附件", "type": 2, "media_id": "m"},
    {"keyname": "发布人", "type": 3, "userid": "linmin"},
]
FULL = NOTICE | {
    "task_id": "t",
    "source": {"desc": "来源", "icon_url": "https://example.com/a.png", "desc_color": 1},
    "action_menu": MENU | {"desc": "更多"},
    "quote_area": {"type": 1, "url": "https://example.com/", "title": "引用", "quote_text": "文"},
    "emphasis_content": {"title": "100", "desc": "数"},
    "sub_title_text": "正文",
    "horizontal_content_list": FACTS[1:],
    "jump_list": [OPEN | {"title": "去"}],
}
AREA = NEWS | {
    "image_text_area": OPEN | {"title": "题", "desc": "说", "image_url": "https://example.com/a.png"},
    "vertical_content_list": [{"title": "题", "desc": "说"}],
}
CHOICE = BUTTONS | {
    "button_selection": {"question_key": "q", "title": "选", "option_list": OPTIONS, "selected_id": "1"}
}


def message(kind: str, content: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return "message/send", {"touser": "WangQiang", "agentid": AGENT, "msgtype": kind, kind: content}


def workbench(kind: str, part: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return "agent/set_workbench_template", {"agentid": AGENT, "type": kind, kind: part}


ITEM = {"key": "待办", "data": "3", "jump_url": "https://example.com/", "title": "题"}
BODIES = {
    "text": message("text", {"content": "好"}),
    "textcard": message(
        "textcard", {"title": "题", "description": "说", "url": "https://example.com/", "btntxt": "看"}
    ),
    "file": message("file", {"media_id": "m"}),
    "text_notice": message("template_card", FULL),
    "news_notice": message("template_card", AREA),
    "button_interaction": message("template_card", CHOICE),
    "vote_interaction": message("template_card", VOTE),
    "multiple_interaction": message("template_card", MULTIPLE),
    "update": (
        "message/update_template_card",
        {"userids": ["WangQiang"], "agentid": AGENT, "response_code": "c", "template_card": BUTTONS},
    ),
    "recall": ("message/recall", {"msgid": "m"}),
    "list_id": ("user/list_id", {"cursor": "", "limit": 3}),
    "userdetail": ("auth/getuserdetail", {"user_ticket": "t"}),
    "keydata": workbench("keydata", {"items": [ITEM]}),
    "list": workbench("list", {"items": [ITEM]}),
    "image": workbench("image", {"url": "https://example.com/a.png"}),
    "webview": workbench("webview", {"url": "https://example.com/", "height": "double_row"}),
    "figures": (
        "agent/batch_set_workbench_data",
        {
            "agentid": AGENT,
            "userid_list": ["linmin"],
            "data": {"type": "keydata", "keydata": {"items": [ITEM]}},
        },
    ),
    "menu": ("menu/create", {"button": [{"name": "待办", "sub_button": [{"name": "甲", "type": "click"}]}]}),
}


def spoilt(value: Any) -> Iterator[Any]:
    """The value with one spot at a time replaced by nonsense, at every depth."""
    yield from NONSENSE
    spots = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for spot, inner in list(spots):
        for wrong in spoilt(inner):
            changed = deepcopy(value)
            changed[spot] = wrong
            yield changed


@pytest.mark.parametrize("name", BODIES)
def test_one_wrong_spot_anywhere_gets_a_code_and_the_chat_still_opens(stand_in: StandIn, name: str) -> None:
    api, body = BODIES[name]
    stand_in.desk("switch", name="task_id_again", value="accept")
    stand_in.desk("switch", name="member_per_minute", value=10_000)
    token = stand_in.token()
    if name == "update":
        code = stand_in.card(**BUTTONS)["response_code"]
        body = body | {"response_code": code}
        stand_in.desk("switch", name="failed_update_consumes", value=False)

    for wrong in spoilt(body):
        answer = stand_in.http.post(
            f"/cgi-bin/{api}", query_string={"access_token": token, "agentid": str(AGENT)}, json=wrong
        )
        assert (answer.status_code, isinstance(answer.json.get("errcode"), int)) == (200, True), wrong
    assert stand_in.http.get("/phone/wangqiang/changes").status_code == 200
