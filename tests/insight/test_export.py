"""The files themselves: text stays text, memory stays small, and what was exported is on record."""

import tracemalloc
from io import BytesIO

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook

from app import clock
from app.db import session
from app.errors import BadInput
from app.insight.exports import writing
from app.insight.exports.writing import Column, Exported
from app.insight.models import Export
from app.work.models import HistoryEvent
from tests.insight.workbooks import lines_in
from tests.world import World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def exported(world: World, lines, *, total: int = 1, **options) -> Exported:
    columns = [Column("甲"), Column("乙")]
    return writing.export(
        "清单", columns=columns, lines=lines, total=total, by=world.person("周总"), **options
    )


@pytest.mark.parametrize("text", ['=HYPERLINK("http://evil","x")', "+1+1", "-2", "@SUM(A1)", "http://evil"])
@pytest.mark.proves("X-S9")
def test_what_people_typed_never_becomes_a_formula_or_a_link(world: World, text: str) -> None:
    with exported(world, [(text, 3)]).file as file:
        cell = load_workbook(file)["数据"]["A2"]

        assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)


@pytest.mark.proves("X-A9")
def test_moments_are_beijing_time_and_empty_stays_empty(world: World) -> None:
    with exported(world, [(clock.now(), None)]).file as file:
        moment, nothing = lines_in(file.read())[1]

    assert f"{moment:%Y-%m-%d %H:%M}" == clock.shown(clock.now())
    assert nothing is None


def test_the_second_sheet_says_who_exported_what(world: World) -> None:
    with exported(world, [("a", 1)], narrowed="状态 已超期").file as file:
        about = dict(lines_in(file.read(), "说明"))

    assert (about["筛选"], about["行数"], about["导出人"]) == ("状态 已超期", 1, "周总")


def test_every_export_is_on_record_even_when_it_breaks_off(world: World) -> None:
    def broken():
        yield ("a", 1)
        raise RuntimeError("the connection is gone")

    with pytest.raises(RuntimeError):
        exported(world, broken(), total=7, narrowed="大区 华北大区")

    event = session().execute(sa.select(HistoryEvent).where(HistoryEvent.act == "export")).scalar_one()
    assert event.by_id == world.by_name["周总"]
    assert event.facts == {"title": "清单", "filter": "大区 华北大区", "lines": 7}


def test_too_long_a_list_is_refused_before_anything_is_written(world: World) -> None:
    with pytest.raises(BadInput, match="50,000 行"):
        exported(world, [], total=writing.MOST_LINES + 1)

    assert session().execute(sa.select(sa.func.count(Export.id))).scalar() == 0


def test_progress_is_told_while_the_lines_are_read_and_only_to_whom_it_concerns(world: World) -> None:
    seen = []

    def lines():
        for n in range(2 * writing.STEP):
            if n % writing.STEP == 1:
                seen.append(writing.progress("k" * 32, by=world.person("周总")))
            yield ("a", n)

    exported(world, lines(), total=2 * writing.STEP, key="k" * 32).file.close()

    assert seen == [(0, 2000), (1000, 2000)]
    assert writing.progress("k" * 32, by=world.person("周总")) == (2000, 2000)
    assert writing.progress("k" * 32, by=world.person("林敏")) is None


def test_memory_does_not_grow_with_the_lines(world: World) -> None:
    exported(world, [("a", 1)]).file.close()  # what is loaded once is loaded
    tracemalloc.start()
    exported(world, ((f"{n}" * 500, n) for n in range(5_000)), total=5_000).file.close()  # 10 MB of text
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 3_000_000


def test_a_text_longer_than_a_cell_does_not_get_lost(world: World) -> None:
    with exported(world, [("长" * 40_000, 1)]).file as file:
        assert len(load_workbook(BytesIO(file.read()))["数据"]["A2"].value) == writing.LONGEST_CELL
