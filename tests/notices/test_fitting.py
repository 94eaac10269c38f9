"""What does not fit into a card is said with its number: lists give way, words and buttons stay."""

import json
import re
from collections.abc import Iterable
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from app.db import session, transaction
from app.notices.models import WordingText
from app.notices.queue import outbox
from app.notices.queue.fitting import fitted
from app.notices.telling import Letter, Listed, Recipient, Telling
from app.notices.wordings.catalogue import compiled, wordings
from app.tasks.telling.naming import MODULES, POINTS, places_listed
from app.wecom import cards

ENDING = "任务还未完成，请及时跟进监督。"
ENTRIES = "；".join(f"某某自治县第{n}区、第{n}镇：王强-应急事件" for n in range(60))
LONG = ["【催办提醒】：区域", Listed(ENTRIES, 60, POINTS), ENDING]
SHORT = ["王强有一条应急事件任务还未完成。"]


def test_what_fits_stays_whole():
    pieces = [["请办结", Listed("长安区", 1, POINTS), "。"], ["请跟进。"]]

    assert fitted(pieces, longest=20) == "请办结长安区。\n请跟进。"


def test_a_long_list_stops_after_a_whole_entry_says_how_many_and_keeps_its_words():
    text = fitted([LONG], longest=160)

    assert 130 < len(text) <= 160
    assert text.startswith("【催办提醒】：区域某某自治县第0区")
    assert text.endswith(f"：王强-应急事件（等60个点位，见页面）{ENDING}")


def test_the_long_list_gives_way_to_the_short_text():
    text = fitted([LONG, SHORT], longest=160)

    assert len(text) <= 160
    assert text.endswith(f"（等60个点位，见页面）{ENDING}\n{SHORT[0]}")


def test_where_no_entry_has_room_its_number_is_said():
    assert (
        fitted([["还原", Listed("很长的模块名称" * 9, 1, MODULES), "。"]], longest=40)
        == "还原（1个模块，见页面）。"
    )


def test_a_list_before_the_word_that_it_ends_with_says_it_once():
    wording = compiled("x", "", "【xxx（实施人）】-【任务类型】（按区域范围将未完成的列举出来）任务还未完成")
    pieces = wording.pieces(
        {"unfinished": Listed("王强-升级任务；李静-升级任务；沈海-升级任务；赵岚-升级任务", 4, POINTS)}
    )

    assert (
        fitted([pieces], longest=100) == "王强-升级任务；李静-升级任务；沈海-升级任务；赵岚-升级任务还未完成"
    )
    assert fitted([pieces], longest=28) == "王强-升级任务（等4个点位，见页面）任务还未完成"


def in_order(words: Iterable[str], text: str) -> bool:
    """Every word stands in the text, each after the one before."""
    return re.search(".*?".join(map(re.escape, words)), text, re.DOTALL) is not None


HAN = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)
NAMES = st.text(HAN, min_size=1, max_size=60)
PIECES = st.one_of(
    st.text(HAN, max_size=120),
    st.builds(
        lambda names: Listed("、".join(names), len(names), POINTS), st.lists(NAMES, min_size=1, max_size=999)
    ),
)


@given(st.lists(st.lists(PIECES, min_size=1, max_size=6), min_size=1, max_size=3))
@settings(max_examples=200, deadline=None)
def test_whatever_the_lists_the_words_are_all_there_and_a_text_is_too_long_only_by_its_words(sentences):
    text = fitted(sentences, longest=cards.LONGEST_TEXT)
    words = [piece for sentence in sentences for piece in sentence if not isinstance(piece, Listed)]
    lists = [piece for sentence in sentences for piece in sentence if isinstance(piece, Listed)]
    shortest = [min(len(one), len(f"（{one.number}个点位，见页面）")) for one in lists]

    assert in_order(words, text)
    needed = sum(map(len, words)) + sum(shortest) + len(sentences) - 1
    if needed <= cards.LONGEST_TEXT:
        assert len(text) <= cards.LONGEST_TEXT
    if len(text) > cards.LONGEST_TEXT:
        assert all(one in text or "见页面" in text for one in lists)


FACTS = {
    "urgency": "重要紧急",
    "type": "升级任务",
    "due": "2026-11-23 18:00",
    "department": "服务运营部",
    "days": "99",
    "number": "12",
    "progress": "已办结 1/2 个点位。",
    "hopeless": "新华区（李静：设备未到货）",
    "changes": "重要紧急程度改为紧急",
}


def extreme(key: str, places: int, length: int) -> Telling:
    """Everything as many and as long as it comes."""
    names = [f"{'自治县' * length}{n}" for n in range(places)]
    entries = "；".join(f"{name}：欧阳-升级任务" for name in names)
    values = FACTS | {
        "name": "欧阳" * length,
        "implementer": f"{'欧阳' * length}等{places}人",
        "place": places_listed(names),
        "modules": Listed("、".join(names), places, MODULES),
        "unfinished": Listed(entries, places, POINTS),
        "texts": Listed("\n".join(names), places, "条", separators=("\n",)),
        "tasks": Listed("\n".join(names), places, "条", separators=("\n",)),
    }
    letter = Letter(
        key, "升级任务 · 重要紧急", buttons=(("查看", ""),), presses=(("办结", "point_task.close"),)
    )
    return Telling(letter, Recipient(1, "wangqiang", "王强"), values, tuple(names), "/tasks/1", 7)


def card_of(telling: Telling) -> tuple[dict, str]:
    [row] = outbox.prepare(session(), [telling]).rows[("待发", "")]
    body = json.loads(row["body"])
    return body["template_card"], row["text"]


def test_every_wording_is_a_card_with_its_buttons_and_every_word_of_its_own(world):
    for key, places in product(sorted(wordings()), (1, 60, 2848)):
        card, text = card_of(extreme(key, places, 4))
        said = card["sub_title_text"]

        assert len(said) <= 160
        assert [button["text"] for button in card["button_list"]] == ["查看", "办结"]
        words = wordings()[key].given(FACTS | {"platform": "长天长平台"}).parts[::2]
        assert in_order(words, said)
        assert said == text or "见页面）" in said


def test_an_administrators_text_that_is_too_long_for_a_card_begins_there_and_is_whole_in_the_app(world):
    own = "【发布】：" + "请按通知办理，" * 60 + "【xxx（姓名）】"
    with transaction() as current:
        current.add(WordingText(key="publish.implementer", text=own))

    card, text = card_of(extreme("publish.implementer", 1, 1))

    assert card["sub_title_text"] == text[:159] + "…"
    assert text == own.replace("【xxx（姓名）】", "欧阳")
    assert len(card["button_list"]) == 2
