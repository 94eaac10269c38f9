"""Windows in which somebody looks at a page, for tests in Chromium."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright

from app.people import sessions
from app.people.models import Role
from tests.served import served
from tests.world import World

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
Show = Callable[..., Page]


@contextmanager
def started() -> Iterator[Browser]:
    """Debian's Chromium; where there is none the test fails and says what to install."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert path, "找不到 Chromium，请先安装：apt-get install chromium fonts-noto-cjk"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One for all tests of a process; each looks through windows of its own."""
    with started() as browser:
        yield browser


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The application, served."""
    with served(app) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def show(app: Flask, world: World, chromium: Browser, address: str) -> Iterator[Show]:
    """`show("王强", "/")`: a window in which 王强 looks at a page. Faults of its scripts fail the test."""
    contexts, errors = [], []
    world.appoint("何主任", Role.ADMINISTRATOR)
    world.appoint("郑大区", Role.ADMINISTRATOR)

    def open_(name: str, path: str, *, width: int = 390, height: int = 844, **options: object) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            **options,
        )
        contexts.append(context)
        signed = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        token = sessions.start(world.person(name).id)
        context.add_cookies([{"name": "fwrw", "value": signed.dumps({"_user_id": token}), "url": address}])
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "console",
            lambda said: errors.append(said.text) if "Content Security Policy" in said.text else None,
        )
        page.goto(address + path)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not errors
