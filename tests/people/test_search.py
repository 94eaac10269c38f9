"""Finding people by what one types."""

import pytest

from app.db import transaction
from app.people.models import Person, Role
from app.people.queries import regions, search_people


def found(text="", **narrowed):
    return [person.name for person in search_people(text, **narrowed).people]


@pytest.mark.parametrize("text", ["王强", "强", "wangq", "WA", "wa", " wangqiang "])
def test_a_name_pinyin_initials_or_userid_finds_a_person(world, text):
    assert "王强" in found(text)


@pytest.mark.parametrize("text", ["%", "_", "\\", "' OR 1=1 --", "不存在"])
@pytest.mark.proves("X-S13")
def test_wildcards_are_letters_like_others(world, text):
    assert found(text) == []


def test_the_list_narrows_by_region_and_role_and_leaves_out_who_left(world, told_time):
    north = next(region.id for region in regions() if region.name == "华北大区")
    assert found(region_id=north, role=Role.IMPLEMENTER) == ["李静", "王强"]

    with transaction() as current:
        current.get_one(Person, world.by_name["李静"]).left_at = told_time.moment
    assert found(region_id=north, role=Role.IMPLEMENTER) == ["王强"]


def test_a_long_list_comes_in_pages(world):
    first, second = search_people(limit=6), search_people(limit=6, skip=6)

    assert (len(first.people), first.more) == (6, True)
    assert (len(second.people), second.more) == (6, False)
    assert not {one.id for one in first.people} & {one.id for one in second.people}
