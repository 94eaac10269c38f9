"""管理: the pages of people, 大区, departments, import and log, as an administrator fills them in."""

import re
from io import BytesIO

import openpyxl
import pytest

from app.administration import people
from app.people import queries
from tests.h5.conftest import Open, tight
from tests.world import World


def sheet(*rows: tuple[str, ...]) -> BytesIO:
    """An uploaded workbook with a 人员 sheet."""
    book = openpyxl.Workbook()
    book.worksheets[0].title = "人员"
    for row in rows:
        book.worksheets[0].append(row)
    content = BytesIO()
    book.save(content)
    content.seek(0)
    return content


def test_a_person_is_added_and_lands_on_their_page(browser_of: Open, world: World) -> None:
    browser = browser_of("何志远")
    fields = {"userid": "ZhangWei", "name": "张伟", "roles": ["implementer"]}
    answer = browser.submit("/people/new", "/people/new", **fields)

    page = browser.get(answer.headers["Location"]).text
    assert "已新增" in page
    assert "zhangwei" in page
    assert "新增" in browser.get("/people").text
    assert 'href="/people/new"' not in browser_of("周总").get("/people").text


def test_a_refused_form_keeps_what_was_typed_beside_the_reason(browser_of: Open, world: World) -> None:
    fields = {"userid": "zhangwei", "name": "张伟", "mobile": "123", "roles": ["supervisor"]}
    answer = browser_of("何志远").submit("/people/new", "/people/new", **fields)

    assert answer.status_code == 422
    assert "不是 11 位手机号" in answer.text
    assert "主管必须选择大区" in answer.text
    assert 'value="张伟"' in answer.text
    assert re.search(r'value="supervisor"[^>]* checked', answer.text)


def test_roles_are_edited_and_what_changed_is_in_the_log(browser_of: Open, world: World) -> None:
    browser, page = browser_of("何志远"), f"/people/{world.by_name['林敏']}"
    department = str(world.person("林敏").department_id)
    fields = {"name": "林敏", "department": department, "roles": ["publisher", "service_manager"]}
    browser.submit(f"{page}/edit", f"{page}/edit", **fields)

    assert "服务经理、发布人" in browser.get(page).text
    log = browser.get(f"/admin/audit?kind=person&subject={world.by_name['林敏']}").text
    assert "角色：发布人 → 服务经理、发布人" in log
    assert f'href="{page}">打开' in log


def test_a_disabled_person_is_out_at_once_and_found_among_the_disabled(
    browser_of: Open, world: World
) -> None:
    world.point_task()
    theirs, browser = browser_of("王强"), browser_of("何志远")
    page = f"/people/{world.by_name['王强']}"
    assert "名下还有 1 条未办结的任务" in browser.get(page).text
    assert theirs.get("/").status_code == 200
    browser.submit(page, f"{page}/disable")

    assert theirs.get("/").status_code == 302
    assert "王强" not in browser.get("/people").text
    assert "王强" in browser.get("/people?left=1").text
    browser.submit(page, f"{page}/enable")
    assert browser_of("王强").get("/").status_code == 200


def test_an_administrator_sees_why_the_last_one_stays(browser_of: Open, world: World) -> None:
    page = f"/people/{world.by_name['何志远']}/edit"
    answer = browser_of("何志远").submit(page, page, name="何志远", roles=["publisher"])

    assert answer.status_code == 422
    assert "至少要有一位在职的管理员" in answer.text


def test_a_new_name_stands_in_the_lists_at_once(browser_of: Open, world: World) -> None:
    world.published("130102")
    listed = browser_of("林敏")
    assert "王强" in listed.get("/tasks?all=1").text

    page = f"/people/{world.by_name['王强']}/edit"
    browser_of("何志远").submit(page, page, name="王小强", roles=["implementer"])

    assert "王小强" in listed.get("/tasks?all=1").text


