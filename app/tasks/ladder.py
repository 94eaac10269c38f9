"""The ladder before a deadline: at which moments an open row is spoken of before it is overdue."""

from datetime import datetime, timedelta
from typing import NamedTuple

from flask import current_app

from app import clock
from app.db import Session
from app.work import calendar_days
from app.work.calendar import working_days_before


class Step(NamedTuple):
    """So many working days, or hours, before the deadline."""

    days: int
    hours: int


def read(text: str) -> tuple[Step, ...]:
    """ "1d,2h" as steps; "off" as none. ValueError for anything else."""
    if text == "off":
        return ()
    steps = []
    for part in text.split(","):
        number, unit = int(part.strip()[:-1]), part.strip()[-1:]
        if unit not in ("d", "h") or not 1 <= number <= 200:
            raise ValueError(text)
        steps.append(Step(number, 0) if unit == "d" else Step(0, number))
    return tuple(steps)


def moments(session: Session, due_at: datetime) -> list[datetime]:
    """The moments of the ladder below this deadline, earliest first."""
    steps: tuple[Step, ...] = current_app.config["REMIND_BEFORE"]
    overrides = calendar_days.overrides(session) if any(step.days for step in steps) else {}
    return sorted(
        working_days_before(step.days, due_at, overrides=overrides)
        if step.days
        else due_at - timedelta(hours=step.hours)
        for step in steps
    )


def next_moment(session: Session, due_at: datetime, *, after: datetime | None = None) -> datetime | None:
    """The first moment that is still to come; None where the deadline is nearer than the last step."""
    after = after or clock.now()
    return next((moment for moment in moments(session, due_at) if moment > after), None)
