"""The publish form: deadlines in working days, who will be told, places without 实施人."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.db import transaction
from tests.h5.conftest import Browser, Open
from tests.h5.forms import as_shown
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


def test_a_bare_date_means_the_end_of_that_day_Q12(browser_of: Open, world: World) -> None:
    browser = browser_of("林敏")
    answer = browser.submit(PAGE, PAGE, **PUBLISH | {"due_at": "2026-11-24"})
    assert "2026-11-24 23:59" in browser.get(answer.headers["Location"]).text
    assert "请于2026-11-24 23:59前完成" in world.texts("王强")[0]


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
    told = re.findall(r'<div class="audience">\s*<p><b>([^<]+)</b> ([^<]+)</p>', text)
    assert told == [("实施人", "王强、沈海，2 人"), ("抄送人（主管、服务经理）", "赵岚、孙丽、顾东，3 人")]
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


def test_editing_shows_before_saving_what_changes_and_whom_it_rings_Q40_Q52(
    browser_of: Open, world: World
) -> None:
    task = str(world.published("130102", "130104"))
    browser = browser_of("林敏")
    same = {"task": task, "urgency": "紧急", "due_at": "2026-11-23T18:00"}
    assert "还没有修改" in ask(browser, **same)

    added = ask(browser, **same | {"places": "130102,130104,130105"})
    assert "增加点位：新华区" in added
    assert "将通知 3 人" in added
    assert "李静，1 人" in added

    later = ask(browser, **same | {"due_at": "2026-11-25T18:00"})
    assert "任务要求完成时间：2026-11-23 18:00 → 2026-11-25 18:00" in later
    assert "将通知 3 人" in later
    assert "【任务修改】：王强的应急事件任务有修改：任务要求完成时间由2026-11-23 18:00改为" in later
    assert "【任务发布】" not in later

    silent = ask(browser, **same | {"due_at": "2026-11-25T18:00", "silent": "1"})
    assert "不会推送通知" in silent
    assert "3 人只在应用的消息里看到" in silent

    fewer = ask(browser, **same | {"places": "130102", "note": "改了说明"})
    assert "去掉点位：桥西区" in fewer
    assert "【任务撤销提醒】：王强有一条紧急的应急事件的任务已撤销。" in fewer


def test_what_the_edit_page_says_will_ring_is_what_rings_Q52(browser_of: Open, world: World) -> None:
    task_id = world.published("130102", "130105", "310101")
    page, before = f"/tasks/{task_id}/edit", len(world.queued())
    fields = PUBLISH | {"places": "130102,130104,310101", "due_at": "2026-11-25T18:00", "task": str(task_id)}
    browser = browser_of("林敏")
    said = re.search(r"将通知 (\d+) 人", ask(browser, **fields))
    assert browser.submit(page, page, **fields).status_code == 302

    rung = {name for name, _ in world.queued()[before:]}
    assert said is not None
    assert int(said[1]) == len(rung)


def test_rows_with_a_deadline_of_their_own_are_named_on_the_edit_page_T11(
    browser_of: Open, world: World, told_time: ToldTime
) -> None:
    row = world.closed_point_task()
    page = f"/tasks/{row.task_id}/edit"
    assert "own_due_too" not in browser_of("林敏").get(page).text
    form = {"reason": "没有做完", "impact": "无", "item": str(row.items[0].id), "due_at": "2026-12-05T18:00"}
    browser_of("林敏").submit(f"/point-tasks/{row.id}", f"/point-tasks/{row.id}/send-back", **form)

    text = browser_of("林敏").get(page).text
    assert "1 个点位另有完成时间" in text
    assert "长安区 2026-12-05 18:00" in text


def test_the_same_kind_of_task_at_the_same_places_again_is_asked_about(
    browser_of: Open, world: World, told_time: ToldTime
) -> None:
    first = world.published("130102", "130105")
    browser = browser_of("林敏")
    refused = browser.submit(PAGE, PAGE, **PUBLISH)
    assert refused.status_code == 422
    assert "1 个点位上已有未办结的同类任务（发布于 2026-11-23 09:00），仍要发布吗？" in refused.text
    assert f'href="/tasks/{first}"' in refused.text
    assert "请先备份。</textarea>" in refused.text

    tap = as_shown(refused.text, PAGE) | {"act": "publish"}
    assert browser.visitor.post(PAGE, data=tap).status_code == 302


def test_of_two_windows_the_second_asks_even_if_both_were_asked_before(
    browser_of: Open, world: World
) -> None:
    world.published("130102")
    browser = browser_of("林敏")
    both = [as_shown(browser.submit(PAGE, PAGE, **PUBLISH).text, PAGE) | {"act": "publish"} for _ in "12"]

    answers = [browser.visitor.post(PAGE, data=tap) for tap in both]
    assert [answer.status_code for answer in answers] == [302, 422]


@pytest.mark.parametrize(
    ("changes", "days"),
    [({"type": "数据调度"}, 0), ({"places": "130105"}, 0), ({}, 8)],
    ids=["another type", "other places", "a week later"],
)
def test_what_is_not_the_same_again_is_not_asked_about(
    browser_of: Open, world: World, told_time: ToldTime, changes: dict[str, str], days: int
) -> None:
    world.published("130102", due_at=told_time.moment + timedelta(days=30))
    told_time.pass_(days=days)
    fields = PUBLISH | {"due_at": "2026-12-24T18:00"} | changes
    assert browser_of("林敏").submit(PAGE, PAGE, **fields).status_code == 302


def test_another_publishers_task_is_not_spoken_of(browser_of: Open, world: World) -> None:
    world.published("130102", by="何主任")
    assert browser_of("林敏").submit(PAGE, PAGE, **PUBLISH).status_code == 302


def test_what_is_done_there_does_not_ask_and_another_package_neither(browser_of: Open, world: World) -> None:
    world.closed_point_task()
    browser = browser_of("林敏")
    assert browser.submit(PAGE, PAGE, **PUBLISH | {"places": "130102"}).status_code == 302
    world.upgrade("130102")
    other = str(world.patch("模块D", version="3.2.2"))
    upgrade = PUBLISH | {"type": "升级任务", "places": "130102", "patch": other}
    assert browser.submit(PAGE, PAGE, **upgrade).status_code == 302


def test_a_deadline_beyond_two_years_is_asked_about_once_B5(browser_of: Open) -> None:
    browser = browser_of("林敏")
    far = PUBLISH | {"due_at": "2062-11-24T18:00"}
    refused = browser.submit(PAGE, PAGE, **far)
    assert "任务要求完成时间是 2062-11-24 18:00，在两年以后，确定没有填错吗？" in refused.text
    assert "仍要发布" in refused.text
    tap = as_shown(refused.text, PAGE) | {"act": "publish"}
    assert browser.visitor.post(PAGE, data=tap | {"due_at": "2063-11-24T18:00"}).status_code == 422
    assert browser.visitor.post(PAGE, data=tap).status_code == 302


def test_a_far_deadline_at_打回_is_asked_about_in_its_sheet_B5(browser_of: Open, world: World) -> None:
    row = world.closed_point_task()
    page, browser = f"/point-tasks/{row.id}", browser_of("林敏")
    form = {"reason": "没有做完", "impact": "无", "item": str(row.items[0].id), "due_at": "2062-11-24T18:00"}
    refused = browser.submit(page, f"{page}/send-back", **form)
    assert "新的完成时间是 2062-11-24 18:00，在两年以后" in refused.text
    assert "仍要打回" in refused.text
    tap = as_shown(refused.text, f"{page}/send-back")
    assert browser.visitor.post(f"{page}/send-back", data=tap).status_code == 302


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
