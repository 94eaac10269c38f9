"""A client of WeCom whose wire is played by `responses`, with its token in a real database."""

from collections.abc import Iterator
from typing import Any

import pytest
import responses
from flask import Flask

from app.core import create_core
from app.settings import Settings
from app.wecom.client import WeCom
from tests.databases import close_database
from tests.told_time import ToldTime
from tests.wecom.wire import Wire


@pytest.fixture
def core(settings: Settings, told_time: ToldTime) -> Iterator[Flask]:
    """The core application without doors, its context pushed."""
    app = create_core(settings)
    told_time.rule()
    with app.app_context():
        yield app
        close_database()


@pytest.fixture
def wecom(core: Flask) -> WeCom:
    """The product's own client."""
    client = core.extensions["wecom"]
    assert isinstance(client, WeCom)
    return client


@pytest.fixture
def wire(settings: Settings) -> Iterator[Wire]:
    """WeCom's end of the wire; what is not expected fails the test."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield Wire(mock, settings.WECOM_API_BASE)


@pytest.fixture
def card() -> dict[str, Any]:
    """What a button card is made of."""
    return {
        "task_id": "task-1",
        "source": "服务任务",
        "title": "任务发布",
        "desc": "长安区、桥西区",
        "text": "【任务发布】：请及时跟进监督。",
        "facts": [("紧急程度", "紧急")],
        "url": "https://task.example.com/login?next=/point-tasks/1",
    }
