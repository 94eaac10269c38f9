"""The session of a request or job, and the one way to write."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as _FlaskSession
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import scoped_session

from app.db.base import Base


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


def changed_rows(result: Any) -> int:
    """How many rows an UPDATE or DELETE touched (`rowcount` is missing from Result's type)."""
    return int(result.rowcount)
