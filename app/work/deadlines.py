"""When the clock looks at what has a deadline: at steps before it, at the deadline itself, on mornings after it. Pure.

A kind of work keeps the moment of the next look in a column of its own; `scanning` finds what is due.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from app.work.calendar import (
    Overrides,
    next_working_hour,
    next_working_morning,
    working_days_before,
)

WRITTEN = r"[1-9]\d?[dh](, ?[1-9]\d?[dh])*"
SPREAD_MINUTES = 9


class Step(NamedTuple):
    """So many working days, or hours, before the deadline."""

    days: int
    hours: int


def read(text: str) -> tuple[Step, ...]:
    """ "1d,2h" as steps; "off" as none. ValueError for anything else, as the setting has it."""
    if text == "off":
        return ()
    if not re.fullmatch(WRITTEN, text):
        raise ValueError(text)
    steps = []
    for part in text.split(","):
        number, unit = int(part.strip()[:-1]), part[-1]
        steps.append(Step(number, 0) if unit == "d" else Step(0, number))
    return tuple(steps)


def moments(due_at: datetime, steps: Iterable[Step], *, overrides: Overrides) -> list[datetime]:
    """The moments of the steps before this deadline, the earliest first."""
    found = []
    for step in steps:
        earlier = due_at - timedelta(hours=step.hours)
        found.append(working_days_before(step.days, earlier, overrides=overrides))
    return sorted(found)


def next_moment(
    due_at: datetime, steps: Iterable[Step], *, overrides: Overrides, after: datetime
) -> datetime | None:
    """The first of them that is still to come; None where the deadline is nearer than the last step."""
    return next((one for one in moments(due_at, steps, overrides=overrides) if one > after), None)


def next_of(
    deadlines: Iterable[datetime], steps: Sequence[Step], *, overrides: Overrides, after: datetime
) -> datetime | None:
    """The first moment that is still to come of any of these deadlines."""
    found = [next_moment(due_at, steps, overrides=overrides, after=after) for due_at in deadlines]
    return min((moment for moment in found if moment is not None), default=None)


def next_look(
    due_at: datetime, steps: Sequence[Step], *, overrides: Overrides, after: datetime
) -> datetime | None:
    """When the clock looks again at what has this deadline: the next step, then the deadline; None after it."""
    step = next_moment(due_at, steps, overrides=overrides, after=after)
    if step is not None:
        return step
    return due_at if due_at > after else None


def reached(
    deadlines: Iterable[datetime],
    steps: Sequence[Step],
    *,
    overrides: Overrides,
    until: datetime,
    since: datetime | None = None,
) -> list[datetime]:
    """Those of the deadlines of which a step came up to `until`, and not before `since`."""
    found = []
    for due_at in deadlines:
        over = [one for one in moments(due_at, steps, overrides=overrides) if one <= until]
        if any(since is None or one >= since for one in over):
            found.append(due_at)
    return found


def next_morning(since: datetime, *, overrides: Overrides, spread: int) -> datetime:
    """A little after nine on the next working day: not all at once, but minutes apart by `spread` (an id)."""
    return next_working_morning(since, overrides=overrides) + _minutes(spread)


def working_hour(since: datetime, *, overrides: Overrides, spread: int) -> datetime:
    """`since` itself where people are at work then, otherwise a little after nine when they next are."""
    hour = next_working_hour(since, overrides=overrides)
    return hour if hour == since else hour + _minutes(spread)


def _minutes(spread: int) -> timedelta:
    return timedelta(minutes=1 + spread % SPREAD_MINUTES)
