"""One task travels from head office to the counties and back, through the phone."""

from datetime import datetime, timedelta

from playwright.sync_api import FrameLocator, Locator, Page, expect

from app.clock import SHANGHAI
from tests.stories.demo import NEXT_YEAR, Demo, press_publish

PUBLISHED = f"【任务发布】：王强有一条重要紧急的应急事件任务，请于{NEXT_YEAR}-01-15 18:00前完成"
COPIED_IN = "【任务发布】：服务运营部发布一条重要紧急的应急事件任务，请及时跟进监督。"


class Phone:
    """A member's phone in the stand-in."""

    def __init__(self, page: Page, demo: Demo) -> None:
        self.page, self.demo = page, demo

    def of(self, userid: str) -> "Phone":
        """Pick a member by name, as a visitor does."""
        self.page.goto(self.demo.phone_url)
        self.page.get_by_test_id("member-search").fill(userid)
        self.page.get_by_test_id(f"member-{userid}").click()
        self.page.wait_for_url(f"**/phone/{userid}#messages")  # the phone listens from here on
        return self

    @property
    def app(self) -> FrameLocator:
        """The page of the app inside WeCom."""
        return self.page.frame_locator('[data-testid="webview"]')

    def open_app(self) -> FrameLocator:
        """工作台 → the app's icon."""
        self.page.get_by_test_id("tab-workbench").click()
        self.page.get_by_test_id("workbench-app").click()
        return self.app

    def chat(self) -> None:
        """消息 → the chat with the app."""
        self.page.get_by_test_id("tab-messages").click()
        self.page.get_by_test_id("chat-app").click()


def test_a_task_goes_out_is_done_and_comes_back(page: Page, demo: Demo) -> None:
    phone = Phone(page, demo)
    everyone = {"wangqiang": PUBLISHED, "zhaolan": COPIED_IN, "sunli": COPIED_IN}
    before = [told(demo, who, text) for who, text in everyone.items()]

    publish_to_shijiazhuang(phone.of("linmin").open_app())
    expect(phone.app.get_by_test_id("task-state")).to_contain_text("未完成")

    once_more = [number + 1 for number in before]
    demo.wait_for(
        lambda: [told(demo, who, text) for who, text in everyone.items()] == once_more,
        "everyone is told once",
    )

    phone.of("wangqiang").chat()
    card = page.get_by_test_id("message").last
    expect(card).to_contain_text(PUBLISHED)
    card.get_by_role("button", name="查看").first.click()
    row = phone.app.get_by_test_id("rows").get_by_role("listitem").first
    row.get_by_role("link").first.click()
    feed_back_and_close(phone)

    row = newest_rows(phone.of("linmin")).get_by_role("listitem").first
    expect(row.get_by_test_id("label")).to_have_text("已办结")
    expect(row).to_contain_text("100%")


def test_a_deadline_that_passes_is_noticed_by_the_system_itself(page: Page, demo: Demo) -> None:
    phone = Phone(page, demo)
    overdue = {
        "wangqiang": "【已超期提醒】：王强有一条应急事件任务已超期",
        "zhaolan": "【已超期提醒】：区域",
        "sunli": "【已超期提醒】：区域",
    }
    before = {who: told(demo, who, text) for who, text in overdue.items()}
    tomorrow = (datetime.now(SHANGHAI) + timedelta(days=1)).strftime("%Y-%m-%dT18:00")
    publish_to_shijiazhuang(phone.of("linmin").open_app(), due_at=tomorrow)
    expect(phone.app.get_by_test_id("task-state")).to_contain_text("未完成")

    demo.move_clock(hours=48)

    demo.wait_for(
        lambda: all(told(demo, who, text) > before[who] for who, text in overdue.items()),
        "everyone is reminded",
        seconds=60,
    )
    row = newest_rows(phone.of("linmin")).get_by_role("listitem").first
    expect(row.get_by_test_id("label")).to_have_text("已超期")
    # The demo's own overdue task speaks again, too: of this one everybody was told once.
    phone.app.get_by_test_id("to-deliveries").click()
    messages = phone.app.get_by_test_id("deliveries").get_by_role("listitem")
    expect(messages.first).to_contain_text("已超期 · 应急事件")
    names = messages.filter(has_text="已超期 · 应急事件").locator(".delivery-top b").all_inner_texts()
    assert {"王强", "赵岚", "孙丽"} <= set(names)
    assert len(names) == len(set(names)), names


def newest_rows(phone: Phone) -> Locator:
    """The publisher's rows of the task at the top of the tree."""
    phone.open_app().get_by_test_id("tab-tasks").click()
    phone.app.get_by_role("link", name="发布-应急事件").first.click()
    return phone.app.get_by_test_id("rows")


def publish_to_shijiazhuang(
    app: FrameLocator, *, due_at: str = f"{NEXT_YEAR}-01-15T18:00", search: str = "sjz", place: str = "130100"
) -> None:
    """发布任务 → 应急事件, 重要紧急, deadline, 石家庄市 or a district of it, note → 发布."""
    app.get_by_test_id("tab-publish").click()
    app.get_by_test_id("type-emergency").locator("..").click()  # its label, as a finger does
    app.get_by_test_id("urgency-重要紧急").locator("..").click()
    app.get_by_test_id("due_at").fill(due_at)
    app.get_by_test_id("places").click()
    app.get_by_test_id("place-search").fill(search)
    app.get_by_test_id(f"place-{place}").click()
    app.get_by_test_id("place-confirm").click()
    app.get_by_test_id("note").fill("请先备份数据库，再处理告警。")
    press_publish(app)


def feed_back_and_close(phone: Phone) -> None:
    """反馈 with a note and 是, then 办结."""
    app = phone.app
    app.locator("[data-testid^=item-]").first.click()
    app.get_by_test_id("note").fill("告警已处理，业务恢复。")
    app.get_by_test_id("feed-back").click()
    expect(app.get_by_test_id("said")).to_contain_text("反馈已保存")
    app.get_by_test_id("close").click()
    expect(app.get_by_test_id("label").first).to_have_text("已办结")


def told(demo: Demo, userid: str, beginning: str) -> int:
    """How many messages of a member begin like this."""
    texts = [message["body"].get("sub_title_text", "") for message in demo.messages(userid)]
    return sum(text.startswith(beginning) for text in texts)
