"""The chat card is the workplace: a press that is refused, work done elsewhere, a message taken back."""

from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.stories.demo import Demo
from tests.stories.test_spine import Phone, feed_back_and_close, publish_to_shijiazhuang


def test_a_card_refuses_follows_the_page_and_is_taken_back(page: Page, demo: Demo) -> None:
    phone = Phone(page, demo)
    held = {message["msgid"] for message in demo.messages("wangqiang")}
    publish_to_shijiazhuang(phone.of("linmin").open_app(), search="caq", place="130102")
    demo.wait_for(lambda: new_message(demo, held), "the card arrives")
    msgid = str(new_message(demo, held))

    card = card_of(phone, msgid)
    card.get_by_role("button", name="办结").click()
    expect(card).to_contain_text("还差 1 项：应急事件")

    card.get_by_role("button", name="反馈").click()
    feed_back_and_close(phone)
    card = card_of(phone, msgid)
    expect(card.get_by_role("button", name="已办结")).to_be_disabled()
    expect(card).to_contain_text("王强")

    revoke_newest_task(phone)
    card_of(phone, msgid, gone=True)
    assert [message["state"] for message in demo.messages("wangqiang") if message["msgid"] == msgid] == [
        "recalled"
    ]
    assert demo.messages("wangqiang")[-1]["body"]["sub_title_text"].startswith("【任务撤销提醒】")


def new_message(demo: Demo, held: set[str]) -> str | None:
    """The message of 长安区 that 王强 did not have before; others may still be on their way."""
    fresh = (one for one in demo.messages("wangqiang") if one["msgid"] not in held)
    return next((one["msgid"] for one in fresh if about(one) == "长安区"), None)


def about(message: dict[str, Any]) -> str:
    """The places that stand below the title of a card."""
    return str(message["body"].get("main_title", {}).get("desc", ""))


def card_of(phone: Phone, msgid: str, *, gone: bool = False) -> Locator:
    """The message in 王强's chat; with `gone` once WeCom says that it was recalled."""
    phone.of("wangqiang").chat()
    card = phone.page.locator(f'[data-msgid="{msgid}"]{"[data-recalled]" if gone else ""}')
    expect(card).to_be_visible()
    return card


def revoke_newest_task(phone: Phone) -> None:
    """林敏 revokes what was published last and reads whose messages could be taken back."""
    app = phone.of("linmin").open_app()
    app.get_by_test_id("tab-tasks").click()
    app.get_by_role("link", name="发布-应急事件").first.click()
    app.get_by_test_id("more-acts").click()
    app.get_by_test_id("revoke").click()
    app.get_by_test_id("reason").fill("发错了点位")
    app.get_by_test_id("revoke-confirm").click()
    expect(app.get_by_test_id("task-state")).to_contain_text("已撤销")
    app.get_by_test_id("seen-link").click()
    expect(app.get_by_test_id("former")).to_contain_text("王强")
