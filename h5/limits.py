"""A brake on flooding, counted in our database: a count per worker would let through as many times more.

Only a brake. What must happen once is decided by unique keys and conditional
updates; where the database is too busy to count, the request goes on.
"""

from datetime import timedelta
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from flask import Flask, Response, current_app, request
from flask_limiter import Limiter
from limits.storage import Storage
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.db import db
from h5.identity import person_or_none
from h5.models import RateWindow
from h5.rights import Right

WRITES = "60 per minute"  # of one person, over all pages
LOGINS = "300 per minute"  # from one address: a whole office may share it
FAILED_LOGINS = "10 per minute"


class DatabaseStorage(Storage):
    """Fixed windows in the table `rate_window`."""

    STORAGE_SCHEME = ["database"]

    @property
    def base_exceptions(self) -> type[Exception]:
        """What a busy database raises."""
        return SQLAlchemyError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count a request; how many there were in the present window.

        On a connection of its own: the request's session is reading, and must
        neither be committed nor be made to wait longer than for this statement.
        """
        now = clock.now()
        insert = sqlite_insert if db.engine.dialect.name == "sqlite" else postgres_insert
        over = RateWindow.until <= now
        statement = (
            insert(RateWindow)
            .values(key_hash=_hash(key), hits=amount, until=now + timedelta(seconds=expiry))
            .on_conflict_do_update(
                index_elements=[RateWindow.key_hash],
                set_={
                    "hits": sa.case((over, amount), else_=RateWindow.hits + amount),
                    "until": sa.case((over, now + timedelta(seconds=expiry)), else_=RateWindow.until),
                },
            )
            .returning(RateWindow.hits)
        )
        with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
            hits: int = connection.execute(statement).scalar_one()
            if hits <= amount:  # a window begins: a good moment to forget those that ended
                connection.execute(sa.delete(RateWindow).where(RateWindow.until < now - timedelta(hours=1)))
        return hits

    def get(self, key: str) -> int:
        """How many requests there were in the present window."""
        query = sa.select(RateWindow.hits).where(
            RateWindow.key_hash == _hash(key), RateWindow.until > clock.now()
        )
        with db.engine.connect() as connection:
            return connection.execute(query).scalar() or 0

    def get_expiry(self, key: str) -> float:
        """When the present window ends, in seconds since 1970."""
        query = sa.select(RateWindow.until).where(RateWindow.key_hash == _hash(key))
        with db.engine.connect() as connection:
            return (connection.execute(query).scalar() or clock.now()).timestamp()

    def check(self) -> bool:
        """Asked by nobody here; /readyz looks at the database."""
        return True

    def reset(self) -> int | None:
        """Forget every window."""
        with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
            return connection.execute(sa.delete(RateWindow)).rowcount

    def clear(self, key: str) -> None:
        """Forget one window."""
        with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
            connection.execute(sa.delete(RateWindow).where(RateWindow.key_hash == _hash(key)))


def _hash(key: str) -> str:
    return sha256(key.encode()).hexdigest()


def _who() -> str:
    person = person_or_none()
    return f"person {person.id}" if person is not None else _address()


def _address() -> str:
    return f"address {request.remote_addr}"


def _is_no_write() -> bool:
    """Reading is free, and other doors have limits of their own."""
    view = current_app.view_functions.get(request.endpoint or "")
    return request.method in ("GET", "HEAD", "OPTIONS") or not isinstance(getattr(view, "right", None), Right)


def _failed(response: Response) -> bool:
    return response.status_code >= 400


limiter = Limiter(
    _who,
    storage_uri="database://",
    strategy="fixed-window",
    application_limits=[WRITES],
    application_limits_exempt_when=_is_no_write,
    swallow_errors=True,
)


@limiter.request_filter
def _reads_a_page() -> bool:
    """Spares pages that are only read the search for limits that concern them; logins have some."""
    view = current_app.view_functions.get(request.endpoint or "")
    reads = request.method in ("GET", "HEAD", "OPTIONS") and isinstance(getattr(view, "right", None), Right)
    return reads and request.blueprint != "login"


logins: Any = limiter.limit(LOGINS, key_func=_address)
failed_logins: Any = limiter.limit(FAILED_LOGINS, key_func=_address, deduct_when=_failed)


def init_app(app: Flask) -> None:
    """Count after the guard knows who is there."""
    limiter.init_app(app)
