"""What a publisher reads in the app of what was fed back and closed: one entry a task, which grows (Q44).

Found out by the clock from the history, so that 反馈 and 办结 do nothing for it and wait for nobody.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app import clock
from app.db import Session, session, transaction
from app.locks import repeatable
from app.notices.models import Delivery
from app.notices.queue import outbox
from app.notices.telling import Recipient, Telling
from app.people.models import Person
from app.places.models import Place
from app.places.names import told_apart
from app.tasks.lifecycle import Act
from app.tasks.models import PointTask, Task
from app.tasks.telling import tellings
from app.tasks.telling.about import about_task
from app.work import scanning
from app.work.models import HistoryEvent

NEWS = {Act.FEED_BACK: "反馈", Act.CLOSE: "办结"}
LATEST = 3  # acts that are named
FIRST_LOOK = timedelta(days=3)
OVERLAP = timedelta(minutes=5)  # an act is seen once its transaction is over, some time after its moment
KIND = PointTask.__tablename__


class Watch:
    """Looks, time and again, at what happened since it looked last."""

    def __init__(self) -> None:
        self._looked_at: datetime | None = None

    def scan(self) -> int:
        """Bring the entries of tasks with news up to date; returns how many changed. Safe to repeat and cut off."""
        now = clock.now()
        since = self._looked_at - OVERLAP if self._looked_at else now - FIRST_LOOK
        # Of a task that fails a later act tries again.
        changed = scanning.each(_tasks_with_news(since), _bring_up_to_date, name="news of task")
        self._looked_at = now
        return sum(changed)


def _tasks_with_news(since: datetime) -> Sequence[int]:
    query = (
        sa.select(PointTask.task_id)
        .join(HistoryEvent, HistoryEvent.subject_id == PointTask.id)
        .where(HistoryEvent.act.in_(NEWS), HistoryEvent.at > since, HistoryEvent.subject_kind == KIND)
        .distinct()
        .order_by(PointTask.task_id)
    )
    ids = session().execute(query).scalars().all()
    session().rollback()
    return ids


@repeatable
def _bring_up_to_date(task_id: int) -> bool:
    """The entry says what is so, on top of the list and unread; False where it said so before."""
    with transaction() as current:
        task = current.get(Task, task_id)
        if task is None or task.revoked_at or task.publisher.left_at:
            return False
        telling = _telling(current, task)
        [row] = [row for rows in outbox.prepare(current, [telling]).rows.values() for row in rows]
        before = current.execute(sa.select(Delivery).where(*_entry_of(task))).scalar_one_or_none()
        if before is not None and (before.wording, before.text) == (row["wording"], row["text"]):
            return False
        if before is not None:
            current.delete(before)
            current.flush()
        outbox.announce(current, _published(current, task), [telling])
        return True


def _telling(current: Session, task: Task) -> Telling:
    publisher = task.publisher
    to = Recipient(publisher.id, publisher.userid, publisher.name)
    return tellings.progressed(about_task(task), to, _so_far(current, task))


def _entry_of(task: Task) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        Delivery.subject_kind == Task.__tablename__,
        Delivery.subject_id == task.id,
        Delivery.recipient_id == task.publisher_id,
        Delivery.wording.in_((tellings.SO_FAR, tellings.HOPELESS)),
    )


def _published(current: Session, task: Task) -> HistoryEvent:
    """What the entry hangs on: it is about all that followed."""
    of_task = (HistoryEvent.subject_kind == Task.__tablename__, HistoryEvent.subject_id == task.id)
    query = sa.select(HistoryEvent).where(*of_task, HistoryEvent.act == Act.PUBLISH)
    return current.execute(query.order_by(HistoryEvent.id).limit(1)).scalar_one()


def _so_far(current: Session, task: Task) -> tellings.Progress:
    row: Any = PointTask.__table__.c
    counts = sa.select(
        sa.func.count(),
        sa.func.count(row.closed_at),
        sa.func.sum(sa.case((sa.and_(PointTask.is_open, row.latest_note_at.is_not(None)), 1), else_=0)),
    ).where(row.task_id == task.id, row.revoked_at.is_(None), row.items_total > 0)
    points, closed, fed_back = current.execute(counts).one()
    hopeless, latest = _hopeless(current, task), _latest(current, task)
    return tellings.Progress(points, closed, int(fed_back or 0), hopeless, latest)


def _hopeless(current: Session, task: Task) -> list[tellings.Hopeless]:
    """Open rows whose deadline cannot be met, as somebody said of this very deadline."""
    query = (
        sa.select(Place.name, Place.path, Person.name, PointTask.latest_note)
        .join(Place, Place.code == PointTask.place_code)
        .join(Person, Person.id == PointTask.implementer_id)
        .where(PointTask.task_id == task.id, PointTask.is_hopeless)
        .order_by(PointTask.latest_note_at.desc(), PointTask.id)
    )
    found = current.execute(query).all()
    places = told_apart((name, path) for name, path, _, _ in found)
    return [
        tellings.Hopeless(place, who, note) for place, (_, _, who, note) in zip(places, found, strict=True)
    ]


def _latest(current: Session, task: Task) -> list[str]:
    """The newest acts in words: 11-24 09:10 长安区 王强 办结."""
    query = (
        sa.select(Place.name, Place.path, HistoryEvent.at, Person.name, HistoryEvent.act)
        .join(PointTask, PointTask.id == HistoryEvent.subject_id)
        .join(Place, Place.code == PointTask.place_code)
        .join(Person, Person.id == HistoryEvent.by_id)
        .where(HistoryEvent.subject_kind == KIND, HistoryEvent.act.in_(NEWS), PointTask.task_id == task.id)
        .order_by(HistoryEvent.id.desc())
        .limit(LATEST)
    )
    found = current.execute(query).all()
    places = told_apart((name, path) for name, path, _, _, _ in found)
    return [
        f"{clock.shown(at)[5:]} {place} {who} {NEWS[Act(act)]}"
        for place, (_, _, at, who, act) in zip(places, found, strict=True)
    ]
