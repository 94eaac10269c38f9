"""A page on which something goes wrong is no picture for the documents."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route

from scripts.watching import Watch

ADDRESS = "http://pictures.test/"
PAGE = "<!doctype html><html lang='zh'><link rel='icon' href='data:,'><body>{}</body></html>"


@pytest.fixture(scope="module")
def window(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context()
    yield context.new_page()
    context.close()


def faults(window: Page, body: str) -> list[str]:
    """What is noticed on a page with this body; nothing but the page itself is there."""

    def answer(route: Route) -> None:
        found = route.request.url == ADDRESS
        route.fulfill(status=200 if found else 404, body=PAGE.format(body), content_type="text/html")

    window.context.unroute_all()
    window.context.route("**/*", answer)
    page = window.context.new_page()
    watch = Watch(page)
    page.goto(ADDRESS, wait_until="networkidle")
    found = watch.faults()
    page.close()
    return found


def test_a_page_in_order_has_no_faults(window: Page) -> None:
    assert (
        faults(window, "<h1>待办</h1><p class='mistake' hidden>请填写</p><div class='toast' hidden></div>")
        == []
    )


@pytest.mark.parametrize(
    "body",
    [
        "<div class='toast' role='status'>没有成功，请刷新页面后重试</div>",
        "<p class='mistake'>请填写任务说明</p>",
        "<p role='alert'>没有这条任务</p>",
        "<iframe srcdoc=\"<div class='toast'>连不上</div>\"></iframe>",
    ],
)
def test_what_the_page_complains_of_is_noticed(window: Page, body: str) -> None:
    assert [fault.split(":")[0] for fault in faults(window, body)] == ["shown"]


def test_a_failed_request_is_noticed(window: Page) -> None:
    assert f"404: GET {ADDRESS}away.js" in faults(window, "<script src='/away.js'></script>")


def test_a_broken_script_and_an_error_of_the_console_are_noticed(window: Page) -> None:
    assert faults(window, "<script>nowhere()</script>") == ["script: nowhere is not defined"]
    assert faults(window, "<script>console.error('no')</script>") == ["console: no"]
