"""An administrator rewords a notice, and the next message in WeCom has the new words."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.stories.demo import NEXT_YEAR, Demo, press_publish
from tests.stories.test_photos import sign_in

ADDRESS = "/admin/wordings/publish.implementer"
TEXT = "【任务发布】：【xxx（姓名）】，请于【任务要求完成时间】前办结【重要紧急程度】的【任务类型】，详见长天长平台。"


@pytest.fixture
def restored(page: Page, demo: Demo) -> Iterator[None]:
    """The requirement's sentence comes back, whatever happens: other stories read it."""
    yield
    sign_in(page, demo, "hezhiyuan")
    page.goto(demo.app_url + ADDRESS)
    if page.get_by_test_id("reset").count():
        page.get_by_test_id("reset").click()
        expect(page.get_by_test_id("said")).to_contain_text("已恢复原文")


def test_a_text_is_reworded_and_the_next_message_has_it(page: Page, demo: Demo, restored: None) -> None:
    sign_in(page, demo, "hezhiyuan")
    page.get_by_test_id("tab-me").click()
    page.get_by_test_id("to-administration").click()
    page.get_by_role("link", name="通知模板").click()
    page.get_by_test_id("wording-publish.implementer").click()
    page.get_by_test_id("text").fill(TEXT)
    expect(page.locator("#preview blockquote")).to_contain_text("详见长天长平台。", timeout=15_000)
    page.get_by_test_id("save").click()
    expect(page.get_by_test_id("said")).to_contain_text("已保存")

    sign_in(page, demo, "linmin")
    page.goto(f"{demo.app_url}/tasks/new")
    page.get_by_test_id("type-emergency").locator("..").click()
    page.get_by_test_id("due_at").fill(f"{NEXT_YEAR}-01-15T18:00")
    page.get_by_test_id("places").click()
    page.get_by_test_id("place-search").fill("caq")
    page.get_by_test_id("place-130102").check()
    page.get_by_test_id("place-confirm").click()
    press_publish(page)
    expect(page.get_by_test_id("said")).to_contain_text("已发布到 1 个点位")

    said = f"【任务发布】：王强，请于{NEXT_YEAR}-01-15 18:00前办结一般的应急事件，详见长天长平台。"
    demo.wait_for(
        lambda: any(said in str(one) for one in demo.messages("wangqiang")), "王强 reads the new words"
    )
