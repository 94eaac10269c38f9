"""WeCom, posting to the app's callback address."""

import logging
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from app.db import session
from app.settings import Settings
from callbacks.models import InboxEvent
from tests.visitor import Visitor
from tests.wecom.envelope import Sender

Post = Callable[[str], TestResponse]


@pytest.fixture
def sender(settings: Settings) -> Sender:
    """Holds the callback secrets of the app."""
    return Sender(settings.WECOM_TOKEN, settings.WECOM_ENCODING_AES_KEY, settings.WECOM_CORP_ID)


@pytest.fixture
def post(client: Visitor, sender: Sender) -> Post:
    """Posts an event's XML, sealed as WeCom does."""

    def send(xml: str) -> TestResponse:
        args, body = sender.post(xml)
        return client.post("/callbacks/wecom", query_string=args, data=body)

    return send


@pytest.fixture
def stored(app: Flask) -> Callable[[], list[InboxEvent]]:
    """What the inbox holds, oldest first."""

    def read() -> list[InboxEvent]:
        session().rollback()
        return list(session().scalars(sa.select(InboxEvent).order_by(InboxEvent.id)))

    return read


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """The log of the test."""
    caplog.set_level(logging.INFO)
    return caplog
