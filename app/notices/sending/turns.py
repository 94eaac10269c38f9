"""Whose turn it is: when each claimed message may go, as its member's pace allows."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from app.db import Session
from app.notices import pacing
from app.notices.models import Delivery, Outcome

table = cast(sa.Table, Delivery.__table__)


def planned(
    current: Session, rows: Sequence[sa.Row[Any]], now: datetime
) -> list[tuple[sa.Row[Any], datetime]]:
    """Each row with the moment it may go."""
    wanted = Counter(row.recipient_id for row in rows)
    earlier = _earlier(current, wanted, now)
    plans = {
        person: iter(pacing.slots(earlier[person], wanted=count, now=now)) for person, count in wanted.items()
    }
    return [(row, next(plans[row.recipient_id])) for row in rows]


def _earlier(current: Session, wanted: Counter[int], now: datetime) -> dict[int, list[datetime]]:
    """When the members who come near a limit were written to within the hour, oldest first."""
    # A try of days to come was dated by a clock that has been put right since.
    this_hour = table.c.tried_at.between(now - pacing.HOUR, now + pacing.MINUTE)
    recent = sa.and_(table.c.tried_at.is_not(None), this_hour)
    counts = sa.select(table.c.recipient_id, sa.func.count()).where(
        table.c.recipient_id.in_(sa.bindparam("members", expanding=True)), recent
    )
    busy = [
        person
        for person, count in current.execute(counts.group_by(table.c.recipient_id), {"members": list(wanted)})
        if count + wanted[person] > pacing.PER_MINUTE
    ]
    moments: dict[int, list[datetime]] = defaultdict(list)
    if busy:
        # A row on its way may be sent at any moment until it is recorded: it counts as sent now.
        on_its_way = sa.case((table.c.outcome == Outcome.SENDING, now), else_=table.c.tried_at)
        sent_at = sa.type_coerce(on_its_way, table.c.tried_at.type).label("sent_at")
        query = sa.select(table.c.recipient_id, sent_at).where(table.c.recipient_id.in_(busy), recent)
        for person, moment in current.execute(query.order_by(sent_at)):
            moments[person].append(moment)
    return moments
