"""Forgets rows that nobody will ask for again, a few at a time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from app import clock
from app.db import changed_rows, transaction
from app.locks import repeatable
from app.people import rounds, sessions
from app.people.models import LoginAttempt, LoginSession
from app.work.models import FormKey

CHUNK = 500  # rows per transaction: others must not wait for the write lock


@dataclass(frozen=True, slots=True)
class Forget:
    """Rows whose `moment` (an indexed column) is longer ago than `after`."""

    moment: InstrumentedAttribute[datetime]
    after: timedelta


OURS = (
    Forget(LoginSession.seen_at, after=sessions.IDLE),
    Forget(LoginAttempt.created_at, after=rounds.KEPT),
    Forget(FormKey.at, after=timedelta(days=7)),
)


def clean(rules: Iterable[Forget] = OURS) -> int:
    """Delete what the rules name; returns how many rows. Safe to interrupt and to repeat."""
    return sum(_forget(rule) for rule in rules)


def _forget(rule: Forget) -> int:
    forgotten = 0
    while count := _forget_chunk(rule):
        forgotten += count
    return forgotten


@repeatable
def _forget_chunk(rule: Forget) -> int:
    kind: Any = rule.moment.class_
    [key] = sa.inspect(kind).primary_key
    old = (
        sa.select(key)
        .where(rule.moment < clock.now() - rule.after)
        .order_by(rule.moment)  # the index's order, so that a chunk is found without a scan
        .limit(CHUNK)
    )
    delete = sa.delete(kind).where(key.in_(old)).execution_options(synchronize_session=False)
    with transaction() as current:
        return changed_rows(current.execute(delete))
