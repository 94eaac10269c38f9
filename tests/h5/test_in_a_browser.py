"""The pages in Chromium: what only scripts, or their absence, can show."""

import re
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import expect

from app.people import template
from app.tasks.publishing import drafts
from tests.h5.chromium import Show
from tests.world import World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


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


def test_many_chosen_points_are_named_shortly_and_listed_on_a_tap_T32(show: Show, world: World) -> None:
    form = world.form("130102", "130104", "130105", "310101")
    draft_id = drafts.save_draft(form, by=world.person("林敏"), form_key=world.key())
    page = show("林敏", f"/tasks/new?draft={draft_id}")
    expect(page.get_by_test_id("places")).to_contain_text("长安区、桥西区、新华区…等 4 个点位")
    page.get_by_test_id("places").click()
    page.get_by_test_id("picker-count").click()
    expect(page.locator("#picker .place-name")).to_have_count(4)


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


def test_what_a_file_hides_is_ticked_before_it_is_imported(show: Show, world: World, tmp_path: Path) -> None:
    template.write(tmp_path / "people.xlsx", points=[])
    book = openpyxl.load_workbook(tmp_path / "people.xlsx")
    book["人员"].append(("zhangwei", "张伟"))
    book["人员"].row_dimensions[2].hidden = True
    book.save(tmp_path / "people.xlsx")
    page = show("何志远", "/people/import")
    page.get_by_test_id("file").set_input_files(tmp_path / "people.xlsx")
    page.get_by_test_id("import").click()
    expect(page.get_by_test_id("hidden")).to_contain_text("“人员”表第 2 行被隐藏，也会导入")
    expect(page.get_by_test_id("report")).to_contain_text("还没有写入")
    page.get_by_test_id("with-hidden").check()
    page.get_by_test_id("import").click()
    expect(page.get_by_test_id("report")).to_contain_text("已导入")
    page.get_by_test_id("rows").locator("summary").click()
    expect(page.get_by_test_id("rows")).to_contain_text("人员 第 2 行 张伟（zhangwei）：新增")


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


def test_the_note_of_a_module_opens_on_hover_focus_and_tap_T21_Q45(show: Show, world: World) -> None:
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


@pytest.mark.parametrize("width", [390, 1280])
def test_the_number_of_unread_messages_stands_once_and_on_one_line(
    show: Show, world: World, width: int
) -> None:
    page = show("王强", "/", width=width)
    badge = page.locator("[data-unread]")
    expect(badge).to_have_count(1)
    heights = set()
    for text in ("5", "15", "99+"):
        badge.evaluate("(badge, text) => { badge.hidden = false; badge.textContent = text; }", text)
        heights.add((badge.bounding_box() or {})["height"])
    assert len(heights) == 1
