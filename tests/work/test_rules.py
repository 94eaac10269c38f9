"""What follows from a table of rules, whatever the kind of work."""

from typing import NamedTuple

import pytest

from app.errors import Conflict, NotAllowed
from app.work import rules
from app.work.rules import Rule

ORDER = ("车主", "司机", "乘客")


class Facts(NamedTuple):
    """Of a trip."""

    gone: bool = False
    full: bool = False


GO = Rule[Facts](
    "开车",
    frozenset({"司机", "车主"}),
    lambda facts: "车已经开了，请等下一班。" if facts.gone else None,
    briefly=lambda facts: "已开" if facts.full else "",
)
STOP = Rule[Facts]("停车", frozenset({"司机"}), lambda _facts: None, offered=lambda facts: facts.gone)
RULES = {"go": GO, "stop": STOP}
DRIVER = frozenset({"司机"})


def test_who_may_not_is_told_who_may_in_the_usual_order() -> None:
    sentence = "只有车主、司机可以开车。"

    assert rules.why_not(GO, Facts(gone=True), frozenset({"乘客"}), order=ORDER) == sentence
    with pytest.raises(NotAllowed) as caught:
        rules.require(GO, Facts(gone=True), frozenset({"乘客"}), order=ORDER)
    assert (str(caught.value), caught.value.short) == (sentence, sentence)


def test_who_may_is_told_what_stands_in_the_way_in_full_and_briefly() -> None:
    assert rules.why_not(GO, Facts(gone=True), DRIVER, order=ORDER) == "车已经开了，请等下一班。"
    with pytest.raises(Conflict) as caught:
        rules.require(GO, Facts(gone=True, full=True), DRIVER, order=ORDER)
    assert (str(caught.value), caught.value.short) == ("车已经开了，请等下一班。", "已开")


def test_nothing_is_said_where_nothing_stands_in_the_way() -> None:
    assert rules.why_not(GO, Facts(), DRIVER, order=ORDER) is None
    rules.require(GO, Facts(), DRIVER, order=ORDER)


def test_what_has_one_form_says_the_same_twice() -> None:
    plain = Rule[Facts]("等", DRIVER, lambda _facts: "请等一等。")
    with pytest.raises(Conflict) as caught:
        rules.require(plain, Facts(), DRIVER, order=ORDER)
    assert (str(caught.value), caught.value.short) == ("请等一等。", "请等一等。")


def test_people_see_the_buttons_that_are_theirs_and_offered() -> None:
    assert rules.buttons(RULES, Facts(), DRIVER) == [("go", "开车", None)]
    assert rules.buttons(RULES, Facts(gone=True), DRIVER) == [
        ("go", "开车", "车已经开了，请等下一班。"),
        ("stop", "停车", None),
    ]
    assert rules.buttons(RULES, Facts(gone=True), frozenset({"车主"})) == [
        ("go", "开车", "车已经开了，请等下一班。")
    ]
    assert rules.buttons(RULES, Facts(), frozenset({"乘客"})) == []
