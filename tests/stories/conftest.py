"""A running demo and a browser for whole journeys."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.databases import DIALECTS, Databases
from tests.stories.demo import Demo

# All stories of one database on one worker: each worker would start the whole product for itself.
ONE_EACH = [
    pytest.param(dialect, marks=pytest.mark.xdist_group(f"demo on {dialect}")) for dialect in DIALECTS
]


@pytest.fixture(scope="session", params=ONE_EACH)
def demo(
    request: pytest.FixtureRequest, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Demo]:
    """The product with the demo organisation, once on SQLite and once on PostgreSQL."""
    address = databases.new(request.param)
    running = Demo(tmp_path_factory.mktemp("demo"), address)
    try:
        running.start()
        yield running
    finally:
        running.stop()
        databases.drop(address)


@pytest.fixture
def page(chromium: Browser, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Page]:
    """A phone-size window; a failing story leaves its picture in the test's folder."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    window = context.new_page()
    window.set_default_timeout(60_000)
    errors: list[str] = []
    window.on("pageerror", lambda error: errors.append(str(error)))
    yield window
    if errors:
        window.screenshot(path=tmp_path / "story.png")
    context.close()
    assert not errors, errors
