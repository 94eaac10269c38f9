"""The database: declarative base, transactions, and what both dialects need."""

import json
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from time import monotonic, sleep
from typing import Annotated, Any

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as _FlaskSession
from sqlalchemy import event
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, InvalidatePoolError
from sqlalchemy.orm import DeclarativeBase, mapped_column, scoped_session
from sqlalchemy.sql.schema import ScalarElementColumnDefault
from sqlalchemy.types import TypeDecorator

BUSY_TIMEOUT_SECONDS = 5
ASK_AGAIN_SECONDS = 0.004
# Short statements over indexes that lie in memory or on an SSD: compiling one would take longer than running it.
POSTGRES = ("statement_timeout=10000", "timezone=UTC", "random_page_cost=1.1", "jit=off")
# Of a server that has vanished from the network nobody is told anything; without these a page would wait for minutes.
IMPATIENT = {"connect_timeout": 3, "tcp_user_timeout": 15_000}  # seconds, milliseconds
A_REST_SECONDS = 1.0
CHUNK = 10_000  # rows per INSERT: bounds memory, not worth a round trip more

Id = Annotated[int, mapped_column(primary_key=True)]


class Utc(TypeDecorator[datetime]):
    """An aware UTC moment; SQLite, which has no time zones, stores it naive."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Refuse naive times, so that no wall-clock time slips in."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def result_processor(self, dialect: sa.Dialect, coltype: Any) -> Any:  # noqa: ARG002
        """Always hand out aware UTC, in one step: a list reads 200 of them (B-L1). SQLite hands out text."""
        return _from_text if dialect.name == "sqlite" else _from_aware


def _from_aware(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC)


def _from_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value).replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """Parent of every row class."""

    type_annotation_map = {datetime: Utc, str: sa.Text, dict[str, Any]: sa.JSON}
    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class _ReadingSession(_FlaskSession):
    """On PostgreSQL a read is a statement by itself; `transaction` begins what writes.

    At READ COMMITTED every statement sees the latest anyway, and the ROLLBACK
    after a page would make the driver forget every statement it has prepared:
    planning anew takes five times as long as running (B-L1).
    """

    def get_bind(self, *args: Any, **kwargs: Any) -> Engine | Connection:
        """The engine of super(), its statements standing alone."""
        engine = super().get_bind(*args, **kwargs)
        if engine.dialect.name == "sqlite" or isinstance(engine, Connection):
            return engine
        return _alone(engine)


@lru_cache(maxsize=16)
def _alone(engine: Engine) -> Engine:
    return engine.execution_options(alone=True)


db = SQLAlchemy(metadata=Base.metadata, session_options={"class_": _ReadingSession})
Session = scoped_session[_FlaskSession]
"""What `session()` and `transaction()` hand out."""


def session() -> Session:
    """The session of this request or job; for reads. Writes go through `transaction`."""
    return db.session


@contextmanager
def transaction() -> Iterator[Session]:
    """One write: everything in the block is committed together, or nothing is.

    Ends the read that the request had open, so what is loaded inside is the
    present state, then takes the write lock at once (BEGIN IMMEDIATE on SQLite:
    without it read-modify-write loses updates). Refuses to nest: a use case
    never calls another use case.
    """
    current = db.session
    if current.info.get("writing"):
        raise RuntimeError("transaction() inside transaction(): one act, one commit")
    if current.new or current.dirty or current.deleted:
        raise RuntimeError("rows were changed outside transaction()")
    current.rollback()
    current.info["writing"] = True
    try:
        current.connection(execution_options={"writes": True, "alone": False})
        yield current
        current.commit()
    except BaseException:
        current.rollback()
        raise
    finally:
        current.info.pop("writing", None)


def let_others_write() -> None:
    """Between the transactions of one long act: who waits for SQLite's write lock asks every few milliseconds."""
    sleep(ASK_AGAIN_SECONDS * 3)


def changed_rows(result: Any) -> int:
    """How many rows an UPDATE or DELETE touched (`rowcount` is missing from Result's type)."""
    return int(result.rowcount)


def insert_once(current: Session, kind: type[Base], values: dict[str, Any]) -> bool:
    """Insert a row unless its unique key is taken; True where it was inserted.

    Waits for another transaction that is inserting the same key, so exactly
    one of several gets True.
    """
    sqlite = current.get_bind().dialect.name == "sqlite"
    insert = sqlite_insert(kind) if sqlite else postgres_insert(kind)
    key = sa.inspect(kind).primary_key[0]
    # RETURNING tells what happened; rowcount is -1 where the driver hands back a generated key.
    statement = insert.values(values).on_conflict_do_nothing().returning(key)
    return current.execute(statement).first() is not None


