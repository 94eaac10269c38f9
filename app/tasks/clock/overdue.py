"""The clock's own act: rows past their deadline become 已超期, and people are told once."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from itertools import chain
from typing import Any

import sqlalchemy as sa

from app import clock
from app.db import Session, among, session, transaction
from app.locks import held_one, hold, repeatable
from app.notices.models import Delivery
from app.notices.queue import outbox
from app.notices.queue.outbox import Prepared
from app.notices.telling import Telling
from app.places.models import Place
from app.tasks import counts, labelling
from app.tasks.clock import reminders
from app.tasks.labels import NOTHING, Label, Tally
from app.tasks.lifecycle import Act
from app.tasks.models import PointTask, Task
from app.tasks.telling import aftercare, tellings
from app.tasks.telling.about import about_task, recipients
from app.tasks.telling.points import Point, points_of
from app.work import history, scanning
from app.work.models import HistoryEvent

# Rows, and people, per transaction: bounds how long the write lock is held.
MARKED_AT_ONCE, TOLD_AT_ONCE = 1000, 2500


def scan() -> int:
    """Mark every row past its deadline, then tell people of finished tasks (T-68, T-69, T-76).

    Returns how many rows were marked. Killed at any point, the next run
    completes it: what is still to mark and to tell is stored in the rows.
    """
    now = clock.now()
    marked = scanning.mark_due(PointTask.next_look_at, _mark, now=now, at_once=MARKED_AT_ONCE, name="overdue")
    # Of a task that fails the next scan tells, for it stays marked as untold.
    scanning.each(_tasks_to_announce(now), _announce, name="overdue: people of task")
    return marked


@repeatable
def _mark(ids: list[int], now: datetime) -> int:
    """One short transaction: facts, label, counts, and the task's wish to tell."""
    update = (
        sa.update(PointTask)
        .where(among(PointTask.id, ids), PointTask.next_look_at.is_not(None), PointTask.next_look_at <= now)
        .values(labelling.with_label(overdue_at=now, next_look_at=None))
        .returning(
            *(PointTask.task_id, PointTask.region_id, PointTask.label),
            *(PointTask.items_total, PointTask.items_done),
        )
        .execution_options(synchronize_session=False)
    )
    tasks = sa.select(PointTask.task_id).where(among(PointTask.id, ids))
    with transaction() as current:
        hold(current, Task, Task.id.in_(tasks))
        hold(current, PointTask, among(PointTask.id, ids))
        rows = current.execute(update).all()
        _count(current, [row for row in rows if row.label == Label.OVERDUE])
        current.execute(
            sa.update(Task)
            .where(Task.id.in_({r.task_id for r in rows}), Task.announce_overdue_from.is_(None))
            .values(announce_overdue_from=now)
            .execution_options(synchronize_session=False)
        )
    return len(rows)


def _count(current: Session, moved: Iterable[Any]) -> None:
    """Rows that were 正常 and are 已超期 now."""
    changes: dict[counts.Key, Tally] = {}
    for row in moved:
        tally = Tally(1, row.items_total, row.items_done)
        region_id = row.region_id or counts.NO_REGION
        was = (row.task_id, region_id, str(Label.NORMAL))
        now = (row.task_id, region_id, str(Label.OVERDUE))
        changes[was] = changes.get(was, NOTHING).less(tally)
        changes[now] = changes.get(now, NOTHING).plus(tally)
    counts.add(current, changes)


def _tasks_to_announce(now: datetime) -> list[int]:
    """Tasks with marked rows whose people were not told, and none left to mark.

    Where the daily reminder is due as well it goes first, for it lets this one speak of all rows.
    """
    left = sa.exists().where(
        PointTask.task_id == Task.id, PointTask.next_look_at.is_not(None), PointTask.next_look_at <= now
    )
    nag_due = sa.and_(Task.nag_at.is_not(None), Task.nag_at <= now)
    waiting = (Task.announce_overdue_from.is_not(None), ~left, ~nag_due, ~Task.silent_at(now))
    query = sa.select(Task.id).where(*waiting).order_by(Task.id)
    ids = list(session().execute(query).scalars())
    session().rollback()
    return ids


