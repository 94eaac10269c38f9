"""待办: what waits for me, what I watch, what I published (T-75, A-18)."""

import re

from app.tasks.clock import overdue
from tests.h5.conftest import Open, tight
from tests.told_time import ToldTime
from tests.world import World


def test_what_waits_for_me_are_my_open_rows_each_ready_to_act_T75(browser_of: Open, world: World) -> None:
    row = world.row(world.published("130102", "130105"))
    world.closed_point_task()
    browser = browser_of("王强")

    links = re.findall(
        r'data-testid="row-\d+"><a class="card to-do" href="([^"]+)"', tight(browser.get("/").text)
    )
    assert links == [f"/point-tasks/{row.id}"]
    acts = re.findall(
        r'<(?:a|button) class="btn[^>]*data-testid="([\w-]+)"', tight(browser.get(links[0]).text)
    )
    assert acts[:3] == ["feed-back", "transfer", "close"]


def test_what_i_watch_lists_open_rows_the_overdue_first_T75(
    browser_of: Open, world: World, told_time: ToldTime
) -> None:
    told_time.at("2026-11-23 09:00")
    late = world.row(world.published("130104"), "130104")
    told_time.at("2026-11-23 20:00")
    overdue.scan()
    fresh = world.row(world.published("130102"))
    closed = world.closed_point_task(implementer="李静")
    text = browser_of("赵岚").get("/?tab=copied-in").text
    assert [int(n) for n in re.findall(r'data-testid="row-(\d+)"', text)] == [late.id, fresh.id]
    assert 'data-testid="total-copied-in">2<' in text
    assert "1 个已超期" in text
    assert f"row-{closed.id}" not in text


def test_what_i_published_has_a_tab_with_its_count_T75(browser_of: Open, world: World) -> None:
    world.published("130102")
    world.published("310101")
    text = browser_of("林敏").get("/?tab=published").text
    assert text.count('data-testid="published"') == 2
    assert 'data-testid="total-published">2<' in text


def test_where_nothing_waits_for_me_the_page_opens_with_what_does_T75(browser_of: Open, world: World) -> None:
    world.published("130102")
    for name, tab in (("王强", "mine"), ("孙丽", "copied-in"), ("林敏", "published")):
        current = re.search(r'data-testid="kind-([\w-]+)" aria-current', browser_of(name).get("/").text)
        assert (current[1] if current else "mine") == tab


def test_who_only_implements_sees_no_tabs(browser_of: Open, world: World) -> None:
    world.published("130102")
    assert "kind-" not in browser_of("王强").get("/").text