def reserve_ids(current: Session, kind: type[Base], count: int) -> range | list[int]:
    """Hand out `count` primary keys of `kind`, to be used in this transaction.

    Knowing the ids beforehand saves a RETURNING per row in large fan-outs. On
    SQLite the write lock makes max(id)+1 safe; on PostgreSQL they come from
    the table's sequence.
    """
    if count == 0:
        return []
    if current.get_bind().dialect.name == "sqlite":
        highest = current.execute(sa.select(sa.func.max(kind.__table__.c.id))).scalar() or 0
        return range(highest + 1, highest + 1 + count)
    sequence = sa.func.pg_get_serial_sequence(kind.__tablename__, "id")
    rows = current.execute(
        sa.select(sa.func.nextval(sequence)).select_from(sa.func.generate_series(1, count))
    )
    return [int(value) for value in rows.scalars()]


def next_id(kind: type[Base]) -> int | None:
    """The id that `reserve_ids` hands out next, if nobody is quicker; None on PostgreSQL, which has no one line to wait in."""
    current = db.session
    if current.get_bind().dialect.name != "sqlite":
        return None
    return (current.execute(sa.select(sa.func.max(kind.__table__.c.id))).scalar() or 0) + 1


def insert_many(
    current: Session, kind: type[Base], rows: Sequence[Mapping[str, Any]], *, shared: Mapping[str, Any]
) -> None:
    """Insert thousands of rows; what they all have in common is given once, in `shared`.

    Every row names the same columns in the same order, with values the driver
    takes as they are: numbers, text, bytes. What must be converted, such as
    moments, goes into `shared`, which is written into the statement, so that
    the driver handles it once. SQLAlchemy's own executemany converts and
    renames every parameter of every row, which takes as long as the database.
    """
    if not rows:
        return
    connection = current.connection()
    columns = kind.__table__.c
    defaults = {c.key: c.default.arg for c in columns if isinstance(c.default, ScalarElementColumnDefault)}
    common = {name: value for name, value in (defaults | dict(shared)).items() if name not in rows[0]}
    dialect = connection.dialect
    names = [dialect.identifier_preparer.format_column(columns[n]) for n in [*rows[0], *common]]
    same = [_written_out(value, columns[name].type, dialect) for name, value in common.items()]
    into = f"INSERT INTO {kind.__tablename__} ({', '.join(names)})"
    for start in range(0, len(rows), CHUNK):
        values = [tuple(row.values()) for row in rows[start : start + CHUNK]]
        if dialect.name == "sqlite":
            marks = ["?"] * len(rows[0])
            connection.exec_driver_sql(f"{into} VALUES ({', '.join([*marks, *same])})", values)
        else:
            # An array per column, in the binary form: half the time of a row at a time.
            own = names[: len(rows[0])]
            arrays = ", ".join(f"%b::{_unbounded(columns[n].type).compile(dialect)}[]" for n in rows[0])
            given = f"SELECT {', '.join([*own, *same])} FROM unnest({arrays}) AS given ({', '.join(own)})"  # noqa: S608 (our own names)
            connection.exec_driver_sql(f"{into} {given}", tuple(map(list, zip(*values, strict=True))))


def _unbounded(kind: sa.types.TypeEngine[Any]) -> sa.types.TypeEngine[Any]:
    """Without a length, to which a cast would cut in silence what the column refuses."""
    return sa.Text() if isinstance(kind, sa.String) else kind


def _written_out(value: Any, kind: sa.types.TypeEngine[Any], dialect: sa.Dialect) -> str:
    """A value as SQL, quoted by SQLAlchemy."""
    given = sa.null() if value is None else sa.literal(value, kind)
    return str(given.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))


def among(column: Any, values: Collection[Any]) -> sa.ColumnElement[bool]:
    """`column IN (values)` for thousands of values: one parameter holds them all.

    A parameter each would take longer to name than to look up, and databases
    limit their number (32,766 on SQLite).
    """
    if db.session.get_bind().dialect.name == "sqlite":
        listed = sa.func.json_each(json.dumps(list(values))).table_valued("value")
        condition: sa.ColumnElement[bool] = column.in_(sa.select(listed.c.value))
    else:
        condition = column == sa.any_(sa.literal(list(values), sa.ARRAY(column.type)))
    return condition


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
        # Straight to the driver, for it waits for nobody: as a statement of SQLAlchemy's it takes ten times as long.
        connection.connection.execute("BEGIN")


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
