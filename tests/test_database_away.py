# ruff: noqa: F811 (fixtures of other folders)
"""The database goes away under a running program and comes back: nothing typed is lost, nothing has to be restarted.

PostgreSQL cuts every connection and lets nobody in; SQLite's file is out of reach.
"""

import io
import logging
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from app.db import db, session, transaction
from callbacks import inbox
from callbacks.models import InboxEvent
from scheduler.duty import Duty
from scheduler.jobs import Job
from tests.api.conftest import system  # noqa: F401 (a fixture)
from tests.callbacks.conftest import post, sender, stored  # noqa: F401 (fixtures)
from tests.databases import Databases, close_database
from tests.h5.conftest import HIDDEN, Browser, browser_of  # noqa: F401 (a fixture)
from tests.visitor import Visitor
from tests.wecom.envelope import Sender
from tests.world import World

Away = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def away(app: Flask, database_url: str, databases: Databases) -> Away:
    """`with away():` nobody reaches the database."""
    url = sa.make_url(database_url)
    return (
        _no_postgres(databases, str(url.database))
        if "postgres" in database_url
        else _no_file(str(url.database))
    )


def _no_postgres(databases: Databases, name: str) -> Away:
    @contextmanager
    def gone() -> Iterator[None]:
        databases.let_in(name, False)
        try:
            yield
        finally:
            databases.let_in(name, True)

    return gone


def _no_file(file: str) -> Away:
    @contextmanager
    def gone() -> Iterator[None]:
        close_database()  # an open line would go on with the file that it holds
        kept = shutil.move(file, f"{file}.kept")
        Path(file).mkdir()
        try:
            yield
        finally:
            Path(file).rmdir()
            shutil.move(kept, file)

    return gone


def busy(answer: TestResponse) -> bool:
    """503, in Chinese, with the moment to try again."""
    assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "5"), answer.text[:500]
    return "系统繁忙" in answer.text


