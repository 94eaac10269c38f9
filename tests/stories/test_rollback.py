"""A patch arrives over the API, goes out to three provinces, and one module of it comes back."""

from playwright.sync_api import Page, expect

from tests.stories.demo import NEXT_YEAR, Demo, press_publish
from tests.stories.test_photos import sign_in
from tests.stories.test_spine import told

PLACES = {"东城区": "110101", "红桥区": "120106", "黄浦区": "310101"}
RESTORE = "【升级回退通知】：周凤英紧急的升级任务缴费模块的任务已撤销，需将升级后的系统还原至升级前状态"
WAIT = "【升级回退通知】：{}紧急的升级任务的任务已撤销，缴费模块暂不升级。"
COPIED_IN = "【升级回退通知】：周凤英紧急的升级任务的任务已撤销，需将升级后的系统还原至升级前状态"


def test_a_module_is_rolled_back_and_the_county_confirms(page: Page, demo: Demo) -> None:
    register(page, demo)
    sign_in(page, demo, "linmin")
    task = publish(page, demo)

    sign_in(page, demo, "zhoufengying")
    row = open_row(page, task)
    page.get_by_role("checkbox", name="缴费模块 已完成").click()
    page.get_by_test_id("feed-back").click()
    expect(page.get_by_test_id("progress")).to_have_text("50%")

    sign_in(page, demo, "linmin")
    roll_back(page, task)
    expected = {
        "zhoufengying": RESTORE,
        "xuchunyan": WAIT.format("徐春燕"),
        "tanghaitao": WAIT.format("唐海涛"),
        "hedongsheng": COPIED_IN,
    }
    demo.wait_for(lambda: all(told(demo, who, text) for who, text in expected.items()), "all are told")
    assert [told(demo, who, text) for who, text in expected.items()] == [1, 1, 1, 1]
    assert told(demo, "zhoufengying", WAIT.format("周凤英")) == 0

    sign_in(page, demo, "zhoufengying")
    page.goto(row)
    expect(page.get_by_test_id("rolled-back")).to_contain_text("缴费失败，请还原。")
    page.get_by_role("checkbox", name="缴费模块 已回退").click()
    page.get_by_test_id("feed-back").click()
    expect(page.get_by_test_id("timeline")).to_contain_text("缴费模块：需回退→已回退")
    sign_in(page, demo, "linmin")
    page.goto(task)
    expect(page.get_by_test_id("restored-of")).to_have_text("1 / 1")


def register(page: Page, demo: Demo) -> None:
    """The system of the developers sends a package of two modules, with a token that the administrator made."""
    sign_in(page, demo, "hezhiyuan")
    page.goto(demo.app_url + "/admin/tokens")
    page.get_by_test_id("token-name").fill("研发平台")
    page.get_by_test_id("scope-write_patches").check()
    page.get_by_test_id("create-token").click()
    token = page.locator("#token").inner_text()
    modules = [{"name": name, "note": f"{name}改用新接口。"} for name in ("缴费模块", "查询模块")]
    answer = page.request.post(
        demo.app_url + "/api/v1/patches",
        headers={"Authorization": f"Bearer {token}"},
        data={"name": "社保补丁", "version": "1.4.0", "modules": modules},
    )
    assert answer.status == 201, answer.text()


def publish(page: Page, demo: Demo) -> str:
    """发布升级任务 to a county in each of three provinces; the modules come with the package."""
    page.goto(demo.app_url + "/tasks/new")
    page.get_by_test_id("type-upgrade").locator("..").click()
    page.get_by_test_id("patch").select_option(label="社保补丁 1.4.0 · 已送测")
    expect(page.get_by_test_id("patch-modules")).to_contain_text("查询模块")
    page.get_by_test_id("urgency-紧急").locator("..").click()
    page.get_by_test_id("due_at").fill(f"{NEXT_YEAR}-01-15T18:00")
    page.get_by_test_id("places").click()
    for name, code in PLACES.items():
        page.get_by_test_id("place-search").fill(name)
        page.get_by_test_id(f"place-{code}").click()
    page.get_by_test_id("place-confirm").click()
    press_publish(page)
    expect(page.get_by_test_id("patch")).to_have_text("社保补丁 1.4.0")
    return page.url


def open_row(page: Page, task: str) -> str:
    """The row of the member who is signed in."""
    page.goto(task + "?mine=1")
    page.get_by_test_id("rows").get_by_role("listitem").first.get_by_role("link").first.click()
    page.get_by_test_id("progress").wait_for()
    return page.url


def roll_back(page: Page, task: str) -> None:
    """升级回退: tick 缴费模块, see what it means, say why, confirm."""
    page.goto(task)
    page.get_by_test_id("more-acts").click()
    page.get_by_test_id("roll-back").click()
    page.get_by_test_id("choose-缴费模块").check()
    expect(page.get_by_test_id("plan-restore")).to_have_text("1")
    expect(page.get_by_test_id("plan-frozen")).to_have_text("2")
    expect(page.get_by_test_id("plan-told")).to_contain_text(RESTORE)
    expect(page.get_by_test_id("consequence")).to_contain_text("1 个点位还原，2 个点位暂不升级")
    page.get_by_test_id("reason").fill("缴费失败，请还原。")
    page.get_by_test_id("roll-back-confirm").click()
    expect(page.get_by_test_id("said")).to_contain_text("1 个点位须还原，2 个点位暂不升级")
