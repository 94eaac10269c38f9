"""The phone in a real browser: find a member, get a message, press a button, see it change."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.simulator.conftest import AGENT, Listener, StandIn
from tests.simulator.test_cards import BUTTONS, MENU, NOTICE, VOTE
from tests.simulator.test_media_and_workbench import KEYDATA

# A refusal the phone shows as a sentence; Chromium writes it down as an error all the same.
TOLD = "409 (CONFLICT)"


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(60_000)
    problems: list[str] = []
    page.on("console", lambda told: problems.append(told.text) if told.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    page.close()
    assert [one for one in problems if TOLD not in one] == []


@pytest.fixture
def phone(served_connected: str, page: Page) -> Page:
    """王强's chat, marked so that a reload would show."""
    page.goto(f"{served_connected}/phone/wangqiang#chat")
    page.evaluate("window.never_reloaded = true")
    return page


def message(phone: Page, msgid: str) -> Locator:
    return phone.locator(f'[data-msgid="{msgid}"]')


def test_a_member_is_found_by_pinyin_role_and_region(served: str, page: Page) -> None:
    page.goto(served)
    page.get_by_test_id("member-search").fill("wq")
    expect(page.get_by_test_id("member-linmin")).to_be_hidden()
    expect(page.get_by_test_id("member-WangQiang")).to_be_visible()

    page.get_by_test_id("member-search").fill("华北 经理")
    expect(page.get_by_test_id("member-sunli")).to_be_visible()
    expect(page.get_by_test_id("member-WangQiang")).to_be_hidden()
    page.get_by_test_id("member-search").fill("")
    page.get_by_test_id("filter-roles").select_option("发布人")
    expect(page.get_by_test_id("member-linmin")).to_be_visible()
    page.get_by_test_id("filter-place").select_option("华北大区")
    expect(page.get_by_text("没有找到这样的成员")).to_be_visible()


def test_a_pressed_card_is_busy_until_the_app_changes_it(
    connected: StandIn, listener: Listener, phone: Page
) -> None:
    sent = connected.card(**BUTTONS)
    card = message(phone, sent["msgid"])
    card.get_by_role("button", name="办结").click()
    expect(card.locator("[data-busy]").last).to_be_disabled()
    listener.wait_for(1)

    body = {"atall": 1, "agentid": AGENT, "button": {"replace_name": "已办结"}}
    connected.call("message/update_template_card", body | {"response_code": sent["response_code"]})
    expect(card.get_by_role("button", name="已办结")).to_be_disabled()
    expect(card.locator("[data-busy]")).to_have_count(0)
    assert phone.evaluate("window.never_reloaded")


def test_a_press_the_app_does_not_take_is_said_and_can_be_repeated(
    connected: StandIn, listener: Listener, phone: Page
) -> None:
    card = message(phone, connected.card(**BUTTONS)["msgid"])
    listener.answers = [(500, b"")] * 9
    card.get_by_role("button", name="办结").click()

    expect(phone.get_by_role("status")).to_have_text("应用没有应答，请稍后再试。")
    expect(card.get_by_role("button", name="办结")).to_be_enabled()


def test_ticks_go_along_and_another_card_takes_the_place(
    connected: StandIn, listener: Listener, phone: Page
) -> None:
    sent = connected.card(**VOTE)
    card = message(phone, sent["msgid"])
    card.get_by_text("乙").click()
    card.get_by_role("button", name="提交").click()
    listener.wait_for(1)
    told = connected.http.get("/desk/callbacks.json?event=template_card_event").json["callbacks"][0]
    assert "<OptionId><![CDATA[2]]></OptionId>" in told["plain"]

    new = NOTICE | {"main_title": {"title": "感谢评价"}}
    body = {"atall": 1, "agentid": AGENT, "response_code": sent["response_code"], "template_card": new}
    connected.call("message/update_template_card", body)
    expect(card).to_contain_text("感谢评价")
    expect(card.get_by_role("button")).to_have_count(0)


def test_what_a_kind_of_card_does_not_have_is_not_drawn(connected: StandIn, phone: Page) -> None:
    extra = {"emphasis_content": {"title": "大数字"}, "action_menu": MENU, "sub_title_text": "正文"}
    card = message(phone, connected.card(**BUTTONS | extra)["msgid"])

    expect(card).to_contain_text("正文")
    expect(card).not_to_contain_text("大数字")
    vote = message(phone, connected.card(**VOTE | {"task_id": "t2"} | extra)["msgid"])
    expect(vote.get_by_role("button", name="提交")).to_be_visible()
    expect(vote.get_by_role("button", name="更多操作")).to_have_count(0)
    expect(vote).not_to_contain_text("正文")


def test_unread_counts_grow_and_a_recalled_message_leaves_a_line(connected: StandIn, phone: Page) -> None:
    phone.get_by_test_id("chat-back").click()
    first, second = connected.card(**NOTICE)["msgid"], connected.send()["msgid"]
    expect(phone.get_by_test_id("unread")).to_have_text("2")
    connected.call("message/recall", {"msgid": second})
    expect(phone.get_by_test_id("unread")).to_have_text("1")

    phone.get_by_test_id("chat-app").click()
    expect(message(phone, first)).to_contain_text("题")
    expect(message(phone, second)).to_have_text("应用撤回了一条消息")
    expect(phone.get_by_test_id("unread")).to_be_hidden()


