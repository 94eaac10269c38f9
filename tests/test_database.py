"""What `app.db` promises of both databases: one act is one commit, reads cost no ceremony, a lost line is found out."""

import secrets
import sqlite3
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DataError, IntegrityError, OperationalError

from app import clock
from app.core import create_core
from app.db import as_sqlalchemy_says, db, engines, insert_many, session, transaction, write_soon
from app.notices.models import Delivery
from app.people.models import Person, Region
from app.work import history
from tests.databases import Databases, close_database, settings_for
from tests.told_time import ToldTime


def names() -> list[str]:
    return list(session().execute(sa.select(Region.name).order_by(Region.name)).scalars())


def twice(name: str) -> None:
    with transaction() as current:
        current.execute(sa.insert(Region).values(name=name))
        current.execute(sa.insert(Region).values(name=name))


def test_what_fails_in_a_transaction_leaves_nothing_behind(core: Flask) -> None:
    with pytest.raises(IntegrityError):
        twice("华北大区")
    assert names() == []


def test_others_see_a_transaction_when_it_is_over_and_not_before(core: Flask) -> None:
    with transaction() as current:
        current.execute(sa.insert(Region).values(name="华北大区"))
        with db.engine.connect() as other:
            assert other.execute(sa.select(sa.func.count()).select_from(Region)).scalar() == 0
    assert names() == ["华北大区"]


@pytest.fixture
def lite(databases: Databases, told_time: ToldTime) -> Iterator[Flask]:
    """The application on SQLite, where one writes at a time."""
    address = databases.new("sqlite")
    core = create_core(settings_for(address))
    with core.app_context():
        yield core
        close_database()
    databases.drop(address)


@pytest.fixture
def writer(lite: Flask) -> Iterator[sqlite3.Connection]:
    """Somebody else who is writing."""
    other = sqlite3.connect(str(db.engine.url.database), isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    yield other
    other.close()


@pytest.mark.proves("B-C2")
def test_who_waits_for_the_lock_has_it_as_soon_as_it_is_free(
    writer: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    naps: list[float] = []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 3:
            writer.execute("ROLLBACK")

    monkeypatch.setattr(engines, "sleep", nap)
    with transaction() as current:
        current.execute(sa.insert(Region).values(name="华北大区"))
    assert naps == [engines.ASK_AGAIN_SECONDS] * 3
    assert names() == ["华北大区"]


@pytest.mark.proves("X-A5")
def test_patience_ends_and_is_the_same_the_next_time(writer: sqlite3.Connection) -> None:
    line = db.engine.raw_connection()
    line.execute("PRAGMA busy_timeout=50")
    with pytest.raises(OperationalError, match="locked"), as_sqlalchemy_says(db.engine):
        write_soon(line, "BEGIN IMMEDIATE")
    assert line.execute("PRAGMA busy_timeout").fetchone() == (50,)
    writer.execute("ROLLBACK")
    write_soon(line, "BEGIN IMMEDIATE")
    line.rollback()
    line.close()


@pytest.fixture
def postgres(databases: Databases, told_time: ToldTime) -> Iterator[Flask]:
    """The application on PostgreSQL, for what SQLite does not have."""
    address = databases.new("postgres")
    core = create_core(settings_for(address))
    with core.app_context():
        yield core
        close_database()
    databases.drop(address)


def test_what_was_prepared_is_kept_from_one_page_to_the_next(postgres: Flask) -> None:
    for _ in range(8):  # the driver prepares what it has seen five times
        names()
        db.session.remove()  # as at the end of a page
    kept = session().execute(sa.text("SELECT count(*) FROM pg_prepared_statements")).scalar_one()
    assert kept > 0


@pytest.mark.proves("X-A7")
def test_a_line_that_was_cut_while_it_rested_is_replaced(
    postgres: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    names()
    db.session.remove()
    cut_every_line()
    monkeypatch.setattr(engines, "A_REST_SECONDS", 0.0)
    assert names() == []


def test_a_line_that_was_cut_at_work_says_so(postgres: Flask) -> None:
    names()
    cut_every_line()
    with pytest.raises(OperationalError):
        names()


def cut_every_line() -> None:
    """The server ends the connections of the pool, as when it is started again."""
    engine = sa.create_engine(db.engine.url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as other:
        other.execute(
            sa.text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )


def queued(text: str = "x", **columns: object) -> dict[str, object]:
    """A row as the outbox writes it."""
    plain = {"uid": secrets.token_hex(10), "wording": "w", "act": "w", "audience": "w", "title": "t"}
    plain |= {"recipient_id": 1, "about_kind": None, "about_id": None}
    return {**plain, "text": text, "link": "/", "body": b"{}", **columns}


def shared() -> dict[str, object]:
    """What rows have in common, with everything that a quotation might get wrong."""
    reason = "100% 'q' \\ :x %s %(a)s ? \"d\" {} %%\n新"
    known = {"subject_kind": "task", "subject_id": 1, "outcome": "已抑制", "reason": reason}
    return {**known, "created_at": clock.now(), "next_at": None, "settled_at": clock.now()}


def event() -> int:
    """Something to tell somebody of."""
    with transaction() as current:
        values = {"id": 1, "userid": "wangqiang", "name": "王强", "pinyin": "wangqiang", "initials": "wq"}
        current.execute(sa.insert(Person).values(values))
        return history.note(current, "task", 1, "test", by=None).id


def test_thousands_of_rows_are_written_as_one_would_be(core: Flask) -> None:
    common = shared() | {"event_id": event()}
    texts = ["NULL", "", "{\"a\",NULL}\\ 'x' NULL"]
    rows = [
        queued(text, about_kind="task", about_id=about, wording=f"w{about}", body=body)
        for text, about, body in zip(
            texts, [1, 70_000, 2_000_000_000], [b"", bytes(range(256)), b"b"], strict=True
        )
    ]
    with transaction() as current:
        insert_many(current, Delivery, rows, shared=common)
        current.execute(sa.insert(Delivery).values(**queued(wording="alone"), **common))
    found = session().execute(sa.select(Delivery).order_by(Delivery.id)).scalars().all()
    assert [row.text for row in found] == [*texts, "x"]
    assert [row.about_id for row in found] == [1, 70_000, 2_000_000_000, None]
    assert [row.body for row in found] == [b"", bytes(range(256)), b"b", b"{}"]
    assert {(row.reason, row.created_at, row.next_at, row.attempts) for row in found} == {
        (common["reason"], common["created_at"], None, 0)
    }
    as_stored = sa.text("SELECT count(DISTINCT created_at), count(DISTINCT settled_at) FROM delivery")
    assert session().execute(as_stored).one() == (1, 1)


@pytest.mark.proves("X-A14")
def test_no_statement_keeps_a_line_for_longer_than_ten_seconds(postgres: Flask) -> None:
    assert session().execute(sa.text("SHOW statement_timeout")).scalar_one() == "10s"


def test_what_is_too_long_is_refused_and_not_cut(postgres: Flask) -> None:
    common = shared() | {"event_id": event()}
    with pytest.raises(DataError), transaction() as current:
        insert_many(current, Delivery, [queued(link="/" + "x" * 600)], shared=common)
