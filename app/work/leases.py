"""Names that one process holds at a time, decided by a conditional UPDATE; and signs of life."""

from datetime import timedelta

import sqlalchemy as sa

from app import clock
from app.db import changed_rows, insert_once, session, transaction
from app.locks import repeatable
from app.work.models import Lease

SCHEDULER = "scheduler"
LASTS = timedelta(seconds=30)
RENEW_SECONDS = 10


@repeatable
def acquire(name: str, *, owner: str, lasts: timedelta = LASTS) -> bool:
    """Take or renew `name` for `owner`; False while somebody else holds it."""
    with transaction() as current:
        now = clock.now()
        free = sa.or_(
            Lease.owner == owner,
            Lease.until <= now,
            # A sign of life from the future was given before the clock was set back; do not wait for it.
            Lease.beat_at > now + lasts,
        )
        values = {"owner": owner, "until": now + lasts, "beat_at": now}
        update = sa.update(Lease).where(Lease.name == name, free).values(values)
        return bool(changed_rows(current.execute(update))) or insert_once(
            current, Lease, {"name": name, **values}
        )


@repeatable
def release(name: str, *, owner: str) -> None:
    """Let go of `name`, so that a successor need not wait for the lease to end."""
    with transaction() as current:
        current.execute(
            sa.update(Lease).where(Lease.name == name, Lease.owner == owner).values(until=clock.now())
        )


def heartbeat_age(name: str = SCHEDULER) -> timedelta | None:
    """How long ago the holder of `name` gave a sign of life; None if nobody ever held it.

    One from far ahead, before the clock was put right, is as little a sign as one from long ago.
    """
    beat_at = session().execute(sa.select(Lease.beat_at).where(Lease.name == name)).scalar()
    return None if beat_at is None else abs(clock.now() - beat_at)
