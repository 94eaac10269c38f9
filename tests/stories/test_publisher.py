"""A publisher's task from beginning to end: three provinces, edited, urged, sent back, transferred, revoked."""

import re

from playwright.sync_api import Page, expect

from tests.stories.demo import NEXT_YEAR, Demo, press_publish
from tests.stories.test_photos import sign_in
from tests.stories.test_spine import told

PROVINCES = ("120000", "310000", "640000")
POINTS = 54
HEPING = "和平区"  # in 天津: 徐春燕 implements, 何东升 supervises, 吴晓东 is the 服务经理
SENT_BACK = "【打回提醒】：徐春燕有一条数据调度任务被打回，请尽快核实"
TRANSFERRED = f"徐春燕转派一条重要的数据调度任务，请于{NEXT_YEAR}-03-20 18:00前完成"
REVOKED = "【任务撤销提醒】：徐春燕有一条重要的数据调度的任务已撤销。"


def test_a_task_to_three_provinces_is_led_by_its_publisher(page: Page, demo: Demo) -> None:
    sign_in(page, demo, "linmin")
    task = publish(page, demo)
    edit(page, task)
    row = finish_one(page, demo, task)
    urge_all(page, demo, task)
    send_back(page, demo, row)
    transfer(page, demo, row)
    revoke(page, demo, task)


def publish(page: Page, demo: Demo) -> str:
    """发布任务 to three provinces; who will be told stands there before anything is sent."""
    page.goto(f"{demo.app_url}/tasks/new")
    page.get_by_test_id("type-data_run").locator("..").click()
    page.get_by_test_id("urgency-重要").locator("..").click()
    page.get_by_test_id("due_at").fill(f"{NEXT_YEAR}-03-15T18:00")
    page.get_by_test_id("places").click()
    for province in PROVINCES:
        page.get_by_test_id(f"place-{province}").check()
    page.get_by_test_id("place-confirm").click()
    expect(page.get_by_test_id("places")).to_contain_text("天津市、上海市、宁夏回族自治区")
    expect(page.get_by_test_id("told")).to_contain_text(
        f"一条重要的数据调度任务，请于{NEXT_YEAR}-03-15 18:00前完成"
    )
    page.get_by_test_id("lines").locator("summary").click()
    expect(page.get_by_test_id("lines")).to_contain_text("徐春燕")
    press_publish(page)
    expect(page.get_by_test_id("said")).to_contain_text(f"已发布到 {POINTS} 个点位")
    expect(page.locator(".row")).to_have_count(50)
    return page.url


def edit(page: Page, task: str) -> None:
    """编辑任务: a later deadline, which the head of the task shows."""
    page.get_by_test_id("more-acts").click()
    page.get_by_test_id("edit").click()
    page.get_by_test_id("due_at").fill(f"{NEXT_YEAR}-03-20T18:00")
    page.get_by_test_id("save").click()
    page.wait_for_url(task)
    expect(page.locator("#head")).to_contain_text(f"{NEXT_YEAR}-03-20 18:00")


def finish_one(page: Page, demo: Demo, task: str) -> str:
    """徐春燕 does 和平区, from the list to 办结; returns the address of the row."""
    sign_in(page, demo, "xuchunyan")
    page.goto(task)
    row = page.locator(".row").filter(has_text=HEPING)
    row.get_by_role("link", name="反馈").click()
    address = re.sub(r"\?.*", "", page.url)
    page.locator("[data-testid^=item-]").click()
    page.get_by_test_id("note").fill("数据已重新调度。")
    page.get_by_test_id("feed-back").click()
    expect(page.get_by_test_id("said")).to_contain_text("反馈已保存")
    page.goto(task)
    row.get_by_role("link", name="办结").click()
    page.get_by_test_id("close-confirm").click()
    expect(page.get_by_test_id("label")).to_have_text("已办结")
    return address


