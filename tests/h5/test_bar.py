"""The filter bar of any list, made of the fields that the list declares."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from app.errors import BadInput
from h5.frame import bar
from h5.frame.bar import Bar, Field, Narrowed
from h5.frame.forms import Input
from h5.frame.named import NOBODY
from tests.h5.conftest import tight
from tests.world import World

ERRANDS = Bar(
    fields=(
        Field("state", "进度", "choice", (("open", "进行中"), ("done", "已送到"))),
        Field("what", "物品", "text"),
        Field("from", "起点", "place"),
        Field("by", "跑腿", "person"),
        Field("region", "片区", "region"),
        Field("day", "日期", "day"),
    ),
    page="跑腿页",
    suggestions="/errands/found",
    sorts=(("new", "最新在前"), ("old", "最早在前")),
)
ASKED = {"state": "open", "what": "锦旗", "from": "130102", "by": "王强", "day": "2026-11-23", "sort": "old"}


@pytest.fixture(autouse=True)
def reads(app: Flask, world: World) -> None:
    """Places and people are looked up."""


def narrowed(**asked: str) -> Narrowed:
    args = MultiDict(asked)
    return bar.narrowed(ERRANDS, args, Input(args))


def test_what_was_asked_is_read_as_values_and_as_words(world: World) -> None:
    found = narrowed(**ASKED)

    assert found.values == {
        "state": "open",
        "what": "锦旗",
        "from": "130102",
        "by": world.person("王强").id,
        "day": datetime(2026, 11, 22, 16, tzinfo=UTC),
    }
    assert found.sentence == (
        "进度 进行中，物品 锦旗，起点 河北省 / 石家庄市 / 长安区，跑腿 王强，日期 2026-11-23"
    )
    assert found.sort == "old"


def test_every_chip_leads_to_the_list_without_it() -> None:
    without = {chip.field: chip.without for chip in narrowed(state="done", what="锦旗", sort="old").chips}

    assert without == {"state": "what=%E9%94%A6%E6%97%97&sort=old", "what": "state=done&sort=old"}


def test_what_names_nobody_finds_nobody_and_says_so() -> None:
    found = narrowed(by="无此人")

    assert found.values["by"] == NOBODY
    assert "没有找到“无此人”" in found.unknown[0]


def test_a_choice_that_is_none_is_refused_with_the_way_back() -> None:
    with pytest.raises(BadInput, match="没有“lost”这个进度，请从跑腿页重新筛选。"):
        narrowed(state="lost")


def test_the_bar_holds_a_field_of_each_kind(app: Flask) -> None:
    with app.test_request_context("/errands"):
        drawn = bar.drawn(narrowed(**ASKED), ERRANDS.fields, sorts=True, hidden="all", base="/errands?all=1&")

    text = tight(str(drawn))
    assert '<option value="open" selected>进行中</option>' in text
    assert 'name="what" value="锦旗"' in text
    assert 'list="from-found" hx-get="/errands/found"' in text
    assert 'name="by" value="王强"' in text
    assert "华北大区</option>" in text
    assert 'type="date" name="day" value="2026-11-23"' in text
    assert '<option value="old" selected>最早在前</option>' in text
    assert text.count('data-testid="chip-') == 5


def test_untouched_it_is_the_same_for_everybody(app: Flask) -> None:
    with app.test_request_context("/errands"):
        first, second = (
            bar.drawn(narrowed(), ERRANDS.fields[:2], sorts=False, hidden="all", base=base)
            for base in ("/errands?all=1&", "/errands/3?all=1&")
        )

    assert first == second.replace("/errands/3", "/errands")
    assert "chip-" not in first
