"""The phone in a real browser: find a member, get a message, press a button."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.simulator.conftest import StandIn
from tests.simulator.test_cards import BUTTONS, NOTICE

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(5000)
        problems: list[str] = []
        page.on("console", lambda told: problems.append(told.text) if told.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        yield page
        browser.close()
        assert problems == []


def test_a_member_finds_the_card_presses_it_and_sees_it_change(
    stand_in: StandIn, served: str, page: Page
) -> None:
    page.goto(served)
    page.get_by_test_id("member-search").fill("wq")
    expect(page.get_by_test_id("member-linmin")).to_be_hidden()
    page.get_by_test_id("member-WangQiang").click()
    code = stand_in.card(**BUTTONS)["response_code"]
    expect(page.get_by_test_id("unread").first).to_have_text("1")

    page.get_by_test_id("chat-app").click()
    card = page.get_by_test_id("message").last
    card.get_by_role("button", name="办结").click()
    body = {"atall": 1, "agentid": 1000002, "response_code": code, "button": {"replace_name": "已办结"}}
    stand_in.call("message/update_template_card", body)
    expect(card.get_by_role("button", name="已办结")).to_be_disabled()

    msgid = stand_in.card(**NOTICE)["msgid"]
    expect(page.locator(f'[data-msgid="{msgid}"]')).to_contain_text("题")
    stand_in.call("message/recall", {"msgid": msgid})
    expect(page.locator(f'[data-msgid="{msgid}"]')).to_have_text("应用撤回了一条消息")
    events = stand_in.http.get("/desk/callbacks.json?event=template_card_event").json["callbacks"]
    assert "<EventKey><![CDATA[close]]></EventKey>" in events[0]["plain"]
