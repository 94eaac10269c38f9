"""The pages in Chromium: readable for everyone, fitting every width, and what only scripts can do."""

import re
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, expect, sync_playwright
from werkzeug.serving import make_server

from app.people import sessions, template
from app.people.models import Role
from app.tasks import rolling_back
from tests.world import World

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
ALL = {
    "林敏": (
        *("/", "/tasks", "/tasks/1", "/tasks/1?act=revoke", "/tasks/new", "/messages", "/me", "/nowhere"),
        *("/tasks/1/urge", "/tasks/1/deliveries", "/tasks/1/seen", "/tasks/1#more-acts"),
    ),
    "赵岚": ("/?tab=copied-in", "/tasks/1#several-note", "/tasks?all=1&label=正常&place=石家庄市#filters"),
    "何主任": (
        *("/admin/calendar", "/admin/calendar?day=2026-10-10", "/admin/tokens"),
        *("/tasks/3/roll-back", "/tasks/3/roll-back?module=2"),
    ),
    "何志远": (
        *("/admin", "/admin/wordings", "/admin/wordings/roll_back.upgraded", "/admin/settings"),
        *("/people/new", "/people/2", "/people/2?act=disable", "/people/2/edit", "/people/import"),
        *("/admin/regions", "/admin/regions/1", "/admin/departments/1", "/admin/audit?act=publish"),
    ),
    "周总": ("/patches", "/patches/new?from=1", "/patches/1", "/tasks/new?patch=1", "/tasks/2", "/versions"),
    "李静": ("/point-tasks/5",),
    "王强": (
        "/",
        "/tasks?all=1",
        "/point-tasks/1",
        "/point-tasks/3",
        "/point-tasks/4",
        "/point-tasks/1?act=transfer",
        "/messages",
    ),
    "郑大区": ("/deliveries", "/people/2/deliveries", "/messages"),
}
NARROW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
SMALL = """() => [...document.querySelectorAll('a[href], button, input, summary, textarea')]
  .filter((e) => e.getClientRects().length && !e.closest('.skip, dialog:not([open])'))
  .map((e) => [e.closest('label') || e, e.outerHTML.slice(0, 90)])
  .filter(([e]) => e.getBoundingClientRect().height < 43.5).map(([, html]) => html)"""
Show = Callable[..., Page]

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; without it these tests fail and say what to install."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert path, "找不到 Chromium，请先安装：apt-get install chromium fonts-noto-cjk"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The application, served."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def show(app: Flask, world: World, chromium: Browser, address: str) -> Iterator[Show]:
    """`show("王强", "/")`: a window in which 王强 looks at a page. Faults of its scripts fail the test."""
    contexts, errors = [], []
    world.appoint("何主任", Role.ADMINISTRATOR)
    world.appoint("郑大区", Role.ADMINISTRATOR)

    def open_(name: str, path: str, *, width: int = 390, height: int = 844, **options: object) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            **options,
        )
        contexts.append(context)
        signed = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        token = sessions.start(world.person(name).id)
        context.add_cookies([{"name": "fwrw", "value": signed.dumps({"_user_id": token}), "url": address}])
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "console",
            lambda said: errors.append(said.text) if "Content Security Policy" in said.text else None,
        )
        page.goto(address + path)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not errors


def furnish(world: World) -> None:
    """Something on every page: a task, an 升级任务 of which a module was rolled back, and one to roll back."""
    world.published("130102", "130104")
    task_id = world.upgrade("130102", "130104")
    row = world.row(task_id)
    world.feed_back(row)
    module = row.items[0].module
    assert module is not None
    rolling_back.roll_back(
        task_id,
        by=world.person("林敏"),
        module_ids={module.id},
        reason="取数有误，请还原。",
        seen_version=None,
        form_key=world.key(),
    )
    world.upgrade("130105", by="何主任")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(show: Show, world: World, address: str, scheme: str) -> None:
    furnish(world)
    faults = []
    for name, paths in ALL.items():
        page = show(name, "/healthz", color_scheme=scheme)
        for path in paths:
            page.goto(address + path)
            found = Axe().run(page).response["violations"]
            faults += [f"{name} {path}: {v['id']} {[n['html'][:120] for n in v['nodes']]}" for v in found]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(("width", "size"), [(320, "normal"), (390, "huge"), (390, "giant"), (900, "normal")])
