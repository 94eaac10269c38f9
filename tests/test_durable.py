"""What a person was told of survives a power cut: how every connection is set, as the databases themselves say."""

from collections.abc import Callable
from threading import Event
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app import db
from app.core import create_core
from app.settings import Settings
from app.work import leases
from app.work.models import HistoryEvent
from callbacks.models import InboxEvent
from scheduler.__main__ import all_jobs
from tests.databases import close_database, settings_for
from tests.production import in_production
from tests.wecom.envelope import Sender
from tests.world import World

NORMAL, FULL = 1, 2  # SQLite's own numbers
WRITTEN = (InboxEvent.__tablename__, HistoryEvent.__tablename__)
NOTING = """CREATE TABLE noted (what text, said text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
INSERT INTO noted VALUES (TG_TABLE_NAME, current_setting('synchronous_commit')); RETURN NEW; END $$"""
Door = Callable[[Flask, Settings], object]


@pytest.fixture
def settings(database_url: str) -> Settings:
    """Of a real installation."""
    return in_production(database_url)


def page(app: Flask, settings: Settings) -> None:
    """Somebody opens a page, and an act is written."""
    app.test_client().get("/readyz", base_url=settings.PUBLIC_BASE_URL)
    leases.acquire("any", owner="somebody")


def press(app: Flask, settings: Settings) -> None:
    """WeCom reports a press and is answered."""
    sender = Sender(settings.WECOM_TOKEN, settings.WECOM_ENCODING_AES_KEY, settings.WECOM_CORP_ID)
    args, body = sender.post(sender.click())
    assert app.test_client().post("/callbacks/wecom", query_string=args, data=body).status_code == 200


def set_as(app: Flask) -> list[object]:
    """How each connection was set when it was given back; the list grows as they are."""
    said: list[object] = []
    with app.app_context():
        engine = db.db.engine
    question = "PRAGMA synchronous" if engine.dialect.name == "sqlite" else "SHOW synchronous_commit"

    def back(line: Any, _record: Any) -> None:
        if line is not None:
            said.append(line.execute(question).fetchone()[0])

    sa.event.listen(engine, "checkin", back)
    return said


def as_the_server_has_it(address: str) -> object:
    """How a connection is set that nobody has told anything; in SQLite it is each program that says so."""
    if address.startswith("sqlite"):
        return FULL
    with sa.create_engine(address, poolclass=sa.NullPool).connect() as line:
        return line.execute(sa.text("SHOW synchronous_commit")).scalar()


@pytest.mark.parametrize("door", [page, press])
def test_every_connection_of_the_web_waits_for_the_disk_as_the_server_has_it(
    app: Flask, settings: Settings, door: Door
):
    said = set_as(app)

    door(app, settings)

    assert set(said) == {as_the_server_has_it(settings.DATABASE_URL)}


def test_every_connection_of_the_scheduler_waits_for_the_disk_as_the_server_has_it(settings: Settings):
    core = create_core(settings)
    said = set_as(core)

    with core.app_context():
        for job in all_jobs(core, Event()):
            job.run()
        close_database()

    assert set(said) == {as_the_server_has_it(settings.DATABASE_URL)}


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_no_transaction_excuses_itself_from_waiting_for_the_disk(
    app: Flask, world: World, settings: Settings
):
    with db.transaction() as current:
        for statement in (*NOTING.split(";\n", 1), *map(_noted, WRITTEN)):
            current.execute(sa.text(statement))

    press(app, settings)
    world.published("130102")

    noted = {tuple(row) for row in db.session().execute(sa.text("SELECT what, said FROM noted"))}
    assert noted == {(table, as_the_server_has_it(settings.DATABASE_URL)) for table in WRITTEN}


def _noted(table: str) -> str:
    return f"CREATE TRIGGER note BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION note()"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_demo_need_not_survive_a_power_cut(database_url: str):
    core = create_core(settings_for(database_url))
    said = set_as(core)

    with core.app_context():
        leases.acquire("any", owner="demo")
        close_database()

    assert set(said) == {NORMAL}
