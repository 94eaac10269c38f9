"""When the clock speaks of a task next: the ladder below the deadlines of its open rows."""

from datetime import datetime

import sqlalchemy as sa

from app import clock
from app.db import Session
from app.tasks import ladder
from app.tasks.models import PointTask, Task


def look_ahead(session: Session, task: Task) -> None:
    """Rows were opened again or added: the ladder below their deadlines counts, where it had ended already."""
    session.flush()
    now = clock.now()
    steps = [ladder.next_moment(session, due, after=now) for due in deadlines_ahead(session, task, now)]
    task.remind_at = min([step for step in (*steps, task.remind_at) if step], default=None)


def deadlines_ahead(current: Session, task: Task, now: datetime) -> list[datetime]:
    """A row sent back may have a deadline of its own."""
    ahead = (PointTask.task_id == task.id, PointTask.is_open, PointTask.due_at > now)
    query = sa.select(PointTask.due_at).where(*ahead)
    return list(current.execute(query.distinct()).scalars())