def test_nothing_is_wider_than_the_window(
    show: Show, world: World, address: str, width: int, size: str
) -> None:
    furnish(world)
    wide = []
    for name, paths in ALL.items():
        page = show(name, "/healthz", width=width)
        page.context.add_cookies([{"name": "fwrw_look", "value": f"auto.{size}.plain", "url": address}])
        for path in paths:
            page.goto(address + path)
            if page.evaluate(NARROW) > 0:
                wide.append(f"{name} {path}: {page.evaluate(NARROW)} px")
    assert not wide, "\n".join(wide)


def test_fingers_find_every_control_on_a_phone(show: Show, world: World, address: str) -> None:
    furnish(world)
    small = {}
    for name, paths in ALL.items():
        page = show(name, "/healthz")
        for path in paths:
            page.goto(address + path)
            if found := page.evaluate(SMALL):
                small[f"{name} {path}"] = found
    assert not small


def test_the_division_tree_chooses_by_level_by_search_and_without_gaps_T29_T30(
    show: Show, world: World
) -> None:
    page = show("林敏", "/tasks/new")
    page.get_by_test_id("places").click()
    page.get_by_test_id("place-toggle-130000").click()
    page.get_by_test_id("place-130100").check()
    assert page.get_by_test_id("place-130000").is_checked()
    page.get_by_test_id("place-toggle-130100").click()
    page.get_by_test_id("place-130105").uncheck()
    assert page.get_by_test_id("place-130000").evaluate("box => box.indeterminate")
    expect(page.get_by_text("未设实施人")).to_be_visible()
    page.get_by_test_id("place-all").click()
    expect(page.get_by_test_id("picker-count")).to_have_text("已选 5 个")
    assert page.get_by_test_id("place-310000").is_checked()
    page.get_by_test_id("place-310000").uncheck()
    page.get_by_test_id("place-130105").uncheck()
    page.get_by_test_id("place-search").fill("hpq")
    page.get_by_test_id("place-310101").check()
    expect(page.get_by_test_id("picker-count")).to_have_text("已选 4 个")
    page.locator("#picker").get_by_role("button", name="去掉这 1 个点位").click()
    page.get_by_test_id("place-confirm").click()
    assert page.locator("#places").input_value() == "130102,130104,310101"
    expect(page.get_by_test_id("places")).to_contain_text("长安区、桥西区、上海市")


def test_the_back_key_closes_the_tree_and_chooses_nothing(show: Show, world: World) -> None:
    page = show("林敏", "/tasks/new")
    page.get_by_test_id("places").click()
    page.get_by_test_id("place-310000").check()
    page.go_back()
    expect(page.locator("#picker")).not_to_be_visible()
    assert page.url.endswith("/tasks/new")
    assert page.locator("#places").input_value() == ""


def test_what_was_typed_survives_a_reload_at_once_until_it_was_published_T38(
    show: Show, world: World
) -> None:
    page = show("林敏", "/tasks/new")
    page.get_by_text("数据调度").click()
    page.get_by_text("一周后").click()
    page.get_by_test_id("note").fill("请核对上月报表")
    page.get_by_test_id("places").click()
    page.get_by_test_id("place-310000").check()
    page.evaluate("window.setTimeout = () => 1")  # whoever leaves at once leaves before any timer
    page.get_by_test_id("place-confirm").click()
    page.wait_for_function("!history.state")
    page.reload()
    expect(page.get_by_test_id("note")).to_have_value("请核对上月报表")
    expect(page.get_by_test_id("places")).to_contain_text("上海市")
    page.get_by_test_id("publish").click()
    page.wait_for_url(re.compile(r"/tasks/\d+$"))  # not /tasks/new, where we still are
    page.goto(page.url.rsplit("/", 1)[0] + "/new")
    expect(page.get_by_test_id("note")).to_have_value("")


def test_reset_empties_everything_T39(show: Show, world: World) -> None:
    page = show("林敏", "/tasks/new")
    page.get_by_test_id("note").fill("不要了")
    page.get_by_test_id("places").click()
    page.get_by_test_id("place-310000").check()
    page.get_by_test_id("place-confirm").click()
    page.get_by_test_id("reset").click()
    expect(page.get_by_test_id("note")).to_have_value("")
    expect(page.get_by_test_id("places")).to_contain_text("点击选择行政区划")
    page.reload()
    expect(page.get_by_test_id("note")).to_have_value("")


