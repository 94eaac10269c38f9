"""Why the whole queue stands still, and since when; a row that is absent while all is well."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from app import clock
from app.db import changed_rows, insert_once, session, transaction
from app.locks import repeatable
from app.notices import pacing
from app.notices.models import Delivery, Outcome, Stoppage

THE_QUEUE = 1


@repeatable
def begin(reason: str, *, errcode: int | None, seconds: float) -> None:
    """Send nothing for `seconds`, then try with one message. `since` stays what it was."""
    with transaction() as current:
        now = clock.now()
        values = {"reason": reason, "errcode": errcode, "until": now + timedelta(seconds=seconds)}
        since = sa.case((Stoppage.since > now, now), else_=Stoppage.since)  # the clock was put right
        update = sa.update(Stoppage).where(Stoppage.id == THE_QUEUE).values(values | {"since": since})
        if not changed_rows(current.execute(update)):
            insert_once(current, Stoppage, {"id": THE_QUEUE, "since": now, **values})


def lasts(until: datetime | None) -> bool:
    """Whether a pause that lasts `until` is still on."""
    return clock.awaits(until, longest=pacing.LONGEST_PAUSE)


@repeatable
def may_probe() -> bool:
    """Take the right to send one message ahead; one of all senders gets it, once a pause has run its time."""
    with transaction() as current:
        now = clock.now()
        over = sa.or_(Stoppage.until <= now, Stoppage.until > now + pacing.LONGEST_PAUSE)
        mine = sa.update(Stoppage).where(Stoppage.id == THE_QUEUE, over)
        until = now + timedelta(seconds=pacing.PROBE_SECONDS)
        return changed_rows(current.execute(mine.values(until=until))) == 1


@repeatable
def not_probed() -> None:
    """There was nothing to send ahead after all; the next one need not wait."""
    with transaction() as current:
        mine = sa.update(Stoppage).where(Stoppage.id == THE_QUEUE)
        current.execute(mine.values(until=clock.now()))


@repeatable
def lift() -> None:
    """Go on. Messages that were backing off come back now: the line was bad, not they.

    Those in doubt go first, in their old place in the queue: should the line
    break again, it is they that meet it, and no others come to be in doubt.
    """
    with transaction() as current:
        now = clock.now()
        current.execute(sa.delete(Stoppage).where(Stoppage.id == THE_QUEUE))
        doubtful = Delivery.doubtful_since.is_not(None)
        backing_off = sa.and_(Delivery.next_at > now, Delivery.attempts > 0)
        waits = sa.and_(Delivery.next_at.is_not(None), Delivery.outcome == Outcome.PENDING)
        old_place = sa.case((sa.and_(doubtful, Delivery.created_at < now), Delivery.created_at), else_=now)
        current.execute(
            sa.update(Delivery)
            .where(waits, sa.or_(doubtful, backing_off))
            .values(next_at=old_place)
            .execution_options(synchronize_session=False)
        )


def present() -> Stoppage | None:
    """The pause that is on, if any; it lasts until a message went through, whatever `until` says."""
    return session().get(Stoppage, THE_QUEUE)
