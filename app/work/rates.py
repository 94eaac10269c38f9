"""How often somebody knocked: fixed windows in our database, for the brakes of every door (X-S14).

A count per worker would let through as many times more. Only a brake: what
must happen once is decided by unique keys and conditional updates.
"""

from datetime import timedelta
from hashlib import sha256

import sqlalchemy as sa
from limits.storage import Storage
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.db import db, inserting, session
from app.work.models import RateWindow

LONGEST_WINDOW = timedelta(hours=1)


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
        # A window that ends later than any can was begun by a clock that ran ahead.
        over = sa.or_(RateWindow.until <= now, RateWindow.until > now + timedelta(seconds=expiry))
        statement = (
            inserting(session(), RateWindow)
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
        now = clock.now()
        query = sa.select(RateWindow.hits).where(
            RateWindow.key_hash == _hash(key), RateWindow.until.between(now, now + LONGEST_WINDOW)
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
