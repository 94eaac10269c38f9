"""The walk of five minutes in README.md: whoever follows it to the letter is refused nothing."""

from playwright.sync_api import FrameLocator, Page, expect

from scripts.watching import COMPLAINTS
from tests.stories.demo import Demo
from tests.stories.test_spine import Phone

COPIED_IN = "【任务发布】：服务运营部发布一条一般的重大活动保障任务，请及时跟进监督。"


def test_the_first_walk_of_the_readme_is_refused_nothing(page: Page, demo: Demo) -> None:
    phone = Phone(page, demo)
    publish(phone)
    feed_back_and_close(phone)
    for watcher in ("zhaolan", "sunli"):
        phone.of(watcher).chat()
        expect(page.get_by_test_id("message").filter(has_text=COPIED_IN).first).to_be_visible()
    look_how_it_went(phone)
    page.goto(f"{demo.phone_url}/desk")
    expect(page.get_by_text("接口调用").first).to_be_visible()


def publish(phone: Phone) -> None:
    """林敏: 工作台 → 服务任务 → 发布, one county, what it will say, 发布."""
    app = phone.of("linmin").open_app()
    app.get_by_test_id("tab-publish").click()
    app.locator("label").filter(has_text="重大活动保障").click()
    app.get_by_text("明天18:00").click()
    app.get_by_test_id("places").click()
    app.get_by_test_id("place-search").fill("正定")
    app.get_by_test_id("place-130123").check()
    app.get_by_test_id("place-confirm").click()
    expect(app.get_by_test_id("told")).to_contain_text("王强")
    nothing_is_refused(phone)
    app.get_by_test_id("publish").click()
    expect(app.get_by_test_id("said")).to_contain_text("已发布到 1 个点位")
    expect(app.get_by_test_id("rows").get_by_role("listitem")).to_contain_text("王强")


def feed_back_and_close(phone: Phone) -> None:
    """王强: the newest card → 反馈 → 是 and a note → 办结; the card says so."""
    phone.of("wangqiang").chat()
    card = phone.page.get_by_test_id("message").last
    expect(card).to_contain_text("正定县")
    card.get_by_role("button", name="反馈").click()
    app = phone.app
    app.locator("[data-testid^=item-]").first.click()
    app.get_by_test_id("note").fill("值守人员已到位。")
    app.get_by_test_id("feed-back").click()
    expect(app.get_by_test_id("said")).to_contain_text("反馈已保存")
    app.get_by_test_id("close").click()
    expect(app.get_by_test_id("label").first).to_have_text("已办结")
    nothing_is_refused(phone)
    phone.page.get_by_test_id("webview-close").click()
    expect(card).to_contain_text("已办结")


def look_how_it_went(phone: Phone) -> None:
    """林敏: the task is done, 谁看到了 names 王强, 投递 has a line for everybody."""
    app = open_task(phone)
    expect(app.get_by_test_id("rows").get_by_test_id("label")).to_have_text("已办结")
    app.get_by_role("link", name="谁看到了").click()
    expect(app.locator("main")).to_contain_text("王强")
    app = open_task(phone)
    app.get_by_test_id("to-deliveries").click()
    for name in ("王强", "赵岚", "孙丽"):
        expect(app.get_by_test_id("deliveries")).to_contain_text(name)
    nothing_is_refused(phone)


def open_task(phone: Phone) -> FrameLocator:
    """工作台 → 服务任务 → 任务 → the newest one."""
    app = phone.of("linmin").open_app()
    app.get_by_test_id("tab-tasks").click()
    app.get_by_role("link", name="发布-重大活动保障").first.click()
    expect(app.locator("#head")).to_contain_text("100%")
    return app


def nothing_is_refused(phone: Phone) -> None:
    """Nothing on the page but the sentence about what was just done."""
    words = phone.app.locator(COMPLAINTS).and_(phone.app.locator(":not(.said)"))
    assert words.all_inner_texts() == []
