"""message/send: recipients, contents, duplicates, recall."""

from typing import Any

import pytest

from tests.simulator.conftest import AGENT, StandIn

TEXT: dict[str, Any] = {
    "touser": "WangQiang",
    "agentid": AGENT,
    "msgtype": "text",
    "text": {"content": "你好"},
}
TEXTCARD = {"title": "标题", "description": "说明", "url": "https://example.com/"}


def textcard(**changed: Any) -> dict[str, Any]:
    return TEXT | {"msgtype": "textcard", "textcard": TEXTCARD | changed}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (TEXT, 0),
        (TEXT | {"agentid": None}, 41011),
        (TEXT | {"agentid": "abc"}, 40056),
        (TEXT | {"agentid": 1000003}, 301002),
        (TEXT | {"touser": ""}, 82001),
        (TEXT | {"touser": "nobody"}, 81013),
        (TEXT | {"touser": ["WangQiang"]}, 40058),
        (TEXT | {"touser": "|".join(f"u{n}" for n in range(1001))}, 40032),
        (TEXT | {"touser": "", "toparty": "|".join(str(n) for n in range(101))}, 82002),
        (TEXT | {"touser": "", "totag": "|".join(str(n) for n in range(101))}, 82003),
        (TEXT | {"touser": "", "toparty": "2"}, 0),
        (TEXT | {"touser": "@all"}, 0),
        (TEXT | {"msgtype": "carrier_pigeon"}, 40008),
        (TEXT | {"text": {"content": ""}}, 44004),
        (TEXT | {"safe": 1}, 0),
        (TEXT | {"safe": 2}, 40058),
        (TEXT | {"safe": 3}, 40058),
        (TEXT | {"enable_id_trans": 2}, 40058),
        (TEXT | {"enable_duplicate_check": 1, "duplicate_check_interval": 14401}, 40058),
        (TEXT | {"msgtype": "markdown", "markdown": {"content": "**粗**"}}, 0),
        (textcard(), 0),
        (textcard(title=""), 41016),
        (textcard(description=""), 41033),
        (textcard(url=""), 40063),
        (textcard(url="example.com"), 45034),
        (textcard(btntxt=7), 40058),
        (textcard(url="https://example.com/" + "x" * 2048), 40058),
        (textcard() | {"safe": 1}, 40058),
        (TEXT | {"msgtype": "image", "image": {"media_id": "made-up"}}, 40007),
        (TEXT | {"msgtype": "file", "file": {}}, 41006),
    ],
)
def test_send_is_as_strict_as_documented(stand_in: StandIn, body: dict[str, Any], code: int) -> None:
    assert stand_in.call("message/send", body)["errcode"] == code


def test_json_counts_whatever_its_content_type_and_nonsense_is_named(stand_in: StandIn) -> None:
    args = {"access_token": stand_in.token()}
    plain = '{"touser": "WangQiang", "agentid": 1000002, "msgtype": "text", "text": {"content": "好"}}'

    assert stand_in.http.post("/cgi-bin/message/send", query_string=args, data=plain).json["errcode"] == 0
    broken = stand_in.http.post("/cgi-bin/message/send", query_string=args, data="{").json
    assert (broken["errcode"], "wrong json format" in broken["errmsg"]) == (40058, True)


def test_bad_recipients_come_back_lower_cased_and_joined(stand_in: StandIn) -> None:
    answer = stand_in.send("WangQiang|NoBody|ZhangFails|qianxu")

    assert (answer["errcode"], answer["invaliduser"]) == (0, "nobody|zhangfails")
    assert answer["unlicenseduser"] == "qianxu"
    assert len(stand_in.chat("wangqiang")) == 1
    alone = stand_in.send("ZhangFails")
    assert (alone["errcode"], alone["invaliduser"]) == (81013, "zhangfails")


def test_long_text_is_cut_at_2048_bytes_without_breaking_a_character(stand_in: StandIn) -> None:
    stand_in.send(msgtype="text", text={"content": "长" * 1000})

    assert stand_in.chat()[0]["body"]["content"] == "长" * 682


def test_the_same_request_is_taken_once_within_the_interval(stand_in: StandIn) -> None:
    body = TEXT | {"enable_duplicate_check": 1, "duplicate_check_interval": 60}
    first = stand_in.call("message/send", body)

    assert stand_in.call("message/send", body) == first
    assert len(stand_in.chat()) == 1
    stand_in.later(61)
    assert stand_in.call("message/send", body)["msgid"] != first["msgid"]
    assert len(stand_in.chat()) == 2


@pytest.mark.parametrize(("answer", "code"), [("bare", 0), ("busy", -1)])
def test_how_a_duplicate_is_answered_can_be_switched(stand_in: StandIn, answer: str, code: int) -> None:
    stand_in.desk("switch", name="duplicate_answer", value=answer)
    body = TEXT | {"enable_duplicate_check": 1}
    stand_in.call("message/send", body)
    again = stand_in.call("message/send", body)

    assert (again["errcode"], "msgid" in again) == (code, False)
    assert len(stand_in.chat()) == 1


def test_recall_takes_a_message_back_within_a_day(stand_in: StandIn) -> None:
    recent, old = stand_in.send()["msgid"], stand_in.send("linmin")["msgid"]

    assert stand_in.call("message/recall", {"msgid": recent})["errcode"] == 0
    assert stand_in.chat()[0]["state"] == "recalled"
    assert stand_in.call("message/recall", {"msgid": "made-up"})["errcode"] == 40058
    stand_in.later(86401)
    assert stand_in.call("message/recall", {"msgid": old})["errcode"] == 42052


def test_names_are_filled_in_where_id_translation_is_asked_for(stand_in: StandIn) -> None:
    content = TEXTCARD | {"title": "$userName=linmin$ 在 $departmentName=3$ 发布了任务"}
    stand_in.send(msgtype="textcard", textcard=content, enable_id_trans=1)

    assert stand_in.chat()[0]["body"]["title"] == "林敏 在 华北大区 发布了任务"


def test_only_the_documented_fields_of_a_card_are_translated(stand_in: StandIn) -> None:
    mark = "$userName=linmin$"
    card = {
        "card_type": "text_notice",
        "source": {"desc": mark},
        "main_title": {"title": mark, "desc": mark},
        "sub_title_text": mark,
        "quote_area": {"quote_text": mark},
        "horizontal_content_list": [{"keyname": mark, "value": mark}],
        "card_action": {"type": 1, "url": f"https://example.com/{mark}"},
    }
    stand_in.send(msgtype="template_card", template_card=card, enable_id_trans=1)
    shown = stand_in.chat()[0]["body"]

    assert (shown["source"]["desc"], shown["sub_title_text"]) == ("林敏", "林敏")
    assert shown["main_title"] == {"title": "林敏", "desc": "林敏"}
    assert shown["horizontal_content_list"] == [{"keyname": mark, "value": "林敏"}]
    assert (shown["quote_area"]["quote_text"], shown["card_action"]["url"][-17:]) == (mark, mark)
