"""What people see when something is not done: the right status, a Chinese sentence, their words kept."""

import re
import sqlite3
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event
from werkzeug.test import TestResponse

from app.db import session, transaction
from app.errors import TooOften
from app.people.models import Person
from app.tasks.models import Task
from h5.frame.refusals import TITLES
from h5.frame.rights import open_to_all
from tests.h5.conftest import Open
from tests.h5.test_pages import PUBLISH
from tests.visitor import Visitor
from tests.world import World

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def plain(answer: TestResponse) -> str:
    """The page without its id, which differs every time."""
    return re.sub(r"编号 \w+", "", answer.text)


@pytest.mark.parametrize("status", sorted(TITLES))
@pytest.mark.proves("X-S25")
def test_every_error_page_is_chinese_with_an_id_and_without_a_trace(
    app: Flask, client: Visitor, status: int
) -> None:
    @app.get("/wrong")
    @open_to_all
    def wrong() -> str:
        if status == 429:
            raise TooOften
        if status == 500:
            raise ZeroDivisionError("inner secret")
        from flask import abort

        abort(409 if status == 401 else status)

    answer = client.get("/wrong")
    if status == 401:
        answer = client.post("/messages/read")
    assert answer.status_code == status
    assert CHINESE.search(answer.text.split("<h1>")[1])
    assert answer.headers["X-Request-Id"] in answer.text
    assert "inner secret" not in answer.text
    assert "Traceback" not in answer.text


def test_try_again_says_when(app: Flask, client: Visitor) -> None:
    @app.get("/often")
    @open_to_all
    def often() -> str:
        raise TooOften

    assert client.get("/often").headers["Retry-After"] == "60"


def test_a_wrong_method_names_the_right_ones(browser_of: Open) -> None:
    answer = browser_of("王强").get("/messages/read")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_a_form_that_is_too_large_is_413(browser_of: Open) -> None:
    answer = browser_of("林敏").submit("/tasks/new", "/tasks/new", note="x" * 1_100_000)
    assert answer.status_code == 413


def test_a_mistake_shows_the_form_again_with_everything_typed(browser_of: Open) -> None:
    answer = browser_of("林敏").submit(
        "/tasks/new",
        "/tasks/new",
        act="publish",
        type="数据调度",
        urgency="紧急",
        note="请<b>核对</b>",
        places="130102",
    )
    assert answer.status_code == 422
    assert "请填写任务要求完成时间" in answer.text
    assert "请&lt;b&gt;核对&lt;/b&gt;</textarea>" in answer.text
    assert re.search(r'value="数据调度"[^>]*checked', answer.text)
    assert 'name="places" value="130102" id="places"' in answer.text


def test_nonsense_in_a_field_is_a_mistake_of_that_field(browser_of: Open) -> None:
    for due_at in ("2026-13-45T99:00", "tomorrow", "0000-01-01T00:00", "9" * 300):
        answer = browser_of("林敏").submit("/tasks/new", "/tasks/new", due_at=due_at, places="130102")
        assert answer.status_code == 422
        assert "时间写法有误" in answer.text


@pytest.mark.parametrize("year", ["0001", "1999", "2200", "9999"])
def test_a_year_that_nobody_means_is_a_mistake_of_its_field(browser_of: Open, year: str) -> None:
    answer = browser_of("林敏").submit("/tasks/new", "/tasks/new", due_at=f"{year}-12-31T23:59", act="draft")
    assert answer.status_code == 422
    assert "时间写法有误" in answer.text
    assert browser_of("何志远").get(f"/deliveries?until={year}-12-31").status_code == 422


@pytest.mark.parametrize("choice", ["type", "urgency"])
def test_a_draft_may_leave_a_choice_open_but_not_invent_one(browser_of: Open, choice: str) -> None:
    fields = {"act": "draft", "note": "以后再说"}
    browser = browser_of("林敏")
    assert browser.submit("/tasks/new", "/tasks/new", **fields).status_code == 302
    answer = browser.submit("/tasks/new", "/tasks/new", **fields, **{choice: "十万火急、不在名单里的"})
    assert answer.status_code == 422
    assert "请选择" in answer.text
    assert "以后再说</textarea>" in answer.text


