"""Nothing typed is lost: what was written stays until the server says that it has it."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.h5.chromium import Show
from tests.world import World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def pressed_without_a_line(page: Page, testid: str) -> None:
    """The line breaks unnoticed, the button is pressed, nothing comes back; then the line is there again."""
    page.route("**/*", lambda route: route.abort("connectionfailed"))
    with page.expect_event("requestfailed"):
        page.get_by_test_id(testid).click(no_wait_after=True)
    while not page.url.startswith("chrome-error:"):
        page.wait_for_timeout(50)
    page.unroute("**/*")


def test_a_note_survives_a_sending_that_never_arrived_and_other_pages_after_it(
    show: Show, world: World
) -> None:
    row = world.row(world.published("130102"))
    page = show("王强", f"/point-tasks/{row.id}")
    there = page.url
    page.get_by_test_id("note").fill("停电，明早恢复")

    pressed_without_a_line(page, "feed-back")
    page.goto(there.replace(f"/point-tasks/{row.id}", "/messages"))
    page.goto(there)

    expect(page.get_by_test_id("note")).to_have_value("停电，明早恢复")
    expect(page.locator(".toast")).to_have_text("已恢复上次未提交的内容")


def test_a_note_that_was_saved_is_not_offered_again(show: Show, world: World) -> None:
    row = world.row(world.published("130102"))
    page = show("王强", f"/point-tasks/{row.id}")
    page.get_by_test_id("note").fill("停电，明早恢复")

    page.get_by_test_id("feed-back").click()
    expect(page.get_by_test_id("said")).to_contain_text("反馈已保存")

    expect(page.get_by_test_id("note")).to_have_value("")
    page.reload()
    expect(page.get_by_test_id("note")).to_have_value("")


def test_what_was_saved_is_forgotten_even_where_the_next_page_did_not_come(show: Show, world: World) -> None:
    row = world.row(world.published("130102"))
    page = show("王强", f"/point-tasks/{row.id}")
    there = page.url
    page.get_by_test_id("note").fill("停电，明早恢复")

    def answered_and_cut_off(route: Route) -> None:
        assert route.fetch(max_redirects=0).status == 302
        route.abort("connectionfailed")

    page.route("**/feed-back", answered_and_cut_off)
    with page.expect_event("requestfailed"):
        page.get_by_test_id("feed-back").click(no_wait_after=True)
    window = page.context.new_page()
    window.goto(there)

    expect(window.locator("main")).to_contain_text("停电，明早恢复")
    expect(window.get_by_test_id("note")).to_have_value("")


def test_a_whole_publication_survives_a_sending_that_never_arrived(show: Show, world: World) -> None:
    page = show("林敏", "/tasks/new")
    there = page.url
    page.get_by_text("应急事件", exact=True).click()
    page.get_by_test_id("due_at").fill("2026-11-30T18:00")
    page.get_by_test_id("places").click()
    page.get_by_test_id("place-310000").check()
    page.get_by_test_id("place-confirm").click()
    page.locator("[name=note]").fill("请先备份，再操作。")

    pressed_without_a_line(page, "publish")
    page.goto(there.replace("/tasks/new", "/"))
    page.goto(there)

    expect(page.locator("[name=note]")).to_have_value("请先备份，再操作。")
    expect(page.get_by_test_id("due_at")).to_have_value("2026-11-30T18:00")
    expect(page.get_by_test_id("places")).to_contain_text("上海市")
    assert page.locator("[name=type]:checked").input_value() == "应急事件"


def test_a_page_without_a_network_says_so_and_sends_nothing(show: Show, world: World) -> None:
    row = world.row(world.published("130102"))
    page = show("王强", f"/point-tasks/{row.id}")
    page.get_by_test_id("note").fill("停电，明早恢复")

    page.context.set_offline(True)
    expect(page.get_by_test_id("no-network")).to_contain_text("网络已断开")
    page.get_by_test_id("feed-back").click()
    expect(page.locator(".toast")).to_contain_text("还没有提交")
    expect(page.get_by_test_id("note")).to_have_value("停电，明早恢复")

    page.context.set_offline(False)
    expect(page.get_by_test_id("no-network")).to_have_count(0)
    page.get_by_test_id("feed-back").click()
    expect(page.get_by_test_id("said")).to_contain_text("反馈已保存")
