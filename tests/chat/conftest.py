"""People chatting with the app through the stand-in."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.settings import Settings
from tests.chat.rig import Chat, Office, open_office
from tests.databases import settings_for
from tests.h5.conftest import browser_of
from tests.told_time import ToldTime
from tests.world import World

__all__ = ["browser_of"]  # the people here have browsers, too


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One stand-in for all tests of this folder."""
    with open_office(tmp_path_factory.mktemp("office")) as office:
        yield office


@pytest.fixture
def settings(database_url: str, tmp_path: Path, office: Office) -> Settings:
    """Demo settings, with WeCom played by the stand-in."""
    return settings_for(
        database_url,
        UPLOAD_DIR=tmp_path / "uploads",
        CLOCK_OFFSET_FILE=tmp_path / "clock-offset",
        WECOM_API_BASE=office.base + "/cgi-bin/",
    )


@pytest.fixture
def chat(app: Flask, world: World, office: Office, told_time: ToldTime) -> Chat:
    """The chats of the cast, empty."""
    return Chat(app, office, told_time)
