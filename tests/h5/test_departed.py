"""Pages that speak of somebody who was disabled while rows wait for them, and 紧急转派 (Q30, Q36)."""

from html import unescape
from urllib.parse import quote

from tests.h5.conftest import Open
from tests.world import World

SAID = "王强 已停用，收不到提醒，"


def text_of(page: str) -> str:
    """A page without its line breaks."""
    return unescape(" ".join(page.split()))


def test_the_row_says_so_by_name_and_offers_transfer_to_who_may(browser_of: Open, world: World) -> None:
    row = world.row(world.published("130102"))
    world.disable("王强")

    supervisor = browser_of("赵岚").get(f"/point-tasks/{row.id}").text
    publisher = browser_of("林敏").get(f"/point-tasks/{row.id}").text
    assert f'{SAID}<a href="?act=transfer"' in supervisor
    assert f"{SAID}请转派（主管或服务经理可转派）" in publisher
    assert 'data-testid="departed-transfer"' not in publisher


def test_a_closed_row_says_nothing_of_it(browser_of: Open, world: World) -> None:
    row = world.closed_point_task()
    world.disable("王强")
    assert 'data-testid="departed"' not in browser_of("林敏").get(f"/point-tasks/{row.id}").text


def test_the_task_names_them_and_leads_to_their_rows(browser_of: Open, world: World) -> None:
    task_id = world.published("130102", "130104", "130105")
    world.disable("王强")

    browser = browser_of("赵岚")
    page = text_of(browser.get(f"/tasks/{task_id}").text)
    theirs = f"/tasks/{task_id}?person={quote('王强')}+%28wangqiang%29"
    assert f'<a href="{theirs}">王强（2 个点位）</a> 已停用，收不到提醒，请转派</p>' in page
    rows = browser.get(theirs).text
    assert rows.count('data-testid="transfer-') == 2 or rows.count("?act=transfer") >= 2
    assert "新华区" not in rows.split('id="rows"')[1].split("</ul>")[0]


def test_urging_says_who_is_not_reached_before_and_after(browser_of: Open, world: World) -> None:
    task_id = world.published("130102", "130105")
    row = world.row(task_id)
    world.disable("王强")
    browser = browser_of("林敏")

    sheet = text_of(browser.get(f"/point-tasks/{row.id}?act=urge").text)
    assert "将提醒实施人 <b>王强</b>" not in sheet
    assert "将只提醒抄送人 赵岚、孙丽" in sheet
    preview = text_of(browser.get(f"/tasks/{task_id}/urge").text)
    assert "王强（1 个点位）</a> 已停用，收不到提醒，请转派" in preview
    browser.submit(f"/tasks/{task_id}/urge", f"/tasks/{task_id}/urge")
    said = text_of(browser.get(f"/tasks/{task_id}").text)
    assert "已催办 3 人" in said
    assert "王强 已停用，收不到提醒，请转派（主管或服务经理可转派）。" in said


def test_an_administrator_disables_and_hands_the_rows_on_Q30(browser_of: Open, world: World) -> None:
    task_id = world.published("130102", "130104")
    person = world.by_name["王强"]
    browser = browser_of("何志远")
    browser.submit(f"/people/{person}?act=disable", f"/people/{person}/disable")
    page = browser.get(f"/people/{person}").text
    assert "名下还有 2 个点位未办结，已提醒主管和发布人" in page
    assert f'href="/people/{person}/open-rows"' in page

    open_rows, action = f"/people/{person}/open-rows", f"/people/{person}/hand-on"
    row_ids = [world.row(task_id, code).id for code in ("130102", "130104")]
    refused = browser.submit(open_rows, action, row=row_ids, to=str(world.by_name["李静"]))
    assert refused.status_code == 422
    assert "请填写紧急转派的原因" in refused.text
    done = browser.submit(open_rows, action, row=row_ids, to=str(world.by_name["李静"]), reason="已离职")
    assert done.status_code == 302
    assert 'data-testid="nothing"' in browser.get(open_rows).text
    row = browser_of("赵岚").get(f"/point-tasks/{row_ids[0]}").text
    assert "<b>紧急转派</b> 何志远" in row
    assert "已离职" in row
    assert "紧急转派" in browser.get("/admin/audit?act=reassign").text
