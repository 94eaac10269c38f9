"""How both databases are spoken to: our manners on every connection, and who waits for the write lock."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, InvalidatePoolError

from app.db.sessions import db

BUSY_TIMEOUT_SECONDS = 5
ASK_AGAIN_SECONDS = 0.004
# Short statements over indexes that lie in memory or on an SSD: compiling one would take longer than running it.
POSTGRES = ("statement_timeout=10000", "timezone=UTC", "random_page_cost=1.1", "jit=off")
# Of a server that has vanished from the network nobody is told anything; without these a page would wait for minutes.
IMPATIENT = {"connect_timeout": 3, "tcp_user_timeout": 15_000}  # seconds, milliseconds
A_REST_SECONDS = 1.0


def init_app(app: Flask, *, durable: bool) -> None:
    """Bind `db` to the application and teach both dialects our manners.

    `durable`: what was committed survives a power cut. PostgreSQL keeps to what
    its server is set to (`synchronous_commit`); SQLite waits for the disk at
    every commit, which a demo need not: it survives the end of the program as
    it is, and a power cut may cost it the last seconds.
    """
    url = sa.make_url(app.config["SQLALCHEMY_DATABASE_URI"])
    options: dict[str, Any] = app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", {})
    if url.get_backend_name() == "sqlite":
        options.setdefault("connect_args", {"timeout": BUSY_TIMEOUT_SECONDS})
    else:
        session_settings = " ".join(f"-c {setting}" for setting in POSTGRES)
        # The driver leaves it to us when a transaction starts, as on SQLite.
        options.setdefault("connect_args", {"options": session_settings, "autocommit": True, **IMPATIENT})
    db.init_app(app)
    with app.app_context():
        if url.get_backend_name() == "sqlite":
            _teach_sqlite(db.engine, durable=durable)
        else:
            event.listen(db.engine, "begin", _on_postgres_begin)
            _ping_after_a_rest(db.engine)


def _ping_after_a_rest(engine: Engine) -> None:
    """What `pool_pre_ping` does (X-A7), but not for a connection that worked a moment ago: it costs a round trip a page."""

    def back(_connection: Any, record: Any) -> None:
        record.info["back_at"] = monotonic()

    def taken(connection: Any, record: Any, _proxy: Any) -> None:
        if monotonic() - record.info.get("back_at", 0.0) < A_REST_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error

    event.listen(engine, "checkin", back)
    event.listen(engine, "checkout", taken)


def _teach_sqlite(engine: Engine, *, durable: bool) -> None:
    def connected(connection: Any, _record: Any) -> None:
        # None stops pysqlite from deciding itself when a transaction starts.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
        cursor.close()

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", _on_sqlite_begin)


def _on_sqlite_begin(connection: Connection) -> None:
    if connection.get_execution_options().get("writes"):
        with as_sqlalchemy_says(connection.engine):
            write_soon(connection.connection, "BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql("BEGIN")


def write_soon(line: Any, statement: str, values: Sequence[Any] = ()) -> Any:
    """Execute on a line of SQLite's driver what takes the write lock, the moment the lock is free.

    SQLite itself asks at growing intervals, up to a tenth of a second: behind a large publish everybody
    would wait long after it was done, and one who comes back to the lock often would always be first (B-C2).
    The patience is the line's own; the driver's error where it was not enough.
    """
    [milliseconds] = line.execute("PRAGMA busy_timeout").fetchone()
    until = monotonic() + milliseconds / 1000
    line.execute("PRAGMA busy_timeout=0")
    try:
        while True:
            try:
                return line.execute(statement, values)
            except sqlite3.OperationalError as error:
                busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY  # the rest of the code says where
                if not busy or monotonic() >= until:
                    raise
            sleep(ASK_AGAIN_SECONDS)
    finally:
        line.execute(f"PRAGMA busy_timeout={milliseconds}")


@contextmanager
def as_sqlalchemy_says(engine: Engine) -> Iterator[None]:
    """What the driver raises, as everybody else expects it."""
    try:
        yield
    except engine.dialect.loaded_dbapi.Error as error:
        raise DBAPIError.instance(None, None, error, engine.dialect.loaded_dbapi.Error) from error


def _on_postgres_begin(connection: Connection) -> None:
    if not connection.get_execution_options().get("alone"):
        connection.exec_driver_sql("BEGIN")


def let_others_write() -> None:
    """Between the transactions of one long act: who waits for SQLite's write lock asks every few milliseconds."""
    sleep(ASK_AGAIN_SECONDS * 3)
