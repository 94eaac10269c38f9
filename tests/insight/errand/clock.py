"""What the clock does with a 跑腿: an hour before its time it says so, and when that is over."""

from datetime import datetime

from app import clock
from app.db import Session, among, transaction
from app.locks import held, repeatable
from app.notices.queue import outbox
from app.work import deadlines, history, scanning
from app.work.calendar import AS_ANNOUNCED
from tests.insight.errand.models import Errand
from tests.insight.errand.telling import LATE, REMIND, to_runner

STEPS = deadlines.read("1h")


def scan() -> int:
    """Look at whatever has come to its moment; returns how many."""
    return scanning.mark_due(Errand.next_look_at, _look_at, now=clock.now(), at_once=100, name="errands")


def next_look(row: Errand, *, after: datetime) -> datetime | None:
    """When the clock looks at a row again."""
    return deadlines.next_look(row.due_at, STEPS, overrides=AS_ANNOUNCED, after=after)


@repeatable
def _look_at(ids: list[int], now: datetime) -> int:
    with transaction() as current:
        rows = held(current, Errand, among(Errand.id, ids), Errand.next_look_at <= now)
        for row in rows:
            _say(current, row, now)
        return len(rows)


def _say(current: Session, row: Errand, now: datetime) -> None:
    row.next_look_at = next_look(row, after=now)
    act = REMIND
    if row.due_at <= now:
        row.late_at, act = now, LATE
    event = history.record(current, row, act, by=None)
    outbox.announce(current, event, [to_runner(current, row, act)])