def test_a_file_is_checked_then_imported_then_explained(browser_of: Open, world: World) -> None:
    browser, header = browser_of("何志远"), ("账号", "姓名", "角色")

    def send(act: str, *rows: tuple[str, ...]):
        return browser.submit(
            "/people/import", "/people/import", act=act, file=(sheet(header, *rows), "a.xlsx")
        )

    checked = send("check", ("zhangwei", "张伟", "实施人"))
    assert "核对无误，还没有写入" in checked.text
    assert queries.by_userid("zhangwei") is None
    assert "人员：新增 1" in send("import", ("zhangwei", "张伟", "实施人")).text
    assert queries.by_userid("zhangwei") is not None
    wrong = send("import", ("li", "李", "队长"))
    assert wrong.status_code == 422
    assert "人员 第 2 行 · 角色</b>没有“队长”这个角色" in wrong.text


@pytest.mark.parametrize(
    ("file", "why"),
    [(None, "请选择填好的 .xlsx 文件"), (b"MZ", "这不是 .xlsx 文件")],
)
def test_no_file_or_another_kind_is_a_sentence(
    browser_of: Open, world: World, file: bytes | None, why: str
) -> None:
    fields = {"file": (BytesIO(file), "a.xlsx")} if file else {}
    answer = browser_of("何志远").submit("/people/import", "/people/import", **fields)

    assert answer.status_code == 422
    assert why in answer.text


def test_the_template_names_every_point(browser_of: Open, world: World) -> None:
    answer = browser_of("何志远").get("/people/template")
    book = openpyxl.load_workbook(BytesIO(answer.data))

    assert "filename*=UTF-8''" in answer.headers["Content-Disposition"]
    assert book["支持区域"]["B2"].value == "河北省 / 石家庄市 / 长安区"


def test_a_region_takes_a_province_and_the_list_shows_it(browser_of: Open, world: World) -> None:
    browser = browser_of("何志远")
    assert ">华中大区</option>" not in browser.get("/tasks?all=1").text
    form = browser.get("/admin/regions/new").text
    assert "<small>华东大区</small>" in form
    browser.submit("/admin/regions/new", "/admin/regions/new", name="华中大区", provinces=["310000"])
    assert ">华中大区</option>" in browser.get("/tasks?all=1").text
    text = browser.get("/admin/regions").text

    assert "华中大区<small>上海市</small>" in text
    assert "华东大区<small>还没有省份</small>" in text


def test_provinces_without_a_region_are_pointed_out(browser_of: Open, world: World) -> None:
    browser, page = browser_of("何志远"), "/admin/regions/1"
    browser.submit(page, page, name="华北大区")

    assert "河北省还不属于任何大区" in browser.get("/admin/regions").text


def test_a_department_becomes_the_head_office(browser_of: Open, world: World) -> None:
    browser = browser_of("何志远")
    browser.submit("/admin/departments/new", "/admin/departments/new", name="客服部", is_head_office="1")

    assert re.search(
        r"客服部</span><span class=\"tag tag-open\">总部", tight(browser.get("/admin/regions").text)
    )


def test_the_log_is_narrowed_by_its_address_and_pages_on(browser_of: Open, world: World) -> None:
    world.published("130102")
    browser = browser_of("何志远")
    assert browser.get("/admin/audit?person=林敏&act=publish").text.count('data-testid="line"') == 1
    assert "没有符合的记录" in browser.get("/admin/audit?person=王强").text
    assert "没有找到“张三丰”" in browser.get("/admin/audit?person=张三丰").text
    assert browser.get("/admin/audit?act=nonsense").status_code == 422
    assert browser.get("/admin/audit?since=x").status_code == 422


def test_more_than_a_page_leads_on_with_the_same_filter(browser_of: Open, world: World) -> None:
    lijing = world.by_name["李静"]
    for _ in range(26):
        world.disable("李静")
        people.enable(lijing, by=world.person("何志远"))
    browser = browser_of("何志远")
    first = browser.get("/admin/audit?kind=person").text
    more = re.search(r'href="(/admin/audit\?kind=person&amp;after=[^"]+)" data-testid="more"', first)[1]
    second = browser.get(more.replace("&amp;", "&")).text

    assert (first.count('data-testid="line"'), second.count('data-testid="line"')) == (50, 2)
    assert "已经到底了" in second