def test_a_desktop_shows_tree_and_rows_side_by_side_a_phone_one_after_the_other_T03_T04(
    show: Show, world: World
) -> None:
    task_id = world.published("130102", "130104")
    page = show("林敏", f"/tasks/{task_id}", width=1280, height=800)
    tree, rows = page.locator(".tree").bounding_box(), page.locator(".rows-pane").bounding_box()
    assert tree is not None
    assert rows is not None
    assert tree["x"] + tree["width"] <= rows["x"] + 1
    month, node = page.locator("#tree summary"), page.get_by_test_id(f"node-{task_id}")
    month.click()
    expect(node).to_be_hidden()
    month.click()
    expect(node).to_be_visible()

    expect(node).to_have_attribute("aria-current", "page")
    page.reload()
    expect(node).to_be_visible()  # the server knows this screen by now: the tree comes with the page
    assert 'class="node node-root"' in page.evaluate("fetch(location.href).then((answer) => answer.text())")

    page = show("林敏", "/tasks")
    expect(page.locator(".rows-pane")).to_be_hidden()
    page.get_by_test_id(f"node-{task_id}").click()
    expect(page.locator(".row")).to_have_count(2)
    expect(page.locator(".tree")).to_be_hidden()


def test_who_was_named_for_a_place_survives_a_reload_Q35(show: Show, world: World) -> None:
    page = show("林敏", "/tasks/new")
    page.get_by_test_id("places").click()
    page.get_by_test_id("place-search").fill("jxkq")
    page.get_by_test_id("place-130107").check()
    page.get_by_test_id("place-confirm").click()
    page.get_by_test_id("name-130107").select_option(label="李静")
    page.reload()
    expect(page.get_by_test_id("name-130107")).to_have_value(str(world.by_name["李静"]))


def test_an_export_downloads_and_the_page_stays(show: Show, world: World) -> None:
    page = show("林敏", f"/tasks/{world.published('130102', '130104')}")
    page.get_by_test_id("more-acts").click()
    with page.expect_download() as download:
        page.get_by_test_id("export").click()
    assert re.fullmatch(r"任务\d+_应急事件_\d{8}_\d{4}\.xlsx", download.value.suggested_filename)
    expect(page.locator(".toast")).to_have_text("已导出 2 行")
    expect(page.get_by_test_id("rows")).to_be_visible()


def test_a_disabled_button_says_why(show: Show, world: World) -> None:
    page = show("王强", f"/point-tasks/{world.point_task().id}")
    page.get_by_test_id("close").click(force=True)
    expect(page.locator(".toast")).to_contain_text("还差 1 项未完成")


def test_an_open_list_shows_what_happened_meanwhile(show: Show, world: World) -> None:
    task_id = world.published("130102")
    page = show("林敏", f"/tasks/{task_id}", width=1280)
    expect(page.get_by_test_id("label")).to_have_text("正常")
    world.feed_back(world.row(task_id), note="已恢复")
    page.evaluate("refresh()")
    expect(page.locator(".row-note")).to_have_text("已恢复")
    expect(page.get_by_test_id("rows")).to_contain_text("100%")


def test_a_page_that_grew_old_reloads_unless_something_is_being_typed(show: Show, world: World) -> None:
    row = world.point_task()
    page = show("王强", f"/point-tasks/{row.id}")
    page.get_by_test_id("note").fill("正在写")
    world.feed_back(row, by="赵岚", done=False, note="请尽快")
    page.evaluate("refresh()")
    expect(page.locator(".toast")).to_contain_text("刚被更新")
    expect(page.get_by_test_id("note")).to_have_value("正在写")


def test_without_scripts_the_form_still_publishes(show: Show, world: World) -> None:
    page = show("林敏", "/tasks/new?plain=1", java_script_enabled=False)
    page.get_by_text("应急事件").click()
    page.get_by_test_id("due_at").fill("2026-11-30T18:00")
    page.select_option("select[name=places]", label="上海市")
    page.get_by_test_id("publish").click()
    expect(page.get_by_test_id("said")).to_contain_text("已发布到 1 个点位")


