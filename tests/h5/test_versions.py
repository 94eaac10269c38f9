"""各点位版本: the page and its filters."""

from tests.h5.conftest import Open
from tests.world import World


def test_the_page_lists_versions_and_is_narrowed_by_its_address(browser_of: Open, world: World) -> None:
    task_id = world.upgrade("130102", "310101", modules=("模块A",))
    for code in ("130102", "310101"):
        row = world.row(task_id, code)
        world.feed_back(row, by=row.implementer.name)
    browser = browser_of("林敏")

    page = browser.get("/versions").text
    assert page.count("<b>3.2.1</b>") == 2
    narrowed = browser.get("/versions?place=上海市").text
    assert "黄浦区<small>" in narrowed
    assert "长安区<small>" not in narrowed
    assert "没有找到区划“月球”" in browser.get("/versions?place=月球").text
    assert "没有版本记录" in browser.get("/versions?patch=999").text