def test_a_stale_page_says_so_and_keeps_the_note(browser_of: Open, world: World) -> None:
    row = world.point_task()
    page = f"/point-tasks/{row.id}"
    browser = browser_of("王强")
    world.feed_back(row, note="另一台设备上写的")
    answer = browser.submit(page, f"{page}/feed-back", note="我写的说明", version="1")
    assert answer.status_code == 409
    assert "刚被其他人更新" in answer.text
    assert (
        newest(answer.text) == "最近一次：2026-11-23 09:00 王强 反馈，应急事件：否→是，说明：另一台设备上写的"
    )
    assert "我写的说明</textarea>" in answer.text
    assert f'name="version" value="{world.row(row.task_id).version}"' in answer.text


def test_two_editors_at_once_the_second_reads_what_the_first_did(browser_of: Open, world: World) -> None:
    task = world.published("130102")
    page, browser = f"/tasks/{task}/edit", browser_of("林敏")
    fields = {**PUBLISH, "places": "130102"}
    assert browser_of("周总").submit(page, page, **fields | {"note": "周总写的"}).status_code == 302
    answer = browser.submit(page, page, **fields | {"note": "林敏写的", "version": "1"})
    assert answer.status_code == 409
    assert "周总 编辑任务" in newest(answer.text)
    assert "任务说明：请先备份。 → 周总写的" in newest(answer.text)
    assert "林敏写的</textarea>" in answer.text


@pytest.mark.parametrize(
    ("name", "act", "status", "sentence"),
    [
        ("林敏", "close", 403, "只有主管、服务经理、实施人可以办结。"),
        ("郑大区", "feed-back", 403, "只有主管、服务经理、实施人可以反馈。"),
        ("王强", "urge", 403, "只有发布人、部门经理可以催办。"),
        ("林敏", "send-back", 409, "该点位尚未办结，不能打回"),
        ("王强", "close", 409, "还差 1 项未完成：应急事件。"),
        ("沈海", "close", 404, "没有这条任务，或您无权限查看。"),
    ],
)
@pytest.mark.proves("X-S2")
def test_a_forged_request_is_refused_in_the_words_of_the_disabled_button(
    browser_of: Open, world: World, name: str, act: str, status: int, sentence: str
) -> None:
    row, browser = world.point_task(), browser_of(name)
    token = re.search(r'name="csrf_token" value="([^"]*)"', browser.get("/me").text)
    assert token is not None
    words = {"note": "代填", "reason": "抽查", "impact": "全区", "item": str(row.items[0].id)}
    sent = {"csrf_token": token[1], "form_key": world.key(), "version": str(row.version), **words}
    answer = browser.visitor.post(f"/point-tasks/{row.id}/{act}", data=sent)
    assert (answer.status_code, sentence in answer.text) == (status, True)
    assert world.row(row.task_id).version == row.version


def newest(page: str) -> str:
    """Who did what meanwhile, as the refused page says it."""
    line = page.split('data-testid="newest">')[1].split("</p>")[0]
    return re.sub(r"<[^>]+>", "", line).strip()


@pytest.mark.proves("X-D7")
def test_a_note_for_a_row_that_was_closed_meanwhile_can_still_be_copied(
    browser_of: Open, world: World
) -> None:
    row = world.closed_point_task()
    page = f"/point-tasks/{row.id}"
    answer = browser_of("王强").submit(page, f"{page}/feed-back", note="迟到的说明", version=str(row.version))
    assert answer.status_code == 409
    assert "该点位已办结" in answer.text
    assert "迟到的说明</textarea>" in answer.text


def test_without_a_session_a_form_is_kept_and_the_way_back_leads_to_it(client: Visitor, world: World) -> None:
    row = world.point_task()
    answer = client.post(f"/point-tasks/{row.id}/feed-back", data={"note": "山里信号不好"})
    assert answer.status_code == 401
    assert "山里信号不好</textarea>" in answer.text
    assert f'href="/login?next=/point-tasks/{row.id}"' in answer.text


