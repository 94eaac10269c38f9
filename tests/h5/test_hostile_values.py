"""No address and no field of any form breaks the program: every route is walked with values that nobody types.

Which fields a view reads is noted while it reads them, so that new ones are tried too.
"""

import re

import pytest
from flask import Flask, Request
from itsdangerous import URLSafeTimedSerializer
from werkzeug.datastructures import ImmutableMultiDict

from app.db import db
from app.people import sessions
from h5.frame.limits import limiter
from tests.h5.test_rights_matrix import HEAD, LINES
from tests.visitor import Visitor
from tests.world import World

WALKERS = ("林敏", "何志远", "王强", "访客")  # the first of them who is let in
HOSTILE = {  # what each database has trouble with
    "postgresql": ("\0" + "🦄" * 300, "9" * 30, "9999-12-31T23:59"),
    "sqlite": ("9" * 30,),
}
PARTS = ("%00", "a%00b", "%ED%A0%80", "%FF", "99999999999999999999", "x" * 5000, "%F0%9F%A6%84")
NO_NUL = ("%00", "a%00b")
# What gets a view as far as the one hostile field.
PLAIN = {
    "type": "应急事件",
    "urgency": "紧急",
    "due_at": "2026-11-24T18:00",
    "places": "130102",
    "act": "draft",
    "reason": "有误",
    "impact": "全部",
    "note": "你好",
    "to": "3",
    "item": "1",
    "items": "1",
    "module": "1",
    "row": "1",
    "version": "1",
    "up_to": "0",
    "works": "work",
    "day": "2026-12-30",
    "name": "某某",
    "userid": "somebody",
    "roles": "implementer",
    "test_state": "已送测",
    "sent_at": "2026-11-20T09:00",
    "scope": "read_tasks",
    "provinces": "310000",
    "pause_to": "2026-11-25",
    "pause_reason": "演练",
}
asked: set[str] = set()


class Noting(ImmutableMultiDict[str, str]):
    """Notes which fields are read."""

    def __getitem__(self, key: str) -> str:
        """As it is."""
        asked.add(key)
        return super().__getitem__(key)

    def getlist(self, key: str, *args: object, **more: object) -> list[str]:  # type: ignore[override]
        """As it is."""
        asked.add(key)
        return super().getlist(key, *args, **more)  # type: ignore[call-overload, no-any-return]


class NotingRequest(Request):
    """A request with such fields."""

    parameter_storage_class = Noting


class Walker:
    """Sends one request after another and notes those that broke the program."""

    def __init__(self, app: Flask, world: World) -> None:
        self.broken: list[str] = []
        self._token = URLSafeTimedSerializer(app.secret_key, salt="wtf-csrf-token").dumps("seed")
        self._world = world
        self._visitors = {name: self._visitor(app, name) for name in WALKERS}

    def _visitor(self, app: Flask, name: str) -> Visitor:
        visitor = app.test_client()
        with visitor.session_transaction() as cookie:
            cookie["csrf_token"] = "seed"
            if name in self._world.by_name:
                cookie["_user_id"] = sessions.start(self._world.by_name[name])
        assert isinstance(visitor, Visitor)
        return visitor

    def send(self, who: str, method: str, path: str, changed: dict[str, str] | None = None) -> int:
        """The status, after it has been looked at."""
        if method == "POST":
            sent = PLAIN | {"csrf_token": self._token, "form_key": self._world.key()} | (changed or {})
            answer = self._visitors[who].post(path, data=sent)
        else:
            answer = self._visitors[who].get(path, query_string=changed)
        if answer.status_code >= 500 and not path.startswith("/readyz"):
            self.broken.append(f"{method} {path[:60]} {changed!r:.60}: {answer.status_code}")
        return answer.status_code


@pytest.fixture
def walker(app: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> Walker:
    """Somebody who may do everything, and never too often."""
    monkeypatch.setattr(app, "request_class", NotingRequest)
    monkeypatch.setattr(limiter, "enabled", False)
    app.testing = False  # a fault becomes the page that people would see
    return Walker(app, world)


@pytest.mark.proves("R-P7")
def test_no_field_breaks_a_page(world: World, walker: Walker) -> None:
    ids = {"task": world.published("130102"), "patch": world.patch(), "person": world.by_name["李静"]}
    ids |= {"row": world.row(ids["task"]).id, "delivery": 1, "region": 1, "nobody": 9999}
    for method, path, *expected in LINES:
        admitted = [name for name in WALKERS if expected[HEAD.index(name)] not in ("401", "403", "404")]
        address = path.format(uid="0" * 32, place="130102", wording="urge.copied_in", **ids)
        asked.clear()
        walker.send((admitted or WALKERS)[0], method, address)
        for field in sorted(asked - {"csrf_token"}):
            for value in HOSTILE[db.engine.dialect.name]:
                walker.send((admitted or WALKERS)[0], method, address, {field: value})

    assert not walker.broken, "\n".join(walker.broken)


@pytest.mark.proves("R-P7")
def test_no_address_breaks_a_page_and_a_nul_is_a_400_in_chinese(walker: Walker) -> None:
    for method, path, *_ in LINES:
        for part in PARTS if "{" in path else ():
            status = walker.send("何志远", method, re.sub(r"{\w+}", part, path))
            assert status == 400 or part not in NO_NUL, f"{method} {path} with {part}: {status}"

    assert not walker.broken, "\n".join(walker.broken)


@pytest.mark.parametrize("path", ["/exports/%00", "/exports/a?x=%00", "/?%00=1", "/login?next=%00"])
def test_the_400_says_that_the_link_is_broken(client: Visitor, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 400
    assert "链接可能不完整" in answer.text
