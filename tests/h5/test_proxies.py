"""Whose address counts: that of the caller, or the one that as many proxies as were set say they saw."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app.settings import Settings
from tests.databases import close_database
from tests.visitor import Visitor
from tests.world import World
from wsgi import create_app

GUESS = "/login/callback?state=guess&code=guess"
CLAIMS = [{"X-Forwarded-For": f"203.0.113.{number}"} for number in range(12)]


@pytest.mark.proves("X-S20")
def test_by_default_nobody_is_believed_about_an_address(client: Visitor, world: World) -> None:
    answers = [client.get(GUESS, headers=claim).status_code for claim in CLAIMS]

    assert answers == [400] * 10 + [429] * 2


@pytest.fixture
def behind_one(settings: Settings, world: World) -> Iterator[Flask]:
    """The same database, served behind one proxy."""
    app = create_app(settings.model_copy(update={"TRUSTED_PROXIES": 1}))
    with app.app_context():
        yield app
        close_database()


def test_one_proxy_that_was_set_is_believed_and_what_stands_before_it_is_not(behind_one: Flask) -> None:
    browser = behind_one.test_client()
    claims = [{"X-Forwarded-For": f"198.51.100.{n}, 203.0.113.7"} for n in range(12)]

    assert [browser.get(GUESS, headers=claim).status_code for claim in claims] == [400] * 10 + [429] * 2
    assert {browser.get(GUESS, headers=claim).status_code for claim in CLAIMS[:5]} == {400}