def form_of(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the form that goes to `action`."""
    part = page.split(f'action="{action}"')[1].split("</form>")[0]
    return dict(HIDDEN.findall(part))


@pytest.mark.parametrize(
    "path", ["/", "/tasks", "/point-tasks/1", "/messages", "/tasks/new", "/login?here=1", "/me"]
)
@pytest.mark.proves("X-A7")
def test_a_page_says_so_in_chinese_and_works_again_by_itself(
    browser_of: Callable[[str], Browser],
    world: World,
    away: Away,
    path: str,
) -> None:
    world.point_task()
    browser = browser_of("林敏")
    before = browser.get(path).status_code

    with away():
        answer = browser.get(path)
        assert busy(answer)
        assert "您填写的内容" not in answer.text
        assert f'href="{path}"' in answer.text  # 再试一次

    assert browser.get(path).status_code == before


def test_a_form_comes_back_with_its_words_and_can_be_sent_once_more(
    browser_of: Callable[[str], Browser],
    world: World,
    away: Away,
) -> None:
    task_id = world.published("130102")
    page = f"/point-tasks/{world.row(task_id).id}"
    action = f"{page}/feed-back"
    browser = browser_of("王强")
    fields = form_of(browser.get(page).text, action)
    photo = (io.BytesIO(b"..."), "现场.jpg")

    with away():
        answer = browser.visitor.post(action, data=fields | {"note": "山里写的说明", "files": photo})

    assert busy(answer)
    assert "山里写的说明</textarea>" in answer.text
    assert "附件没有保存：现场.jpg。请重新选择。" in answer.text
    again = form_of(answer.text, action)
    assert again["form_key"] == fields["form_key"]
    assert browser.visitor.post(action, data=again | {"note": "山里写的说明"}).status_code == 302
    assert world.row(task_id).latest_note == "山里写的说明"


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
@pytest.mark.parametrize(
    "statement", ["SELECT", "INSERT INTO form_key", "UPDATE point_task", "INSERT INTO history"]
)
def test_a_database_that_goes_in_the_middle_of_a_form_is_no_fault_either(
    browser_of: Callable[[str], Browser], world: World, away: Away, statement: str
) -> None:
    task_id = world.published("130102")
    page = f"/point-tasks/{world.row(task_id).id}"
    action = f"{page}/feed-back"
    browser = browser_of("王强")
    fields = form_of(browser.get(page).text, action) | {"note": "写到一半"}

    gone = False

    with ExitStack() as later:

        def now(_line: Any, _cursor: Any, said: str, *_more: Any) -> None:
            nonlocal gone
            if said.startswith(statement) and not gone:
                gone = True
                later.enter_context(away())

        sa.event.listen(db.engine, "before_cursor_execute", now)
        answer = browser.visitor.post(action, data=fields)
        sa.event.remove(db.engine, "before_cursor_execute", now)

    assert busy(answer)
    assert "写到一半</textarea>" in answer.text
    assert world.row(task_id).latest_note == ""
    assert browser.visitor.post(action, data=fields).status_code == 302


def test_other_systems_are_told_in_json(system: Callable[..., Any], away: Away) -> None:
    reader = system()

    with away():
        answers = [reader.get("/tasks"), reader.post("/patches", {})]

    for answer in answers:
        assert (answer.status_code, answer.json["error"], answer.headers["Retry-After"]) == (503, "busy", "5")
    assert reader.get("/tasks").status_code == 200


def test_probes_are_told_too(client: Visitor, world: World, away: Away) -> None:
    with away():
        ready, numbers, alive = (client.get(path) for path in ("/readyz", "/metrics", "/healthz"))

    assert (ready.status_code, ready.json["checks"]) == (503, {"database": "unreachable"})
    assert (numbers.status_code, numbers.mimetype) == (503, "text/plain")
    assert ready.headers["Retry-After"] == numbers.headers["Retry-After"] == "5"
    assert alive.status_code == 200
    assert client.get("/metrics").status_code == 200


def test_wecom_is_asked_to_send_a_callback_again(
    post: Callable[[str], TestResponse],
    sender: Sender,
    stored: Callable[[], list[InboxEvent]],
    away: Away,
) -> None:
    click = sender.click()
    assert post(sender.click(code="earlier")).status_code == 200

    with away():
        answer = post(click)

    assert (answer.status_code, answer.data, answer.headers["Retry-After"]) == (503, b"", "5")
    assert post(click).status_code == 200
    assert len(stored()) == 2


def test_a_job_says_one_line_and_does_its_work_afterwards(
    app: Flask, world: World, away: Away, caplog: pytest.LogCaptureFixture
) -> None:
    duty, done = Duty(app, stop=Event()), []
    job = Job(
        "look", lambda: done.append(session().execute(sa.text("SELECT 1")).scalar()), 1, needs_lease=True
    )

    with away():
        duty.perform(job)
        duty.perform(job)
    said = [record for record in caplog.records if record.name == "scheduler.duty"]

    assert (len(said), said[0].levelno, said[0].exc_info) == (1, logging.WARNING, None)
    duty.perform(job)
    assert done == [1]
    with away():
        duty.leave()  # ends all the same


@pytest.mark.parametrize("command", ["scheduler once inbox", "deliveries list", "doctor", "db upgrade"])
def test_commands_say_a_sentence_and_no_trace(app: Flask, world: World, away: Away, command: str) -> None:
    with away():
        result = app.test_cli_runner().invoke(args=command.split())

    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert "数据库" in result.output
    assert "启动" in result.output


def test_an_event_is_not_given_up_because_the_database_was_away(
    post: Callable[[str], TestResponse],
    sender: Sender,
    stored: Callable[[], list[InboxEvent]],
    told_time: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    post(sender.click())
    monkeypatch.setattr(inbox, "handle", _cut_in_the_middle)
    for _ in range(2 * inbox.MOST_TRIES):
        inbox.work_off()
        told_time.pass_(minutes=11)

    (event,) = stored()
    assert event.next_at is not None
    assert event.attempts == 0


def _cut_in_the_middle(_event: object) -> str:
    with transaction() as current:
        if db.engine.dialect.name == "sqlite":
            current.execute(sa.text("PRAGMA busy_timeout=0"))
            with db.engine.connect() as other:
                other.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            current.execute(sa.text("SELECT pg_terminate_backend(pg_backend_pid())"))
    return ""
