"""Fixtures for everyone: an application on both databases, and a clock that is told the time."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

if "XDG_RUNTIME_DIR" not in os.environ:  # pgserver warns without it, and warnings are errors here
    os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp(prefix="run")
    atexit.register(shutil.rmtree, os.environ["XDG_RUNTIME_DIR"], ignore_errors=True)

import pytest
from flask import Flask
from hypothesis import HealthCheck
from hypothesis import settings as examples
from playwright.sync_api import expect

from app.core import create_core
from app.settings import Settings
from tests import quick_apps
from tests import world as cast
from tests.databases import DIALECTS, Databases, close_database, new_folder, settings_for
from tests.h5.chromium import chromium  # noqa: F401 (a fixture)
from tests.told_time import ToldTime
from tests.visitor import Visitor
from tests.world import World

expect.set_options(
    timeout=60_000
)  # how long a page may take is no test; two workers and a browser share two cores

examples.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
examples.load_profile("unhurried")  # nor how long an example takes

quick_apps.compile_once()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--quick` is what `make check` passes."""
    parser.addoption("--quick", action="store_true", help="on SQLite alone, without PostgreSQL")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out with `--quick` what would start PostgreSQL."""
    if not config.getoption("quick"):
        return
    on_postgres = [item for item in items if "postgres" in _parameters(item)]
    config.hook.pytest_deselected(items=on_postgres)
    items[:] = [item for item in items if item not in set(on_postgres)]


def _parameters(item: pytest.Item) -> list[object]:
    chosen = getattr(item, "callspec", None)
    return list(chosen.params.values()) if chosen else []


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """Where migrated databases come from."""
    source = Databases(Path(new_folder("sqlite")))
    yield source
    source.close()


@pytest.fixture(params=DIALECTS)
def database_url(request: pytest.FixtureRequest, databases: Databases) -> Iterator[str]:
    """A migrated, empty database of this test's own: once SQLite, once PostgreSQL."""
    with_cast = "world" in request.fixturenames
    address = databases.lend(request.param, filled_by=cast.build if with_cast else None)
    yield address
    databases.give_back(address)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Demo settings on this test's database; nothing is written outside `tmp_path`."""
    return settings_for(
        database_url, UPLOAD_DIR=tmp_path / "uploads", CLOCK_OFFSET_FILE=tmp_path / "clock-offset"
    )


@pytest.fixture
def told_time() -> Iterator[ToldTime]:
    """The clock, standing at 2026-11-23 09:00 in Shanghai until it is told otherwise."""
    told = ToldTime()
    yield told
    told.forget()


@pytest.fixture
def core(settings: Settings, told_time: ToldTime) -> Iterator[Flask]:
    """The application without its doors, its context pushed; for rows, rules and jobs."""
    core = create_core(settings)
    told_time.rule()
    with core.app_context():
        quick_apps.share_statements()
        yield core
        close_database()


@pytest.fixture
def app(settings: Settings, told_time: ToldTime) -> Iterator[Flask]:
    """The whole web application, its context pushed, the clock told the time."""
    from wsgi import create_app  # tests of pure rules need not load the pages

    quick_apps.share_files()
    app = create_app(settings)
    app.testing = True
    app.test_client_class = Visitor
    told_time.rule()
    with app.app_context():
        quick_apps.share_statements()
        yield app
        close_database()


@pytest.fixture
def client(app: Flask) -> Visitor:
    """A browser without cookies."""
    visitor = app.test_client()
    assert isinstance(visitor, Visitor)
    return visitor


@pytest.fixture
def world(app: Flask) -> World:
    """The cast in its places: 林敏 publishes, 王强 implements, 赵岚 supervises, …"""
    return cast.found()
