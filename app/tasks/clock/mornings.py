"""What was held of tasks, put together anew from the facts when it goes out."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, time, timedelta
from functools import partial

import sqlalchemy as sa
from flask import current_app

from app import clock
from app.db import Session, among
from app.locks import held
from app.notices.models import HELD, Delivery
from app.notices.queue import night
from app.notices.telling import Telling
from app.tasks.clock import overdue, reminders
from app.tasks.lifecycle import Act
from app.tasks.models import PointTask, Task
from app.tasks.telling import aftercare, tellings
from app.tasks.telling.about import about_task, recipients
from app.tasks.telling.points import points_of


class Tasks:
    """What tasks know of their held messages; see `night.Work`."""

    def add(self, current: Session, people: Collection[int]) -> None:
        """Who reads of overdue rows now reads of all that the day would remind of, in the same message (Q43)."""
        if not current_app.config["OVERDUE_DAILY"]:
            return
        late = HELD, Delivery.act == Act.OVERDUE, Delivery.recipient_id.in_(people)
        readers = set(current.execute(sa.select(Delivery.recipient_id).where(*late)).scalars())
        for task in _spoken_of_today(current) if readers else ():
            overdue.hold_for(current, task, readers)

    def anew(self, current: Session, messages: Sequence[Delivery]) -> night.Said:
        """Every act anew for the people of these messages, once per task and act."""
        return night.said_anew(messages, Task.__tablename__, partial(_told, current))

    def alone(self, current: Session, messages: Sequence[Delivery]) -> None:
        """Older cards about a row that gets another one now point to that."""
        late = [row for row in messages if row.about_id and row.act == Act.OVERDUE]
        cards = aftercare.cards_about([row.about_id for row in late if row.about_id])
        old = [card for row in late for card in cards.get((row.about_id or 0, row.recipient_id), ())]
        aftercare.overdue(current, old)


def _spoken_of_today(current: Session) -> Sequence[Task]:
    """Tasks of which the daily reminder is still to come today; locked, for their turn would come meanwhile."""
    now = clock.now()
    tomorrow = datetime.combine(clock.local(now).date() + timedelta(days=1), time())
    today = (Task.nag_at.is_not(None), Task.nag_at < clock.from_local(tomorrow))
    return held(current, Task, *today, ~Task.silent_at(now), Task.revoked_at.is_(None))


def _told(current: Session, task_id: int, act: str, readers: Collection[int]) -> Iterable[Telling]:
    """What this act says to these people now; nothing of a task that was revoked."""
    task = current.get_one(Task, task_id)
    if task.revoked_at:
        return []
    if act == Act.ESCALATE:
        return reminders.escalated_to(current, task, readers)
    if act == Act.REMIND:
        return reminders.coming(current, task, _with_a_part(readers))
    which, said = {
        str(Act.OVERDUE): (PointTask.is_late, tellings.overdue),
        str(Act.URGE): (PointTask.is_open, tellings.urged),
    }[act]
    points = points_of(current, task, which, _with_a_part(readers))
    return said(about_task(task), points, recipients(current, points))


def _with_a_part(people: Collection[int]) -> sa.ColumnElement[bool]:
    """Rows of which these people may be told."""
    parts = (PointTask.implementer_id, PointTask.supervisor_id, PointTask.service_manager_id)
    return sa.or_(*(among(part, people) for part in parts))
