"""The door itself: who is let in, what is refused, and that every refusal is JSON in Chinese (X-S17, X-S25)."""

from collections.abc import Callable

import pytest
from flask import Flask

from app.tasks.face import READ_TASKS, WRITE_PATCHES
from app.tasks.patches.registering import LARGEST_BODY
from app.work import api_tokens
from tests.api.conftest import System
from tests.told_time import ToldTime
from tests.world import World

Make = Callable[..., System]
PATCHES = "/api/v1/patches"

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def bearer(system: System) -> dict[str, str]:
    return {"Authorization": f"Bearer {system.token}"}


@pytest.mark.parametrize("shown", [None, "Bearer", "Bearer fwrw_guess", "Basic dXNlcjpwYXNz", "Bearer 令牌"])
def test_without_a_live_token_nobody_is_let_in(app: Flask, world: World, shown: str | None) -> None:
    headers = {"Authorization": shown.encode().decode("latin-1")} if shown else {}
    answer = app.test_client().get("/api/v1/tasks", headers=headers)

    assert (answer.status_code, answer.json["error"]) == (401, "unauthorized")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_revoked_token_is_refused_at_once(system: Make, world: World) -> None:
    reader = system()
    assert reader.get("/tasks").status_code == 200
    api_tokens.revoke(api_tokens.everyone()[0].id, by=world.person("周总"))

    assert reader.get("/tasks").status_code == 401


def test_a_token_does_what_it_was_made_for(system: Make) -> None:
    reader, sender = system(READ_TASKS), system(WRITE_PATCHES)

    assert (reader.post("/patches", {}).status_code, sender.get("/tasks").status_code) == (403, 403)
    assert "登记补丁包" in reader.post("/patches", {}).json["message"]


@pytest.mark.parametrize(
    ("method", "path", "status", "word"),
    [
        ("GET", "/api/v1/nothing", 404, "not_found"),
        ("GET", "/api/v2/tasks", 404, "not_found"),
        ("GET", "/api/v1/tasks/99999999999999", 404, "not_found"),
        ("DELETE", "/api/v1/tasks", 405, "method_not_allowed"),
    ],
)
@pytest.mark.proves("X-S25")
def test_wrong_addresses_and_methods_are_answered_in_json(
    app: Flask, world: World, method: str, path: str, status: int, word: str
) -> None:
    answer = app.test_client().open(path, method=method)

    assert (answer.status_code, answer.json["error"]) == (status, word)
    assert answer.json["request_id"]
    if status == 405:
        assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", None])
def test_only_json_is_taken(app: Flask, system: Make, kind: str | None) -> None:
    answer = app.test_client().post(PATCHES, data="{}", content_type=kind, headers=bearer(system()))

    assert (answer.status_code, answer.json["error"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("body", [b"{", b"", b"[]", b"null", b"\xff\xfe", b'{"name": "\\ud800"}'])
def test_what_is_no_object_is_refused(app: Flask, system: Make, body: bytes) -> None:
    answer = app.test_client().post(
        PATCHES, data=body, content_type="application/json", headers=bearer(system())
    )

    assert answer.status_code in (400, 422)
    assert answer.json["message"]


def test_too_large_a_body_is_refused(app: Flask, system: Make) -> None:
    answer = app.test_client().post(
        PATCHES, data=b"x" * (LARGEST_BODY + 1), content_type="application/json", headers=bearer(system())
    )

    assert (answer.status_code, answer.json["error"]) == (413, "too_large")


def test_a_token_may_call_often_but_not_without_end(system: Make, told_time: ToldTime) -> None:
    reader = system()
    answers = [reader.get("/tasks").status_code for _ in range(121)]
    refused = reader.get("/tasks")

    assert answers == [200] * 120 + [429]
    assert refused.headers["Retry-After"] == "60"
    assert system().get("/tasks").status_code == 200  # another one
    told_time.pass_(seconds=61)
    assert reader.get("/tasks").status_code == 200


@pytest.mark.proves("X-S14")
def test_guessing_from_one_address_ends_soon(app: Flask, world: World) -> None:
    visitor = app.test_client()
    guesses = [
        visitor.get("/api/v1/tasks", headers={"Authorization": f"Bearer fwrw_{n}"}).status_code
        for n in range(31)
    ]

    assert guesses == [401] * 30 + [429]
