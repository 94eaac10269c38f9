"""Thousands of rows, and thousands of values, in one statement."""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from app.db.base import Base
from app.db.sessions import Session, db

CHUNK = 10_000  # rows per INSERT: bounds memory, not worth a round trip more


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