def test_a_text_is_checked_and_previewed_while_it_is_typed(show: Show, world: World) -> None:
    world.published("130102")
    page = show("何志远", "/admin/wordings/publish.copied_in", width=1280)
    page.get_by_test_id("text").fill("请跟进")
    expect(page.get_by_test_id("check")).to_contain_text("少了服务运营部、【重要程度】、【任务类型】")
    page.get_by_role("button", name="【任务类型】").click()
    expect(page.get_by_test_id("text")).to_have_value("请跟进【任务类型】")
    expect(page.locator("#preview blockquote")).to_have_text("请跟进应急事件")
    page.get_by_test_id("leave-out").check()
    page.get_by_test_id("save").click()
    expect(page.get_by_test_id("said")).to_contain_text("已保存")


def test_a_file_stays_chosen_between_checking_and_importing(show: Show, world: World, tmp_path: Path) -> None:
    template.write(tmp_path / "people.xlsx", points=[])
    book = openpyxl.load_workbook(tmp_path / "people.xlsx")
    book["人员"].append(("zhangwei", "张伟"))
    book.save(tmp_path / "people.xlsx")
    page = show("何志远", "/people/import")
    page.get_by_test_id("check").click()
    expect(page.get_by_test_id("report")).to_contain_text("请选择填好的 .xlsx 文件")
    page.get_by_test_id("file").set_input_files(tmp_path / "people.xlsx")
    page.get_by_test_id("check").click()
    expect(page.get_by_test_id("report")).to_contain_text("核对无误，还没有写入")
    page.get_by_test_id("import").click()
    expect(page.get_by_test_id("report")).to_contain_text("已导入")


def test_the_modules_follow_the_chosen_package_T27(show: Show, world: World) -> None:
    world.patch("申报模块", "征收模块")
    world.patch("对账模块", version="3.2.2")
    page = show("林敏", "/tasks/new")
    expect(page.get_by_test_id("patch")).to_be_hidden()
    page.get_by_text("升级任务", exact=True).click()
    page.get_by_test_id("patch").select_option(label="征管补丁 3.2.1 · 已送测")
    expect(page.get_by_test_id("modules").get_by_role("listitem")).to_have_text(
        [re.compile("申报模块"), re.compile("征收模块")]
    )

    page.get_by_test_id("patch").select_option(label="征管补丁 3.2.2 · 已送测")
    expect(page.get_by_test_id("modules").get_by_role("listitem")).to_have_text([re.compile("对账模块")])
    expect(page.locator("[data-draft-said]")).to_contain_text("草稿已保存")
    page.reload()
    expect(page.get_by_test_id("modules").get_by_role("listitem")).to_have_text([re.compile("对账模块")])


def test_the_note_of_a_module_opens_on_hover_focus_and_tap_T21(show: Show, world: World) -> None:
    row = world.row(world.upgrade("130102"))
    page = show("王强", f"/point-tasks/{row.id}", width=1280)
    icon, note = (page.get_by_test_id(f"note-{part}-{row.items[1].id}") for part in ("icon", "text"))
    expect(note).to_be_hidden()
    icon.hover()
    expect(note).to_have_text("修复模块B的已知问题。")
    page.mouse.move(0, 0)
    expect(note).to_be_hidden()
    icon.focus()
    expect(note).to_be_visible()
    page.keyboard.press("Escape")
    expect(note).to_be_hidden()

    phone = show("王强", f"/point-tasks/{row.id}", has_touch=True, is_mobile=True)
    icon, note = (phone.get_by_test_id(f"note-{part}-{row.items[1].id}") for part in ("icon", "text"))
    icon.tap()
    expect(note).to_be_visible()
    icon.tap()
    expect(note).to_be_hidden()


def test_without_scripts_an_upgrade_is_published_and_rolled_back(show: Show, world: World) -> None:
    world.patch("申报模块")
    page = show("林敏", "/tasks/new?plain=1&patch=1", java_script_enabled=False)
    expect(page.get_by_test_id("modules")).to_contain_text("申报模块")
    page.get_by_test_id("due_at").fill("2026-11-30T18:00")
    page.select_option("select[name=places]", label="上海市")
    page.get_by_test_id("publish").click()

    page.get_by_test_id("more-acts").click()
    page.get_by_test_id("roll-back").click()
    page.goto(page.url + "?module=1")  # where the button for browsers without scripts leads
    expect(page.get_by_test_id("plan-frozen")).to_have_text("1")
    page.get_by_test_id("reason").fill("取数有误")
    page.get_by_test_id("roll-back-confirm").click()
    expect(page.get_by_test_id("said")).to_contain_text("0 个点位须还原，1 个点位暂不升级")
