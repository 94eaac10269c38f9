"""GET /api/v1/tasks and what lies below: what a token may read, page by page (A-84, G-18)."""

from collections.abc import Callable

import pytest

from app.tasks.publishing import drafts
from tests.api.conftest import System
from tests.world import World

Make = Callable[..., System]


def test_a_task_is_read_with_its_numbers(system: Make, world: World) -> None:
    task_id = world.published("130102", "130104", "310101")
    world.feed_back(world.row(task_id))

    answer = system().get(f"/tasks/{task_id}")

    assert answer.status_code == 200
    assert answer.json["publisher"] == {"userid": "linmin", "name": "林敏"}
    assert (answer.json["rows"], answer.json["rows_by_label"]) == (3, {"正常": 3})
    assert (answer.json["type"], answer.json["state"]) == ("应急事件", "未完成")


def test_rows_come_with_people_place_and_items(system: Make, world: World) -> None:
    task_id = world.published("130102")
    world.feed_back(world.row(task_id), note="已恢复")

    [row] = system().get(f"/tasks/{task_id}/point-tasks").json["items"]

    assert row["place"] == {"code": "130102", "name": "长安区", "path": "河北省 / 石家庄市 / 长安区"}
    assert (row["region"], row["implementer"]["name"], row["supervisor"]["name"]) == (
        "华北大区",
        "王强",
        "赵岚",
    )
    assert row["items"] == [{"name": "应急事件", "state": "是"}]
    assert (row["percent"], row["latest_note"], row["overdue"]) == (100, "已恢复", False)


def test_pages_follow_each_other_without_gap_or_repeat(system: Make, world: World) -> None:
    tasks = [world.published("130102") for _ in range(5)]
    seen, after, reader = [], "", system()

    while after is not None:
        page = reader.get(f"/tasks?limit=2{after and f'&after={after}'}").json
        seen += [task["id"] for task in page["items"]]
        after = page["next_after"]

    assert seen == tasks[::-1]


def test_the_rows_of_a_task_are_paged_too(system: Make, world: World) -> None:
    task_id, reader = world.published("130102", "130104", "130105"), system()
    first = reader.get(f"/tasks/{task_id}/point-tasks?limit=2").json
    second = reader.get(f"/tasks/{task_id}/point-tasks?limit=2&after={first['next_after']}").json

    names = [row["place"]["name"] for page in (first, second) for row in page["items"]]
    assert names == ["长安区", "桥西区", "新华区"]
    assert second["next_after"] is None


def test_a_token_of_one_region_reads_its_rows_alone(system: Make, world: World) -> None:
    both, east = world.published("130102", "310101"), world.published("310101")
    north = system(region="华北大区")

    assert [task["id"] for task in north.get("/tasks").json["items"]] == [both]
    assert north.get(f"/tasks/{both}").json["rows"] == 1
    [row] = north.get(f"/tasks/{both}/point-tasks").json["items"]
    assert row["region"] == "华北大区"
    assert north.get(f"/tasks/{east}").status_code == 404
    assert north.get(f"/tasks/{east}/point-tasks").status_code == 404


def test_a_foreign_task_a_draft_and_a_missing_one_look_alike(system: Make, world: World) -> None:
    foreign = world.published("310101")
    draft = drafts.save_draft(world.form("130102"), by=world.person("林敏"), form_key=world.key())
    north = system(region="华北大区")

    answers = [north.get(f"/tasks/{n}").json for n in (foreign, draft, 999)]

    assert {answer["message"] for answer in answers} == {"没有这条任务，或令牌不能读取它所在的大区。"}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("query", "field", "sentence"),
    [
        ("limit=0", "limit", "不能小于 1。"),
        ("limit=201", "limit", "不能大于 200。"),
        ("after=abc", "after", "应为整数。"),
        ("since=today", "since", "没有这个字段，请去掉。"),
        ("limit=1&limit=2", "limit", "写了不止一次。"),
    ],
)
def test_a_query_that_makes_no_sense_is_refused_by_field(system: Make, query, field, sentence) -> None:
    answer = system().get(f"/tasks?{query}")

    assert answer.status_code == 422
    assert answer.json["fields"] == {field: sentence}
