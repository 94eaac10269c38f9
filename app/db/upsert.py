"""Rows that may be there already, and ids that are known before their rows."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Insert as PostgresInsert
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from app.db.base import Base
from app.db.sessions import Session, db


def inserting(current: Session, kind: type[Base] | sa.Table) -> SqliteInsert | PostgresInsert:
    """An INSERT that can say what happens where the key is taken; both dialects spell it alike."""
    sqlite = current.get_bind().dialect.name == "sqlite"
    return sqlite_insert(kind) if sqlite else postgres_insert(kind)


def insert_once(current: Session, kind: type[Base], values: dict[str, Any]) -> bool:
    """Insert a row unless its unique key is taken; True where it was inserted.

    Waits for another transaction that is inserting the same key, so exactly
    one of several gets True.
    """
    key = sa.inspect(kind).primary_key[0]
    # RETURNING tells what happened; rowcount is -1 where the driver hands back a generated key.
    statement = inserting(current, kind).values(values).on_conflict_do_nothing().returning(key)
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
