"""People at their browsers: signed in through the session table, as the login page would do it."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import responses
from flask import Flask
from werkzeug.test import TestResponse

from app.people import sessions
from app.settings import Settings
from tests.h5.chromium import address, show  # noqa: F401 (fixtures)
from tests.visitor import Visitor
from tests.wecom.wire import Wire
from tests.world import World

Open = Callable[[str], "Browser"]
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


TAG = re.compile(r"\s*(<[^>]+>)\s*")


def tight(page: str) -> str:
    """The HTML without white space beside tags, and with single blanks inside them: for tests that match it."""
    return TAG.sub(lambda tag: re.sub(r"\s+(?=>)", "", re.sub(r"\s+", " ", tag[1])), page)


class Browser:
    """One browser: opens pages and submits the forms it finds there."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        """Open a page."""
        return self.visitor.get(path, **kwargs)

    def submit(
        self, page: str, action: str, *, content_type: str | None = None, **fields: Any
    ) -> TestResponse:
        """Fill in the form of `page` that goes to `action`, hidden fields as the page has them, and send it."""
        text = self.get(page).text
        form = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', text, re.S)
        assert form is not None, f"{page} has no form for {action}"
        data = dict(HIDDEN.findall(form[0])) | fields
        return self.visitor.post(action, data=data, content_type=content_type)


@pytest.fixture
def wire(settings: Settings, world: World) -> Iterator[Wire]:
    """WeCom's end of the wire."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        wire = Wire(mock, settings.WECOM_API_BASE)
        wire.hands_out("token-of-the-app")
        yield wire


@pytest.fixture
def browser_of(app: Flask, world: World) -> Open:
    """`browser_of("王强")`: a browser in which 王强 is signed in."""

    def open_(name: str) -> Browser:
        visitor = app.test_client()
        token = sessions.start(world.person(name).id)
        with visitor.session_transaction() as cookie:
            cookie["_user_id"] = token
        return Browser(visitor)

    return open_