@repeatable
def _announce(task_id: int) -> None:
    """One event, one message per person; so many people per transaction that nobody waits long for the lock.

    Killed between two of these, the next scan goes on with those who were not told yet.
    """
    task = session().get(Task, task_id)
    if task is None or task.announce_overdue_from is None:
        return
    due_at, key = task.due_at, _once(task)
    # The daily reminder is gathered: who has twelve late tasks reads one message (Q43).
    gathers = task.announce_overdue_from == task.published_at
    points, stand = _overdue_points(task)
    waiting = _whom_to_tell(task, points, key=key)
    # Read and put together outside the transactions: nobody waits for the writing of thousands of cards.
    cards = aftercare.cards_about([point.id for point in points])
    chunks = [waiting[start : start + TOLD_AT_ONCE] for start in range(0, len(waiting), TOLD_AT_ONCE)] or [[]]
    for chunk in chunks:
        told = list(chain.from_iterable(chunk))
        prepared, waits = outbox.prepare(session(), told), tellings.may_wait(task.type)
        with transaction() as current:
            task = held_one(current, Task, task_id)
            if task is None or task.announce_overdue_from is None or task.due_at != due_at:
                return
            if task.is_silent(clock.now()) or _stand(current, task) != stand:
                return  # somebody closed, transferred, marked a row meanwhile: the next scan tells what is so then
            if task.revoked_at or chunk is chunks[-1]:
                task.announce_overdue_from = None
                task.nag_at = reminders.next_nag(current, task, now=clock.now()) if points else None
            if task.revoked_at or not chunk:
                return
            if cards and not gathers and not outbox.quiet_until(waits=waits):
                aftercare.overdue(current, _ended(cards, told, prepared))
            event = history.record_once(current, task, Act.OVERDUE, key=key, points=len(points))
            outbox.announce(current, event, prepared, waits=waits, gathers=gathers)


def hold_for(current: Session, task: Task, readers: Collection[int]) -> None:
    """Hold what the daily reminder of a locked task is still to say to these people today."""
    points, key = points_of(current, task, PointTask.is_late), _once(task)
    waiting = chain.from_iterable(_whom_to_tell(task, points, key=key))
    told = [one for one in waiting if one.to.id in readers]
    if told:
        event = history.record_once(current, task, Act.OVERDUE, key=key, points=len(points))
        outbox.announce(current, event, told, waits=tellings.may_wait(task.type), gathers=True)


def _once(task: Task) -> str:
    """People hear of a deadline once on a day: the day on which it rings, for what is held for the night."""
    rings_at = outbox.quiet_until(waits=tellings.may_wait(task.type)) or clock.local(clock.now())
    key = f"overdue:{task.id}:{task.due_at}:{rings_at.date()}"
    if task.silent_until:  # what a pause kept from being said is said after it, the same day as well
        key += f":{task.silent_until}"
    return key


def _ended(
    cards: Mapping[tuple[int, int], list[int]], told: Iterable[Telling], prepared: Prepared
) -> list[int]:
    """The cards that somebody has about a row of which they get another one now."""
    rings = prepared.ringing
    pairs = [(one.about_id, one.to.id) for one in told if one.about_id and one.to.id in rings]
    return list(chain.from_iterable(cards.get(pair, ()) for pair in pairs))


def _whom_to_tell(task: Task, points: list[Point], *, key: str) -> list[list[Telling]]:
    """What each person is told, without those who have heard of this deadline today."""
    told = set(
        session()
        .execute(sa.select(Delivery.recipient_id).join(HistoryEvent).where(HistoryEvent.once_key == key))
        .scalars()
    )
    people = recipients(session(), points)
    by_person: dict[int, list[Telling]] = {}
    for telling in tellings.overdue(about_task(task), points, people):
        if telling.to.id not in told:
            by_person.setdefault(telling.to.id, []).append(telling)
    return list(by_person.values())


def _of(task: Task) -> sa.ColumnElement[bool]:
    """The rows that people are told of."""
    marked = PointTask.overdue_at >= task.announce_overdue_from
    return sa.and_(PointTask.task_id == task.id, PointTask.is_late, marked)


def _stand(current: Session, task: Task) -> tuple[int, int]:
    """What changes with every change of these rows: their number, and how often they were changed in all."""
    row: Any = PointTask.__table__.c
    query = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(row.version), 0)).where(_of(task))
    number, changed = current.execute(query).one()
    return int(number), int(changed)


def _overdue_points(task: Task) -> tuple[list[Point], tuple[int, int]]:
    """The rows as tellings need them, and how they stand."""
    row: Any = PointTask.__table__.c
    place: Any = Place.__table__.c
    query = (
        sa.select(
            *(row.id, place.name, row.implementer_id, row.supervisor_id, row.service_manager_id),
            *(place.path, row.due_at, row.version),
        )
        .where(place.code == row.place_code, _of(task))
        .order_by(row.id)
    )
    rows = session().execute(query).all()
    return [Point(*found[:7]) for found in rows], (len(rows), sum(found.version for found in rows))
