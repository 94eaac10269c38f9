"""导出 of the lists: exactly what the filter shows to whoever asks (F-32, X-S1, X-S14)."""

import re
from urllib.parse import quote

import pytest

from app.insight import audit
from app.insight.exports import ledger as ledger_export
from app.tasks.field import implement
from app.tasks.reading import queries, versions
from tests.h5.conftest import Open
from tests.insight.workbooks import column, lines_in
from tests.told_time import ToldTime
from tests.world import World

KEY = "0123456789abcdef"


def export_address(text: str) -> str:
    found = re.search(r'href="(/[^"]*/export\?[^"]*)"', text)
    assert found is not None
    return found[1].replace("&amp;", "&")


@pytest.mark.parametrize(
    ("name", "asked", "points"),
    [
        ("周总", "all=1", ["黄浦区", "新华区", "桥西区", "长安区"]),
        ("周总", "all=1&place=石家庄市&person=王强", ["桥西区", "长安区"]),
        ("周总", "all=1&label=已办结", ["新华区"]),
        ("王强", "mine=1", ["桥西区", "长安区"]),
        ("沈海", "all=1", ["黄浦区"]),
    ],
)
def test_the_file_has_the_rows_of_the_list(
    browser_of: Open, world: World, monkeypatch: pytest.MonkeyPatch, name: str, asked: str, points: list[str]
) -> None:
    monkeypatch.setattr(queries, "MOST_PER_PAGE", 2)  # several pages of it
    task = world.published("130102", "130104", "130105", "310101")
    row = world.row(task, "130105")
    world.feed_back(row, by="李静", note="=1+1")
    implement.close(row.id, by=world.person("李静"), seen_version=None, form_key=world.key())
    browser = browser_of(name)

    file = browser.get(export_address(browser.get(f"/tasks?{asked}").text)).data

    assert column(file, "点位") == points


def test_the_rows_of_one_task_with_everything_about_them(browser_of: Open, world: World) -> None:
    task = world.published("130102", "310101")
    world.feed_back(world.row(task), note="=1+1")
    browser = browser_of("林敏")

    file = browser.get(export_address(browser.get(f"/tasks/{task}?all=1&sort=due").text)).data

    assert column(file, "区划代码") == ["130102", "310101"]
    assert column(file, "上级区划") == ["河北省 / 石家庄市", "上海市"]
    assert column(file, "明细") == ["应急事件：是", "应急事件：否"]
    assert column(file, "最近说明") == ["=1+1", None]
    assert column(file, "大区") == ["华北大区", "华东大区"]


def test_the_file_has_a_chinese_name_and_its_size(
    browser_of: Open, world: World, told_time: ToldTime
) -> None:
    told_time.at("2026-11-23 09:00")
    task = world.published("130102")
    answer = browser_of("林敏").get(f"/tasks/export?task={task}")

    assert answer.headers["Content-Disposition"].endswith(quote(f"任务{task}_应急事件_20261123_0900.xlsx"))
    assert answer.content_length == len(answer.data)
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_task_of_others_is_not_found(browser_of: Open, world: World) -> None:
    task = world.published("130102")

    assert browser_of("沈海").get(f"/tasks/export?task={task}").status_code == 404


def test_progress_is_answered_to_whom_it_belongs(browser_of: Open, world: World) -> None:
    world.published("130102")
    browser = browser_of("王强")
    browser.get(f"/tasks/export?all=1&key={KEY}")

    assert browser.get(f"/exports/{KEY}").json == {"done": 1, "total": 1}
    assert browser_of("赵岚").get(f"/exports/{KEY}").status_code == 404


def test_five_exports_a_minute_are_enough_for_one_person(
    browser_of: Open, world: World, told_time: ToldTime
) -> None:
    browser = browser_of("王强")

    answers = [browser.get("/tasks/export").status_code for _ in range(6)]

    assert answers == [200] * 5 + [429]
    assert browser_of("赵岚").get("/tasks/export").status_code == 200
    told_time.pass_(seconds=61)
    assert browser.get("/tasks/export").status_code == 200


def test_an_empty_list_has_nothing_to_export_and_says_so(browser_of: Open, world: World) -> None:
    assert 'data-why="没有可以导出的内容。"' in browser_of("王强").get("/tasks?all=1").text


def test_the_log_as_a_file_has_what_its_filter_shows_and_not_its_own_line(
    browser_of: Open, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "PART", 2)  # several pages of it
    for code in ("130102", "130104", "130105"):
        world.published(code)
    world.feed_back(world.point_task(), note="=1+1")
    admin = browser_of("何志远")

    file = admin.get(export_address(admin.get("/admin/audit?person=林敏&act=publish").text)).data
    assert column(file, "操作") == ["发布"] * 4
    assert dict(lines_in(file, "说明"))["筛选"] == "谁 林敏，操作 发布"

    file = admin.get(export_address(admin.get("/admin/audit").text)).data
    assert column(file, "操作") == ["导出", "反馈", *["发布"] * 4]
    assert column(file, "说明")[:2] == [None, "=1+1"]


def test_versions_as_a_file_are_those_of_the_page(
    browser_of: Open, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(versions, "PLACES", 1)
    task = world.upgrade("130102", "130105", "310101", modules=("模块A", "模块B"))
    for code in ("130102", "130105", "310101"):
        row = world.row(task, code)
        world.feed_back(row, by=row.implementer.name)
    browser = browser_of("林敏")

    file = browser.get(export_address(browser.get("/versions").text)).data
    assert column(file, "点位") == ["长安区", "长安区", "新华区", "新华区", "黄浦区", "黄浦区"]
    assert column(file, "模块") == ["模块A", "模块B"] * 3

    file = browser.get(export_address(browser.get("/versions?place=上海市&patch=1").text)).data
    assert column(file, "点位") == ["黄浦区", "黄浦区"]
    assert dict(lines_in(file, "说明"))["筛选"] == "补丁包 征管补丁 3.2.1，区划 上海市"
    assert "没有可以导出的内容" in browser_of("沈海").get("/versions?place=河北省").text


def test_deliveries_as_a_file_all_for_administrators_and_one_tasks_for_who_manages_it(
    browser_of: Open, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_export, "PART", 2)
    task = world.published("130102", "130105")
    world.published("310101")
    publisher, admin = browser_of("林敏"), browser_of("何志远")

    file = publisher.get(export_address(publisher.get(f"/tasks/{task}/deliveries").text)).data
    assert sorted(column(file, "接收人")) == sorted(["王强", "李静", "赵岚", "孙丽"])
    assert "王强有一条紧急的应急事件任务" in str(column(file, "内容"))

    file = admin.get(export_address(admin.get("/deliveries?person=沈海&outcome=待发").text)).data
    assert column(file, "接收人") == ["沈海"]
    assert dict(lines_in(file, "说明"))["筛选"] == "接收人 沈海，结果 待发"
    assert 'data-testid="export"' not in browser_of("王强").get(f"/tasks/{task}/deliveries").text
