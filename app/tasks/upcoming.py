"""When the clock speaks of a task next: the steps before the deadlines of its open rows."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from flask import current_app

from app import clock
from app.db import Session
from app.tasks.models import PointTask, Task
from app.work import calendar_days, deadlines


def look_ahead(session: Session, task: Task) -> None:
    """Rows were opened again or added: the steps before their deadlines count, where they had ended already."""
    session.flush()
    now = clock.now()
    first = first_step(session, deadlines_ahead(session, task, now), now=now)
    task.remind_at = min((step for step in (first, task.remind_at) if step), default=None)


def first_step(session: Session, due: Iterable[datetime], *, now: datetime) -> datetime | None:
    """The next moment at which one of these deadlines is spoken of."""
    return deadlines.next_of(due, _steps(), overrides=calendar_days.overrides(session), after=now)


def reached(
    session: Session, due: Iterable[datetime], *, now: datetime, since: datetime | None = None
) -> list[datetime]:
    """Those of these deadlines of which a step came up by now, and not before `since`."""
    overrides = calendar_days.overrides(session)
    return deadlines.reached(due, _steps(), overrides=overrides, since=since, until=now)


def deadlines_ahead(session: Session, task: Task, now: datetime) -> list[datetime]:
    """The deadlines of open rows that are still to come: a row sent back may have one of its own."""
    ahead = (PointTask.task_id == task.id, PointTask.is_open, PointTask.due_at > now)
    query = sa.select(PointTask.due_at).where(*ahead)
    return list(session.execute(query.distinct()).scalars())


def _steps() -> tuple[deadlines.Step, ...]:
    steps: tuple[deadlines.Step, ...] = current_app.config["REMIND_BEFORE"]
    return steps
