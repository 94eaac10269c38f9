"""Why the whole queue stands still, and since when; a row that is absent while all is well."""

from datetime import timedelta

import sqlalchemy as sa

from app import clock
from app.db import changed_rows, insert_once, session, transaction
from app.locks import repeatable
from app.notices.models import Delivery, Outcome, QueuePause

THE_QUEUE = 1


@repeatable
def hold(reason: str, *, errcode: int | None, seconds: float) -> None:
    """Send nothing for `seconds`, then try with one message. `since` stays what it was."""
    with transaction() as current:
        now = clock.now()
        values = {"reason": reason, "errcode": errcode, "until": now + timedelta(seconds=seconds)}
        update = sa.update(QueuePause).where(QueuePause.id == THE_QUEUE).values(values)
        if not changed_rows(current.execute(update)):
            insert_once(current, QueuePause, {"id": THE_QUEUE, "since": now, **values})


@repeatable
def lift() -> None:
    """Go on. Messages that were backing off come back now: the line was bad, not they."""
    with transaction() as current:
        now = clock.now()
        current.execute(sa.delete(QueuePause).where(QueuePause.id == THE_QUEUE))
        backing_off = sa.and_(
            Delivery.next_at.is_not(None),
            Delivery.next_at > now,
            Delivery.outcome == Outcome.PENDING,
            Delivery.attempts > 0,
        )
        current.execute(
            sa.update(Delivery)
            .where(backing_off)
            .values(next_at=now)
            .execution_options(synchronize_session=False)
        )


def present() -> QueuePause | None:
    """The pause that is on, if any; it lasts until a message went through, whatever `until` says."""
    return session().get(QueuePause, THE_QUEUE)