def test_menu_and_figures_come_to_an_open_phone(connected: StandIn, listener: Listener, phone: Page) -> None:
    menu = {"button": [{"name": "更多", "sub_button": [{"name": "帮助", "type": "click", "key": "help"}]}]}
    connected.call("menu/create", menu, agentid=str(AGENT))
    phone.get_by_role("button", name="更多").click()
    phone.get_by_role("button", name="帮助").click()
    listener.wait_for(2)
    keys = [one["plain"] for one in connected.http.get("/desk/callbacks.json?event=click").json["callbacks"]]
    assert "<EventKey><![CDATA[help]]></EventKey>" in keys[0]

    phone.get_by_test_id("chat-back").click()
    phone.get_by_test_id("tab-workbench").click()
    connected.call("agent/set_workbench_template", KEYDATA)
    expect(phone.get_by_test_id("workbench-data")).to_contain_text("3")
    connected.call(
        "agent/set_workbench_data",
        KEYDATA | {"userid": "WangQiang", "keydata": {"items": [{"key": "待办", "data": "9"}]}},
    )
    expect(phone.get_by_test_id("workbench-data")).to_contain_text("9")


def test_a_member_who_leaves_loses_the_app_at_once(connected: StandIn, phone: Page) -> None:
    phone.get_by_test_id("chat-back").click()
    expect(phone.get_by_test_id("chat-app")).to_be_visible()
    connected.desk("member", userid="WangQiang", state="left")

    expect(phone.get_by_text("看不到“服务任务”：已离职")).to_be_visible()
    expect(phone.get_by_test_id("chat-app")).to_have_count(0)


def test_in_flight_mode_nothing_comes_or_goes(connected: StandIn, phone: Page) -> None:
    shown = message(phone, connected.card(**BUTTONS)["msgid"])
    expect(shown).to_be_visible()
    phone.get_by_test_id("flight-mode").check()
    expect(phone.get_by_text("当前网络不可用").last).to_be_visible()
    later = message(phone, connected.send()["msgid"])
    shown.get_by_role("button", name="办结").click()
    expect(phone.get_by_role("status")).to_have_text("当前网络不可用")
    expect(later).to_have_count(0)

    phone.get_by_test_id("flight-mode").uncheck()
    expect(later).to_be_visible()


def test_dark_mode_and_text_size_are_kept(connected: StandIn, phone: Page) -> None:
    card = message(phone, connected.card(**BUTTONS)["msgid"])
    title = card.get_by_role("heading")
    small = title.bounding_box()
    phone.locator(".side [data-setting=size]").fill("5")
    phone.get_by_role("button", name="深色").click()

    large = title.bounding_box()
    assert small is not None
    assert large is not None
    assert large["height"] > small["height"] * 1.3
    phone.reload()
    expect(phone.locator("html")).to_have_attribute("data-theme", "dark")
    expect(phone.locator("html")).to_have_attribute("data-size", "5")


TELLS = "<script>parent.postMessage({ title: document.title, href: location.href }, '*')</script>"


def test_a_page_opens_in_the_phone_and_can_be_gone_back_refreshed_and_closed(
    connected: StandIn, listener: Listener, phone: Page
) -> None:
    listener.pages["/one"] = f"<title>待办</title><a href=/two>去看</a>{TELLS}"
    listener.pages["/two"] = f"<title>点位任务</title><p>第二页{TELLS}"
    sent = connected.send(msgtype="text", text={"content": f'<a href="{listener.url}/one">打开</a>'})
    message(phone, sent["msgid"]).get_by_role("link").click()
    page, bar = phone.frame_locator('[data-testid="webview"]'), phone.locator("[data-webview-title]")
    expect(bar).to_have_text("待办")
    expect(phone.get_by_test_id("webview-back")).to_be_disabled()

    page.get_by_role("link").click()
    expect(bar).to_have_text("点位任务")
    phone.get_by_test_id("webview-refresh").click()
    expect(phone.locator("[data-webview-progress]")).to_be_hidden()
    expect(page.get_by_text("第二页")).to_be_visible()
    for _ in range(100):  # the refreshed page is asked for a moment after the button was pressed
        if len(listener.visits) == 3:
            break
        phone.wait_for_timeout(50)
    assert listener.visits == ["/one", "/two", "/two"]
    phone.get_by_test_id("webview-back").click()
    expect(bar).to_have_text("待办")
    expect(phone.get_by_test_id("webview-back")).to_be_disabled()
    phone.get_by_test_id("webview-close").click()
    expect(message(phone, sent["msgid"])).to_be_visible()


def test_the_camera_takes_a_picture_that_an_app_can_be_given(connected: StandIn, phone: Page) -> None:
    with phone.expect_download() as taken:
        phone.get_by_test_id("camera").click()

    assert taken.value.suggested_filename.startswith("现场照片-")
    assert taken.value.path().read_bytes().startswith(b"\xff\xd8\xff")


def test_two_members_stand_side_by_side(connected: StandIn, served_connected: str, page: Page) -> None:
    page.goto(f"{served_connected}/side-by-side?left=wangqiang&right=linmin")
    connected.send("linmin")

    right = page.frame_locator('[data-testid="phone-right"]')
    left = page.frame_locator('[data-testid="phone-left"]')
    expect(right.get_by_test_id("unread")).to_have_text("1")
    expect(left.get_by_test_id("unread")).to_be_hidden()


def test_every_sample_of_the_gallery_is_drawn(served: str, page: Page) -> None:
    page.goto(f"{served}/gallery")
    kinds = page.locator("[data-card]").evaluate_all("cards => cards.map((card) => card.dataset.card)")

    assert set(kinds) == {
        "text_notice",
        "news_notice",
        "button_interaction",
        "vote_interaction",
        "multiple_interaction",
    }
    expect(page.locator(".card[data-busy]")).to_have_count(1)
    assert not page.evaluate("[...document.images].filter((one) => one.complete && !one.naturalWidth).length")
