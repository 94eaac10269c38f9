"""What a refusal says of the facts, in full and briefly; no database is needed."""

import pytest

from app.errors import Conflict, NotAllowed
from app.tasks import lifecycle
from app.tasks.lifecycle import Act, Facts, Part
from app.wecom.cards import LONGEST_QUOTE

IMPLEMENTER = frozenset({Part.IMPLEMENTER})


def refused(*names: str, parts: frozenset[Part] = IMPLEMENTER, **facts: bool) -> Conflict | NotAllowed:
    """办结 of a row with these open items."""
    row = Facts(**({"revoked": False, "closed": False} | facts), items_open=len(names), open_names=names)
    with pytest.raises((Conflict, NotAllowed)) as caught:
        lifecycle.require(Act.CLOSE, row, parts)
    return caught.value


def test_both_forms_know_the_same_number_and_names():
    refusal = refused("模块B", "模块C（需回退）")

    assert refusal.short == "还差 2 项：模块B、模块C（需回退）"
    assert str(refusal).startswith("还差 2 项未完成：模块B、模块C（需回退）。请先")


def test_many_names_are_cut_and_the_others_counted():
    refusal = refused(*(f"模块{number:02}" for number in range(40)))

    assert refusal.short.endswith("模块14、模块15，另有 24 项")
    assert "模块39" in str(refusal)


def test_a_name_longer_than_the_room_is_cut_by_itself():
    refusal = refused("长" * 100, "短")

    assert refusal.short == f"还差 2 项：{'长' * 79}…，另有 1 项"
    assert len(refusal.short) < LONGEST_QUOTE


@pytest.mark.parametrize("fact", ["revoked", "closed", "frozen"])
def test_what_has_one_form_says_the_same_twice(fact: str):
    refusal = refused("模块B", **{fact: True})

    assert refusal.short == str(refusal)


def test_who_may_not_close_is_told_so_before_anything_about_the_row():
    refusal = refused("模块B", parts=frozenset({Part.PUBLISHER}))

    assert refusal.short == str(refusal) == "只有主管、服务经理、实施人可以办结。"
