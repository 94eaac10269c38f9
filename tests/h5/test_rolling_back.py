"""The planner of 升级回退, what it leads to on the pages, and the way back in the county."""

import re

from app.tasks.field import implement
from tests.h5.conftest import Open
from tests.world import World


def half_done(world: World) -> tuple[int, dict[str, str]]:
    """长安区 has done 模块A, 桥西区 nothing; the task and its modules by name."""
    task_id = world.upgrade("130102", "130104")
    row = world.row(task_id)
    implement.feed_back(
        row.id,
        by=world.person("王强"),
        done_item_ids={row.items[0].id},
        note="",
        seen_version=None,
        form_key=world.key(),
    )
    return task_id, {module.name: str(module.id) for module in world.row(task_id).task.patch.modules}


def test_the_planner_shows_who_must_restore_who_waits_and_the_texts(browser_of: Open, world: World) -> None:
    task_id, modules = half_done(world)
    browser = browser_of("林敏")
    assert "还没有勾选模块" in browser.get(f"/tasks/{task_id}/roll-back").text

    plan = browser.get(f"/tasks/{task_id}/roll-back/plan?module={modules['模块A']}").text
    assert 'data-testid="plan-restore">1<' in plan
    assert 'data-testid="plan-frozen">1<' in plan
    assert "【升级回退通知】：王强紧急的升级任务模块A的任务已撤销，需将升级后的系统还原" in plan
    assert "【升级回退通知】：王强紧急的升级任务的任务已撤销，模块A暂不升级。" in plan
    assert world.row(task_id).label == "正常"
    whole = browser.get(f"/tasks/{task_id}/roll-back?module={modules['模块A']}").text
    assert "将要求 1 个点位还原，1 个点位暂不升级，通知 3 人。" in whole


def test_the_planner_needs_a_module_and_words_and_keeps_what_was_typed_T17(
    browser_of: Open, world: World
) -> None:
    task_id, modules = half_done(world)
    page = f"/tasks/{task_id}/roll-back"
    browser = browser_of("林敏")

    answer = browser.submit(page, page, module=modules["模块A"], reason="")
    assert answer.status_code == 422
    assert "请填写回退说明" in answer.text
    assert re.search(rf'value="{modules["模块A"]}"[^>]* checked', answer.text)
    answer = browser.submit(page, page, reason="取数有误")
    assert "请勾选要回退的模块" in answer.text
    assert "取数有误</textarea>" in answer.text


def test_the_words_and_the_duty_stand_on_the_row_until_it_is_confirmed_T17_T20(
    browser_of: Open, world: World
) -> None:
    task_id, modules = half_done(world)
    page = f"/tasks/{task_id}/roll-back"
    publisher = browser_of("林敏")
    answer = publisher.submit(page, page, module=modules["模块A"], reason="取数有误，请还原。")
    assert "1 个点位须还原，1 个点位暂不升级" in publisher.get(answer.headers["Location"]).text

    row, browser = world.row(task_id), browser_of("王强")
    shown = browser.get(f"/point-tasks/{row.id}").text
    assert "<b>回退说明</b>取数有误，请还原。" in shown
    assert "模块A：是→需回退" in shown
    item = str(row.items[0].id)
    assert re.search(rf'name="item" value="{item}"[^>]* aria-label="模块A 已回退"', shown)
    action = f"/point-tasks/{row.id}/feed-back"
    browser.submit(f"/point-tasks/{row.id}", action, item=[item], note="已还原")
    assert "模块A：需回退→已回退" in browser.get(f"/point-tasks/{row.id}").text
    assert 'data-testid="restored-of">1 / 1<' in publisher.get(f"/tasks/{task_id}").text


def test_a_point_that_waits_shows_so_and_offers_nothing_T19_Q16(browser_of: Open, world: World) -> None:
    task_id, modules = half_done(world)
    page = f"/tasks/{task_id}/roll-back"
    browser_of("林敏").submit(page, page, module=list(modules.values()), reason="取数有误")

    shown = browser_of("王强").get(f"/point-tasks/{world.row(task_id, '130104').id}").text
    assert shown.count('<span class="cell-value">暂不升级</span>') == 3
    assert "各模块都暂不升级，没有需要办理的" in shown
    listed = browser_of("林敏").get(f"/tasks/{task_id}?label=暂不升级").text
    assert "桥西区" in listed
    assert "长安区" not in listed.split('id="rows"')[1]


def test_the_button_is_there_on_upgrades_only_and_says_why_it_is_over_T15(
    browser_of: Open, world: World
) -> None:
    task_id, modules = half_done(world)
    browser, page = browser_of("林敏"), f"/tasks/{task_id}/roll-back"
    assert 'data-testid="roll-back"' in browser.get(f"/tasks/{task_id}").text
    assert 'data-testid="roll-back"' not in browser.get(f"/tasks/{world.published('130102')}").text

    browser.submit(page, page, module=list(modules.values()), reason="取数有误")
    assert 'data-why="所有模块都已回退或暂不升级' in browser.get(f"/tasks/{task_id}").text
    assert "所有模块都已回退或暂不升级" in browser.get(page).text


def test_the_repair_starts_from_the_rolled_back_task_and_both_link_each_other_Q21(
    browser_of: Open, world: World
) -> None:
    task_id, modules = half_done(world)
    browser, page = browser_of("林敏"), f"/tasks/{task_id}/roll-back"
    browser.submit(page, page, module=modules["模块A"], reason="取数有误")

    begin = f"/tasks/new?follows={task_id}"
    assert 'value="130102,130104"' in browser.get(begin).text
    fixed = {"type": "升级任务", "urgency": "紧急", "due_at": "2026-11-24T18:00", "places": "130102"}
    patch = str(world.patch("模块A", version="3.2.2"))
    repair = browser.submit(begin, "/tasks/new", patch=patch, **fixed).headers["Location"]
    assert f'href="/tasks/{task_id}"' in browser.get(repair).text
    assert f'href="{repair}"' in browser.get(f"/tasks/{task_id}").text


def test_the_note_of_a_module_is_on_the_row_and_cannot_be_changed_there_T21_T22_T44(
    browser_of: Open, world: World
) -> None:
    row = world.row(world.upgrade("130102"))

    page = browser_of("王强").get(f"/point-tasks/{row.id}").text
    assert 'aria-label="模块A 的补丁说明"' in page
    assert "修复模块A的已知问题。</span>" in page
    assert "修复模块A" not in "".join(re.findall(r"<(?:input|textarea)[^>]*>[^<]*", page))