def urge_all(page: Page, demo: Demo, task: str) -> None:
    """一键催办 reaches everyone but the one who is done there, and a second tap changes nothing."""
    sign_in(page, demo, "linmin")
    page.goto(task)
    page.get_by_test_id("urge-all").click()
    page.get_by_test_id("urge_all-confirm").click()
    expect(page.get_by_test_id("said")).to_contain_text(re.compile(r"已催办 \d+ 人，每人一条提醒"))
    text = f"【催办提醒】：唐海涛有一条数据调度任务还未完成，请于{NEXT_YEAR}-03-20 18:00前尽快完成"
    demo.wait_for(lambda: told(demo, "tanghaitao", text) == 1, "who is not done is urged")


def send_back(page: Page, demo: Demo, row: str) -> None:
    """打回: reason and impact are asked for; the row reads 打回 and is open again."""
    page.goto(row)
    page.get_by_test_id("send-back").click()
    page.get_by_test_id("send_back-confirm").click()
    expect(page.locator("#send_back")).to_contain_text("请填写原因")
    page.get_by_test_id("reason").fill("抽查三条记录，有一条未更新。")
    page.get_by_test_id("impact").fill("和平区当月报表")
    page.get_by_test_id("send_back-confirm").click()
    expect(page.get_by_test_id("label")).to_have_text("打回")
    expect(page.get_by_test_id("progress")).to_have_text("0%")
    demo.wait_for(lambda: told(demo, "xuchunyan", SENT_BACK) == 1, "the 实施人 is told why to look again")


def transfer(page: Page, demo: Demo, row: str) -> None:
    """转派: colleagues of the 大区 are offered; somebody else's id, sent by hand, is refused."""
    sign_in(page, demo, "xuchunyan")
    page.goto(row)
    expect(page.get_by_test_id("sent-back")).to_contain_text("有一条未更新")
    page.get_by_test_id("transfer").click()
    expect(page.get_by_test_id("to-tanghaitao")).to_have_count(0)
    mine = page.get_by_test_id("to-wangqiang")
    own = mine.get_attribute("value")
    mine.evaluate("(radio, id) => { radio.value = id; radio.checked = true; }", person_id(page, "唐海涛"))
    page.get_by_test_id("transfer-confirm").click()
    expect(page.locator("#transfer .mistake")).to_have_text("只能转派给本大区人员，请重新选择。")
    page.get_by_test_id("colleague-search").fill("wangqiang")
    expect(page.get_by_test_id("to-wangqiang")).to_have_value(own or "")
    page.get_by_test_id("to-wangqiang").check()
    page.get_by_test_id("transfer-confirm").click()
    expect(page.get_by_test_id("implementer")).to_contain_text("王强")
    demo.wait_for(lambda: told(demo, "wangqiang", TRANSFERRED) == 1, "the new 实施人 is told")


def revoke(page: Page, demo: Demo, task: str) -> None:
    """任务撤销: every row reads 已撤销, everyone is told, and no button of the task works any more."""
    sign_in(page, demo, "linmin")
    page.goto(task)
    page.get_by_test_id("more-acts").click()
    page.get_by_test_id("revoke").click()
    page.get_by_test_id("reason").fill("统计口径有误，另行发布。")
    page.get_by_test_id("revoke-confirm").click()
    expect(page.get_by_test_id("said")).to_contain_text(f"已撤销 {POINTS} 个点位的任务")
    assert set(page.get_by_test_id("label").all_inner_texts()) == {"已撤销"}
    page.get_by_test_id("urge-all").click(force=True)
    expect(page.locator(".toast")).to_contain_text("任务已撤销")
    demo.wait_for(lambda: told(demo, "xuchunyan", REVOKED) == 1, "everyone reads that it is over")


def person_id(page: Page, name: str) -> str:
    """Somebody's number, as anybody can read it from the addresses of the people's page."""
    other = page.context.new_page()
    other.goto(re.sub(r"/point-tasks/.*", f"/people?q={name}", page.url))
    address = other.get_by_role("link", name=name).first.get_attribute("href") or ""
    other.close()
    return address.rsplit("/", 1)[1]
