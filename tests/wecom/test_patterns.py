"""The card for thousands of people says for each what a card made for one would."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.wecom import cards
from app.wecom.patterns import BESIDE_A_PRESS, LONGEST_PATH, CardPattern

FACTS = (("完成时间", "2026-11-25 18:00"), ("发布人", "林敏（服务运营部 100%）"))
words = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200)
UID = "0af3" * 8
FEED_BACK_OR_LOOK = (("反馈", "%23feed-back"), ("查看", ""))


def address(path: str, uid: str) -> str:
    return f"https://fw.example.cn/login?inside=1&next={path}&m={uid}"


def pattern(
    *, has_desc: bool = True, buttons: tuple[tuple[str, str], ...] = FEED_BACK_OR_LOOK
) -> CardPattern:
    return CardPattern(
        agent_id=1000002,
        source="服务任务",
        title="应急事件 · 紧急",
        has_desc=has_desc,
        facts=FACTS,
        buttons=buttons,
        address=address,
    )


@given(
    desc=words.filter(bool),
    text=words.filter(lambda text: text.strip()),
    userid=st.from_regex(r"[\w.'\"-]{1,64}", fullmatch=True),
)
def test_a_filled_pattern_equals_the_card_made_for_one_person(desc, text, userid):
    path = "/point-tasks/7"
    url = address(path, UID)
    card = cards.button_card(
        task_id=UID,
        source="服务任务",
        title="应急事件 · 紧急",
        desc=desc,
        text=text,
        facts=FACTS,
        url=url,
        buttons=[
            cards.LinkButton("反馈", address(f"{path}%23feed-back", UID)),
            cards.LinkButton("查看", url),
        ],
    )

    filled = pattern().filled(userid=userid, uid=UID, desc=desc, text=text, path=path)

    assert filled == cards.message(userid=userid, agent_id=1000002, card=card)


@given(names=st.lists(words.map("区{}".format), min_size=1, max_size=10))
def test_buttons_that_act_and_what_they_act_on_equal_the_card_made_for_one_person(names):
    title = "选择点位"
    options = tuple((str(number), name) for number, name in enumerate(names))
    made = CardPattern(
        agent_id=1000002,
        source="服务任务",
        title="应急事件 · 紧急",
        has_desc=True,
        facts=FACTS,
        buttons=(("查看", ""),),
        presses=(("办结", "close"),),
        choices=len(options),
        choices_title=title,
        address=address,
    )
    url = address("/tasks/1", UID)
    card = cards.button_card(
        task_id=UID,
        source="服务任务",
        title="应急事件 · 紧急",
        desc="长安区",
        text="请查看。",
        facts=FACTS,
        url=url,
        buttons=[cards.LinkButton("查看", url, BESIDE_A_PRESS), cards.PressButton("办结", "close:7")],
        choices=cards.Choices(cards.CHOICES_KEY, title, options),
    )

    filled = made.filled(
        userid="wangqiang",
        uid=UID,
        desc="长安区",
        text="请查看。",
        path="/tasks/1",
        after=":7",
        choices=options,
    )

    assert filled == cards.message(userid="wangqiang", agent_id=1000002, card=card)


def test_a_card_about_no_point_has_no_second_line():
    filled = pattern(has_desc=False, buttons=(("查看", ""),)).filled(
        userid="wangqiang", uid=UID, desc="", text="请查看。", path="/tasks/1"
    )

    assert b'"main_title":{"title":"' in filled
    assert b'"desc":""' not in filled


@pytest.mark.parametrize(
    "wrong",
    [{"userid": "a|b"}, {"userid": ""}, {"userid": "@all"}, {"path": "/" * (LONGEST_PATH + 1)}],
)
def test_what_wecom_would_refuse_is_refused_here(wrong):
    values = {
        "userid": "wangqiang",
        "uid": UID,
        "desc": "长安区",
        "text": "请查看。",
        "path": "/",
    }

    with pytest.raises(cards.BadCard):
        pattern().filled(**values | wrong)
