"""The publish form: deadlines in working days, who will be told, places without 实施人."""

import re

import sqlalchemy as sa

from app.db import transaction
from tests.h5.conftest import Browser, Open
from tests.h5.test_pages import PUBLISH
from tests.told_time import ToldTime
from tests.world import World

PAGE = "/tasks/new"


def ask(browser: Browser, **fields: object) -> str:
    """The fragment that says who would be told."""
    token = re.search(r'name="csrf_token" value="([^"]*)"', browser.get(PAGE).text)
    assert token is not None
    return browser.visitor.post("/tasks/preview", data=PUBLISH | {"csrf_token": token[1]} | fields).text


def test_working_days_are_resolved_before_and_at_publishing_alike_Q12(
    browser_of: Open, world: World, told_time: ToldTime
) -> None:
    told_time.at("2026-09-30 09:00")
    browser = browser_of("林敏")
    assert "2026-10-09 23:59</b>（周五）" in browser.get("/tasks/deadline?days=2").text
    answer = browser.submit(PAGE, PAGE, **PUBLISH | {"due_by": "days", "due_days": "2", "due_at": ""})
    assert "2026-10-09 23:59" in browser.get(answer.headers["Location"]).text


def test_a_year_without_announced_holidays_says_that_it_is_an_estimate_Q12(
    browser_of: Open, told_time: ToldTime
) -> None:
    told_time.at("2031-03-03 09:00")
    assert (
        "节假日安排未发布，按法定节假日和周末估算"
        in browser_of("林敏").get("/tasks/deadline?due_days=3").text
    )


def test_working_days_that_are_none_are_asked_for_and_stay_in_the_form(browser_of: Open) -> None:
    answer = browser_of("林敏").submit(PAGE, PAGE, **PUBLISH | {"due_by": "days", "due_days": "999"})
    assert answer.status_code == 422
    assert "请填写任务要求完成时间" in answer.text
    assert 'value="999"' in answer.text


def test_the_form_shows_who_will_be_told_and_the_texts_T35(browser_of: Open, world: World) -> None:
    text = ask(browser_of("林敏"), places="130102,130104,310101")
    assert "【任务发布】：王强有一条紧急的应急事件任务，请于2026-11-24 18:00前完成" in text
    assert "【任务发布】：服务运营部发布一条紧急的应急事件任务，请及时跟进监督。" in text
    assert world.queued() == []


def test_a_gap_is_filled_for_this_task_from_its_select_Q35(browser_of: Open, world: World) -> None:
    browser = browser_of("林敏")
    assert "还有 1 个点位没有实施人" in ask(browser, places="130102,130107")
    fields = PUBLISH | {"places": "130102,130107", "name-130107": str(world.by_name["李静"])}
    answer = browser.submit(PAGE, PAGE, **fields)
    assert "已发布到 2 个点位" in browser.get(answer.headers["Location"]).text
    assert ("李静", "publish.implementer") in world.queued()


def test_a_refused_form_still_holds_the_chosen_colleague(browser_of: Open, world: World) -> None:
    fields = PUBLISH | {"places": "130107", "name-130107": str(world.by_name["李静"]), "type": ""}
    answer = browser_of("林敏").submit(PAGE, PAGE, **fields)
    assert answer.status_code == 422
    assert re.search(rf'value="{world.by_name["李静"]}" selected>李静', answer.text)


def test_a_draft_keeps_who_was_named_and_counts_its_days_from_today_T38(
    browser_of: Open, world: World, told_time: ToldTime
) -> None:
    browser, named = browser_of("林敏"), {"name-130107": str(world.by_name["李静"])}
    days = {"due_by": "days", "due_days": "3", "due_at": ""}
    answer = browser.submit(PAGE, PAGE, **PUBLISH | days | named | {"act": "draft", "places": "130107"})
    told_time.pass_(days=7)
    later = browser_of("林敏")  # who signed in a week ago is asked to do so again
    link = re.search(r"/tasks/new\?draft=\d+", later.get(answer.headers["Location"]).text)
    assert link is not None
    page = later.get(link[0]).text
    assert re.search(rf'value="{world.by_name["李静"]}" selected>李静', page)
    assert re.search(r'name="due_days"[^>]* value="3"', page)
    assert "2026-12-03 23:59</b>（周四）" in page


def test_editing_offers_to_renew_who_is_copied_in_where_it_differs_Q40(
    browser_of: Open, world: World
) -> None:
    page = f"/tasks/{world.published('130102')}/edit"
    assert "renew_copied_in" not in browser_of("林敏").get(page).text
    with transaction() as current:
        current.execute(sa.text("DELETE FROM support_area WHERE role = 'supervisor'"))
    assert "有 1 个点位的主管或服务经理" in browser_of("林敏").get(page).text


def test_editing_shows_the_texts_for_added_points_only_Q40(browser_of: Open, world: World) -> None:
    task = str(world.published("130102"))
    browser = browser_of("林敏")
    text = ask(browser, places="130102,130105", task=task)
    assert "李静，1 人" in text
    assert "王强" not in text
    assert "没有新增点位" in ask(browser, places="130102", task=task)


def test_the_modules_of_the_chosen_package_appear_as_items_T27(browser_of: Open, world: World) -> None:
    patch_id = world.patch("申报模块", "征收模块")
    browser = browser_of("林敏")

    fragment = browser.get(f"/tasks/modules?patch={patch_id}").text
    assert "自动列出 2 个模块" in fragment
    assert "修复征收模块的已知问题。" in fragment
    assert "申报模块" not in browser.get("/tasks/modules?patch=").text
    assert browser.get("/tasks/modules?patch=999").status_code == 404


def test_a_refused_form_keeps_the_package_and_its_modules_T25(browser_of: Open, world: World) -> None:
    upgrade = PUBLISH | {"type": "升级任务", "note": ""}
    browser = browser_of("林敏")
    assert "升级任务须选择补丁包送测记录" in browser.submit(PAGE, PAGE, **upgrade | {"patch": ""}).text

    patch = str(world.patch("申报模块"))
    answer = browser.submit(PAGE, PAGE, **upgrade | {"patch": patch, "due_at": ""})
    assert f'<option value="{patch}" selected>征管补丁 3.2.1 · 已送测</option>' in answer.text
    assert "修复申报模块的已知问题。" in answer.text
    assert browser.submit(PAGE, PAGE, **upgrade | {"patch": "x"}).status_code == 422


def test_an_upgrade_can_be_begun_from_a_package_and_edited_in_the_same_form_T24(
    browser_of: Open, world: World
) -> None:
    patch = str(world.patch("申报模块"))
    browser = browser_of("林敏")
    begun = browser.get(f"{PAGE}?patch={patch}").text
    assert re.search(r'value="升级任务"[^>]* checked', begun)

    task = browser.submit(PAGE, PAGE, **PUBLISH | {"type": "升级任务", "patch": patch}).headers["Location"]
    assert f'<option value="{patch}" selected>' in browser.get(f"{task}/edit").text
    other = str(world.patch("征收模块", version="3.2.2"))
    changed = PUBLISH | {"type": "升级任务", "patch": other, "due_at": "2026-11-25T18:00"}
    assert browser.submit(f"{task}/edit", f"{task}/edit", **changed).status_code == 302
