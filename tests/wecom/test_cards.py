"""Cards and texts: always acceptable to WeCom, cut in the right place, and nothing typed acts in them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.simulator import card_rules
from app.wecom import card_updates, cards
from app.wecom.cards import BadCard, LinkButton, PressButton, Quote

URL = "https://task.example.com/login?inside=1&next=/point-tasks/1&m=0af3"
LINK = LinkButton("反馈", URL)
anything = st.text(max_size=400)
something = anything.filter(lambda text: cards.cut(text, 5).strip())
facts = st.lists(st.tuples(something, anything), max_size=cards.MOST_FACTS)
button = st.one_of(
    st.builds(LinkButton, something, st.just(URL), st.integers(1, 4)),
    st.builds(
        PressButton, something, st.text(min_size=1, max_size=80).filter(str.isalnum), st.integers(1, 4)
    ),
)
buttons = st.lists(button, min_size=1, max_size=cards.MOST_BUTTONS, unique_by=lambda one: one[1])
links = st.lists(st.builds(LinkButton, something, st.just(URL)), min_size=1, max_size=cards.MOST_BUTTONS)


@given(
    source=anything,
    title=something,
    desc=anything,
    text=anything,
    facts=facts,
    buttons=st.one_of(buttons, links),
    quote=st.none() | st.builds(Quote, something, anything, st.sampled_from(["", URL])),
)
def test_whatever_people_typed_the_stand_ins_strictest_rules_accept_the_card(**parts: Any):
    card = cards.button_card(task_id="0af3", url=URL, **parts)
    sent = json.loads(cards.message(userid="wangqiang", agent_id=1000002, card=card))

    assert card_rules.check_card(sent["template_card"], strict=True) == []
    assert sent["template_card"] == cards.fields(card)


@given(text=something)
def test_a_text_keeps_within_2048_bytes_and_its_link_whole(text: str):
    tail = f'\n<a href="{URL}">打开查看</a>'
    content = json.loads(cards.text_message(userid="a", agent_id=1, text=text * 9, tail=tail))["text"][
        "content"
    ]

    assert len(content.encode()) <= 2048
    assert content.endswith(tail)


def test_the_request_is_the_documented_one():
    body = json.loads(cards.text_message(userid="wangqiang", agent_id=1000002, text="请办结"))
    assert body == {
        "touser": "wangqiang",
        "msgtype": "text",
        "agentid": 1000002,
        "text": {"content": "请办结"},
        "enable_duplicate_check": 1,
        "duplicate_check_interval": 14400,
    }


def test_the_wording_stands_word_for_word(card: dict[str, Any]):
    wording = "【打回提醒】：区域【长安区】，【王强】有一条【应急事件】任务被打回，请及时跟进监督。"
    shown = cards.fields(cards.button_card(**card | {"text": wording}, buttons=[LINK]))
    assert shown["sub_title_text"] == wording


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("<a href='http://evil.example'>点我</a>", "＜a href='http:／／evil.example'＞点我＜/a＞"),
        ("$userName=wangqiang$", "＄userName=wangqiang$"),
        ("$departmentName=1$", "＄departmentName=1$"),
        ("[点我](http://evil.example)", "[点我］(http:／／evil.example)"),
        ("见 WWW.evil.example", "见 www．evil.example"),
        ("&lt;a&gt;", "＆lt;a＆gt;"),
        ("A\x00B\x1b\ud800C", "ABC"),
        ("预算 $100，完成 50%，2026/11/25，R&D", "预算 $100，完成 50%，2026/11/25，R＆D"),
        ("第一行\n第二行", "第一行\n第二行"),
    ],
)
@pytest.mark.proves("X-S8")
def test_nothing_that_people_typed_acts_in_wecom(typed: str, shown: str):
    assert cards.harmless(typed) == shown


@pytest.mark.parametrize(
    ("text", "longest", "shown"),
    [
        ("一二三四五", 5, "一二三四五"),
        ("一二三四五六", 5, "一二三四…"),
        ("一二三👨‍👩‍👧", 5, "一二三👨…"),
        ("一二三 \n五六", 5, "一二三…"),
    ],
)
@pytest.mark.proves("X-B10")
def test_texts_are_cut_between_characters(text: str, longest: int, shown: str):
    assert cards.cut(text, longest) == shown


def test_bytes_are_cut_between_characters():
    assert cards.cut_bytes("长" * 10, 20) == "长长长长长…"


@pytest.mark.parametrize(
    "wrong",
    [
        {"task_id": ""},
        {"task_id": "任务1"},
        {"task_id": "a" * 129},
        {"title": ""},
        {"title": " \n"},
        {"url": "javascript:alert(1)"},
        {"url": "https://task.example.com/" + "a" * 2048},
        {"buttons": []},
        {"buttons": [LINK] * 7},
        {"buttons": [LinkButton("", URL)]},
        {"buttons": [LinkButton("看", "/point-tasks/1")]},
        {"buttons": [PressButton("办结", "")]},
        {"buttons": [PressButton("办结", "x" * 1025)]},
        {"buttons": [PressButton("办结", "same"), PressButton("反馈", "same")]},
        {"facts": [("名", "值")] * 7},
        {"facts": [("", "值")]},
        {"quote": Quote("引文", url="ftp://x")},
    ],
)
@pytest.mark.proves("X-B8")
def test_our_own_mistakes_are_refused_before_the_queue(card: dict[str, Any], wrong: dict[str, Any]):
    with pytest.raises(BadCard):
        cards.button_card(**{"buttons": [LINK], **card, **wrong})


@pytest.mark.parametrize("userid", ["", "@all", "a|b"])
def test_a_message_is_for_one_person(userid: str):
    with pytest.raises(BadCard):
        cards.text_message(userid=userid, agent_id=1, text="x")


@pytest.mark.parametrize(("text", "tail"), [("", ""), (" ", ""), ("x", "y" * 2000)])
def test_a_text_needs_text(text: str, tail: str):
    with pytest.raises(BadCard):
        cards.text_message(userid="a", agent_id=1, text=text, tail=tail)


def test_a_text_card_is_cut_to_its_own_lengths():
    body = json.loads(cards.textcard_message(userid="a", agent_id=1, title="长" * 129, desc="<b>", url=URL))
    assert body["textcard"] == {
        "title": "长" * 127 + "…",
        "description": "＜b＞",
        "url": URL,
        "btntxt": "详情",
    }


def test_an_amended_card_has_no_task_id_says_why_and_has_one_grey_word(card: dict[str, Any]):
    choices = cards.Choices("row", "选择点位", (("1", "长安区"),))
    made = cards.button_card(**card, buttons=[LINK], choices=choices)
    sent = cards.message(userid="a", agent_id=1, card=made)
    new = card_updates.amended(
        sent, userid="a", response_code="r", words="任务已撤销。", grey="已撤销", parts={}
    )

    assert (new["userids"], new["response_code"]) == (["a"], "r")
    assert new["template_card"]["replace_text"] == "已撤销"
    assert new["template_card"]["quote_area"] == {"type": 0, "quote_text": "任务已撤销。"}
    assert not {"task_id", "button_selection"} & new["template_card"].keys()
    assert card_rules.check_card(new["template_card"], updating=True, strict=True) == []


@pytest.mark.parametrize("ids", [(), ("1", "1"), tuple(str(n) for n in range(11))])
def test_a_card_offers_one_to_ten_choices_each_once(card: dict[str, Any], ids: tuple[str, ...]):
    choices = cards.Choices("row", "选择点位", tuple((one, "长安区") for one in ids))
    with pytest.raises(BadCard):
        cards.button_card(**card, buttons=[LINK], choices=choices)