def test_htmx_without_a_session_is_led_to_the_login_page(client: Visitor) -> None:
    answer = client.post("/messages/read", headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == "/login"


@pytest.mark.proves("X-S6")
def test_a_missing_or_foreign_token_is_refused_and_the_text_kept(browser_of: Open, world: World) -> None:
    page = f"/point-tasks/{world.point_task().id}"
    for fields in ({"csrf_token": ""}, {"csrf_token": "forged"}):
        answer = browser_of("王强").submit(page, f"{page}/feed-back", note="我的说明", **fields)
        assert answer.status_code == 400
        assert "我的说明</textarea>" in answer.text


def test_a_foreign_row_and_a_missing_one_look_the_same(browser_of: Open, world: World) -> None:
    row = world.point_task()
    browser = browser_of("沈海")
    foreign, missing = browser.get(f"/point-tasks/{row.id}"), browser.get("/point-tasks/999999")
    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert plain(foreign) == plain(missing)
    assert "没有这条任务，或您无权限查看" in foreign.text


@pytest.mark.parametrize("row_id", ["0", "2147483648", "99999999999999999999", "-1", "x", "1e3"])
def test_ids_that_cannot_be_are_not_found(browser_of: Open, row_id: str) -> None:
    assert browser_of("王强").get(f"/point-tasks/{row_id}").status_code == 404


def test_text_with_control_characters_is_cleaned(browser_of: Open, world: World) -> None:
    row = world.point_task()
    page = f"/point-tasks/{row.id}"
    browser_of("王强").submit(page, f"{page}/feed-back", note="第一行\r\n第\x00二\x1b行")
    assert world.row(row.task_id).latest_note == "第一行\n第二行"


@pytest.fixture
def held(database_url: str) -> Iterator[None]:
    """Another process is in the middle of a long write."""
    file = database_url.removeprefix("sqlite:///")
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.rollback()
    other.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.proves("X-A5")
def test_a_locked_database_answers_503_with_the_text_kept(
    app: Flask, browser_of: Open, world: World, request: pytest.FixtureRequest
) -> None:
    row = world.point_task()
    page = f"/point-tasks/{row.id}"
    browser = browser_of("王强")
    app.config["SQLALCHEMY_ENGINE_OPTIONS"]["connect_args"]["timeout"] = 0.1
    with app.app_context():
        session().get_bind().dispose()
    request.getfixturevalue("held")
    with app.app_context():
        session().connection().exec_driver_sql("PRAGMA busy_timeout=100")
    answer = browser.submit(page, f"{page}/feed-back", note="正在写")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "系统繁忙" in answer.text
    assert "正在写</textarea>" in answer.text
    assert world.row(row.task_id).latest_note == ""


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.proves("X-A6")
def test_a_full_disk_answers_503_keeps_the_text_and_lets_people_read(
    app: Flask, browser_of: Open, world: World
) -> None:
    row = world.point_task()
    page = f"/point-tasks/{row.id}"
    browser = browser_of("王强")

    def room(connection: sqlite3.Connection, _record: object, _proxy: object) -> None:
        connection.execute("PRAGMA max_page_count=1")  # no more than there are

    engine = session().get_bind()
    event.listen(engine, "checkout", room)
    for _ in range(50):  # what is left of the last pages is used up
        answer = browser.submit(page, f"{page}/feed-back", note="字" * 500)
        if answer.status_code != 302:
            break
    read = browser.get(page)
    event.remove(engine, "checkout", room)
    engine.dispose()

    assert answer.status_code == 503
    assert "存储空间不足，请联系管理员。" in answer.text
    assert "字" * 500 in answer.text
    assert read.status_code == 200
    assert browser.submit(page, f"{page}/feed-back", note="又有空间了").status_code == 302


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_missing_table_is_a_fault_not_a_busy_database(browser_of: Open) -> None:
    browser = browser_of("王强")
    with transaction() as current:
        current.execute(sa.text("DROP TABLE task_item"))
        current.execute(sa.text("DROP TABLE delivery"))
    assert browser.get("/messages").status_code == 500


@pytest.mark.proves("X-A1", "X-D1")
def test_a_double_tap_publishes_once(browser_of: Open, world: World, client: Visitor) -> None:
    browser = browser_of("林敏")
    fields = {"type": "应急事件", "urgency": "一般", "due_at": "2026-11-24T18:00", "places": "130102"}
    key = world.key()
    answers = [
        browser.submit("/tasks/new", "/tasks/new", form_key=key, act="publish", **fields) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert session().execute(sa.select(sa.func.count()).select_from(Task)).scalar_one() == 1


@pytest.mark.proves("X-S7")
def test_hostile_names_are_shown_as_text(browser_of: Open, world: World) -> None:
    with transaction() as current:
        current.get_one(Person, world.by_name["王强"]).name = "<script>alert(1)</script>"
    row = world.point_task()
    for page in (f"/point-tasks/{row.id}", f"/tasks/{row.task_id}", "/tasks", "/me"):
        assert "<script>alert" not in browser_of("王强").get(page).text
