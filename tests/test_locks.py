"""What `app.locks` promises: what is locked is read anew, and an act that the database cut off runs again."""

from collections.abc import Callable, Iterator
from threading import Barrier, Event, Thread

import pytest
import sqlalchemy as sa
from flask import Flask
from psycopg import errors
from sqlalchemy.exc import OperationalError

from app import locks
from app.core import create_core
from app.db import db, session, transaction
from app.locks import TRIES, held_one, hold, repeatable
from app.people.models import Region
from tests.databases import Databases, close_database, settings_for
from tests.told_time import ToldTime

PATIENCE = 30  # seconds, for the other one


@pytest.fixture
def postgres(databases: Databases, told_time: ToldTime) -> Iterator[Flask]:
    """The application on PostgreSQL, where two write at a time; two regions are in it."""
    address = databases.new("postgres")
    core = create_core(settings_for(address))
    with core.app_context():
        with transaction() as current:
            current.add_all([Region(name="华北大区"), Region(name="华东大区")])
        yield core
        close_database()
    databases.drop(address)


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Nobody really rests between two tries."""
    rests: list[float] = []
    monkeypatch.setattr(locks, "sleep", rests.append)
    return rests


def beside(core: Flask, act: Callable[[], object]) -> Thread:
    """Somebody else does `act` at the same time."""

    def run() -> None:
        with core.app_context():
            act()
            db.session.remove()

    other = Thread(target=run)
    other.start()
    return other


def names() -> list[str]:
    return list(session().execute(sa.select(Region.name).order_by(Region.id)).scalars())


def test_what_was_read_before_the_lock_is_read_again_after_it(postgres: Flask) -> None:
    def rename() -> None:
        with transaction() as current:
            current.get_one(Region, 1).name = "东北大区"

    with transaction() as current:
        region = current.get_one(Region, 1)
        beside(postgres, rename).join(PATIENCE)
        assert region.name == "华北大区"
        assert held_one(current, Region, 1) is region
        assert region.name == "东北大区"


def test_what_is_locked_can_be_named_by_others_and_not_be_changed(postgres: Flask) -> None:
    def other(statement: str) -> None:
        with db.engine.connect() as line, line.begin():
            line.execute(sa.text("SET LOCAL lock_timeout = '100ms'"))
            line.execute(sa.text(statement))

    with transaction() as current:
        hold(current, Region, Region.id == 1)
        other("INSERT INTO region_province (province_code, region_id) SELECT '110000', 1 WHERE false")
        other("SELECT 1 FROM region WHERE id = 1 FOR KEY SHARE")
        with pytest.raises(OperationalError, match="lock timeout"):
            other("SELECT 1 FROM region WHERE id = 1 FOR SHARE")


def test_who_is_cut_off_in_a_circle_does_the_whole_act_again(postgres: Flask) -> None:
    """Both take the rows in the opposite order, which nobody of ours does: one of them is cut off by PostgreSQL."""
    both = Barrier(2, timeout=PATIENCE)
    tries: list[str] = []

    def take_in(first: int, then: int, mark: str) -> Callable[[], None]:
        @repeatable
        def act() -> None:
            tries.append(mark)
            with transaction() as current:
                held_one(current, Region, first).name += mark
                current.flush()
                if tries.count(mark) == 1:
                    both.wait()
                held_one(current, Region, then).name += mark

        return act

    other = beside(postgres, take_in(2, 1, "乙"))
    take_in(1, 2, "甲")()
    other.join(PATIENCE)

    assert len(tries) == 3
    assert sorted(name[4:] for name in names()) in (["甲乙", "甲乙"], ["乙甲", "乙甲"])


def test_who_wrote_the_same_key_a_moment_too_late_finds_it_there(postgres: Flask) -> None:
    looked, written = Event(), Event()

    def add() -> None:
        looked.wait(PATIENCE)
        with transaction() as current:
            current.add(Region(name="华南大区"))
        written.set()

    @repeatable
    def add_unless_there() -> bool:
        with transaction() as current:
            if "华南大区" in names():
                return False
            looked.set()
            written.wait(PATIENCE)
            current.add(Region(name="华南大区"))
        return True

    other = beside(postgres, add)
    assert not add_unless_there()
    other.join(PATIENCE)


def failing(error: type[errors.Error], tries: list[int]) -> Callable[[], None]:
    @repeatable
    def act() -> None:
        tries.append(1)
        raise OperationalError("SELECT 1", {}, error("cut off"))

    return act


def test_what_is_cut_off_again_and_again_is_given_up(unhurried: list[float]) -> None:
    tries: list[int] = []

    with pytest.raises(OperationalError):
        failing(errors.DeadlockDetected, tries)()

    assert len(tries) == TRIES
    assert len(unhurried) == TRIES - 1


def test_what_may_have_been_committed_is_not_done_again(unhurried: list[float]) -> None:
    tries: list[int] = []

    with pytest.raises(OperationalError):
        failing(errors.AdminShutdown, tries)()

    assert len(tries) == 1
