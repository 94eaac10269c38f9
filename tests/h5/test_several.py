"""Several rows in one go, from the page of a task."""

import re

from tests.h5.conftest import Browser, Open
from tests.world import World

PLACES = ("130102", "130104", "130105")


def test_who_has_several_open_rows_finds_boxes_at_them(browser_of: Open, world: World) -> None:
    task = world.published(*PLACES)
    mine = {world.row(task, code).id for code in ("130102", "130104")}
    text = browser_of("王强").get(f"/tasks/{task}").text
    assert {int(n) for n in re.findall(r'data-testid="tick-(\d+)"', text)} == mine
    assert "tick-" not in browser_of("李静").get(f"/tasks/{task}").text
    assert "tick-" not in browser_of("林敏").get(f"/tasks/{task}").text
    assert "tick-" not in browser_of("王强").get("/tasks?all=1").text


def test_one_feedback_then_closing_and_each_row_answers(browser_of: Open, world: World) -> None:
    task = world.published(*PLACES)
    ids = [world.row(task, code).id for code in ("130102", "130104")]
    browser, page = browser_of("王强"), f"/tasks/{task}"
    first = browser.submit(page, f"{page}/feed-back", row=ids[:1], note="已恢复", all_done="1").text
    assert "1 个点位已反馈" in first
    answer = _send(browser, page, f"{page}/close", row=ids)
    assert "1 个点位已办结，1 个没有办结" in answer
    assert "还差 1 项未完成：应急事件" in answer
    assert world.row(task, "130102").label == "已办结"


def test_nothing_ticked_is_said_and_the_note_is_still_there(browser_of: Open, world: World) -> None:
    page = f"/tasks/{world.published(*PLACES)}"
    answer = browser_of("王强").submit(page, f"{page}/feed-back", note="停电，明早恢复")
    assert answer.status_code == 422
    assert "请先勾选点位" in answer.text
    assert "停电，明早恢复</textarea>" in answer.text


def test_a_note_that_is_too_long_keeps_the_ticks(browser_of: Open, world: World) -> None:
    task = world.published(*PLACES)
    row, page = world.row(task), f"/tasks/{task}"
    answer = browser_of("王强").submit(page, f"{page}/feed-back", row=str(row.id), note="长" * 501)
    assert answer.status_code == 422
    assert re.search(rf'data-testid="tick-{row.id}"[^>]* checked', answer.text)
    assert "说明最多 500 个字" in answer.text


def test_a_second_tap_leads_back_to_the_list(browser_of: Open, world: World) -> None:
    task = world.published(*PLACES)
    browser, page, key = browser_of("王强"), f"/tasks/{task}", world.key()
    sent = {"row": str(world.row(task).id), "note": "已恢复", "form_key": key}
    browser.submit(page, f"{page}/feed-back", **sent)
    answer = browser.submit(page, f"{page}/feed-back", **sent)
    assert answer.headers["Location"] == page


def test_a_foreign_row_is_refused_without_its_place(browser_of: Open, world: World) -> None:
    task = world.published(*PLACES)
    ids = [world.row(task, code).id for code in ("130102", "130105")]
    page = f"/tasks/{task}"
    answer = browser_of("王强").submit(page, f"{page}/feed-back", row=ids, note="已恢复").text
    assert "没有这条任务" in answer
    assert "新华区" not in answer


def _send(browser: Browser, page: str, action: str, **fields: object) -> str:
    """The same form by its other button."""
    text = browser.get(page).text
    hidden = dict(re.findall(r'<input type="hidden" name="(csrf_token|form_key)" value="([^"]*)"', text))
    return browser.visitor.post(action, data=hidden | fields).text
