"""What is missing and what is not yours: the same 404 in the same words, before anything else is looked at (X-S1)."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from itsdangerous import URLSafeTimedSerializer

from app.people import sessions
from app.tasks.face import READ_TASKS
from tests.api.conftest import System, system  # noqa: F401 (a fixture)
from tests.h5.test_rights_matrix import FILLED, HEAD, LINES, MORE
from tests.visitor import Visitor
from tests.work.files import attach, picture, upload
from tests.world import World

MISSING = {"task": 999999, "row": 999999, "uid": "0" * 32, "delivery": 999999, "person": 999999}
OLD = {"version": "0", "note": "写了些字", "reason": "写了些字", "impact": "写了些字"}
ASKED = [  # every address with an id that is a 404 for one of these
    (method, path, name)
    for method, path, *expected in LINES
    for name in ("沈海", "何主任", "王强")
    if expected[HEAD.index(name)] == "404" and re.search("{(task|row|uid|delivery|person)}", path)
]


@pytest.fixture
def ask(app: Flask, world: World) -> Callable[[str, str, str], tuple[int, str]]:
    """`ask("王强", "POST", path)`: the status, and the page without what differs every time."""
    visitors: dict[str, Visitor] = {}
    token = URLSafeTimedSerializer(app.secret_key, salt="wtf-csrf-token").dumps("seed")

    def asked(name: str, method: str, path: str) -> tuple[int, str]:
        if name not in visitors:
            visitors[name] = app.test_client()
            with visitors[name].session_transaction() as cookie:
                cookie.update({"csrf_token": "seed", "_user_id": sessions.start(world.by_name[name])})
        sent = FILLED | MORE.get(path.rsplit("/", 1)[1], {}) | OLD
        sent |= {"form_key": world.key(), "csrf_token": token}
        answer = visitors[name].open(path, method=method, data=sent if method == "POST" else None)
        return answer.status_code, re.sub(r"编号 \w+", "", answer.text)

    return asked


@pytest.mark.proves("R-P8", "X-S1")
def test_at_every_address_the_missing_and_the_foreign_look_the_same(
    world: World, ask: Callable[[str, str, str], tuple[int, str]]
) -> None:
    task = world.published("130102")
    row = world.row(task)
    [photo] = attach(row, upload(picture()), by=world.person("林敏"))
    there = {"task": task, "row": row.id, "uid": photo.uid, "delivery": 1, "person": world.by_name["李静"]}
    wrong = []
    for method, path, name in ASKED:
        foreign, missing = (ask(name, method, path.format(place=0, **ids)) for ids in (there, MISSING))
        if foreign != missing or foreign[0] != 404:
            said = [re.findall('role="alert">(.*?)<', page) for _, page in (foreign, missing)]
            wrong.append(
                f"{method} {path}: {name} got {foreign[0]} {said[0]}, for a missing one {missing[0]} {said[1]}"
            )
    assert len(ASKED) > 40
    assert not wrong, "\n".join(wrong)


def test_other_systems_cannot_tell_them_apart_either(
    world: World,
    system: Callable[..., System],  # noqa: F811
) -> None:
    task = world.published("310101")
    reader = system(READ_TASKS, region="华北大区")

    for path in ("/tasks/{}", "/tasks/{}/point-tasks"):
        foreign, missing = (reader.get(path.format(one)) for one in (task, 999999))
        assert (foreign.status_code, missing.status_code) == (404, 404)
        assert foreign.json["message"] == missing.json["message"]


def test_of_several_rows_the_missing_and_the_foreign_answer_alike(
    world: World, ask: Callable[[str, str, str], tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    task = world.published("130102", "310101")
    for row_id in (world.row(task, "310101").id, 999999):
        monkeypatch.setitem(OLD, "row", str(row_id))
        status, page = ask("王强", "POST", f"/tasks/{task}/feed-back")

        assert status == 200
        assert "没有这条任务，或您无权限查看。" in page
        assert "黄浦区" not in page
