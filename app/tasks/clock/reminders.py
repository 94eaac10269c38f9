"""What the clock says besides 已超期: before the deadline, every working day after it, and upwards."""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import current_app

from app import clock
from app.db import Session, among, session, transaction
from app.locks import held_one, repeatable
from app.notices.queue import outbox
from app.notices.telling import Recipient, Telling
from app.people.models import Person, PersonRole, Role
from app.tasks import ladder
from app.tasks.lifecycle import Act
from app.tasks.models import PointTask, Task
from app.tasks.telling import tellings
from app.tasks.telling.about import about_task, recipients
from app.tasks.telling.points import points_of
from app.tasks.upcoming import deadlines_ahead
from app.work import calendar_days, history
from app.work.calendar import is_working_day, next_working_morning, working_days_since

log = logging.getLogger(__name__)

POSTPONE = timedelta(hours=1)


def scan() -> int:
    """Speak of every task whose moment has come; returns how many tasks. Safe to repeat and to cut off."""
    now = clock.now()
    coming = _due(Task.remind_at, now)
    late = _due(Task.nag_at, now)
    for task_id in coming:
        _safely(_remind, task_id, now)
    for task_id in late:
        _safely(_nag, task_id, now)
    return len(coming) + len(late)


def next_nag(session: Session, task: Task, *, now: datetime) -> datetime | None:
    """When a task with overdue rows is spoken of again: the next working morning, a little after nine."""
    if not (current_app.config["OVERDUE_DAILY"] or current_app.config["ESCALATE_AFTER_DAYS"]):
        return None
    morning = next_working_morning(now, overrides=calendar_days.overrides(session))
    return morning + timedelta(minutes=1 + task.id % 9)


def _due(moment: Any, now: datetime) -> list[int]:
    query = (
        sa.select(Task.id).where(moment.is_not(None), moment <= now, ~Task.silent_at(now)).order_by(moment)
    )
    ids = list(session().execute(query).scalars())
    session().rollback()
    return ids


def _safely(speak: Callable[[Session, Task, datetime], None], task_id: int, now: datetime) -> None:
    """One task, one transaction; a bad one is logged, postponed, and stops no other."""
    try:
        _speak_of(task_id, speak, now)
    except Exception:
        log.exception("reminders: task %s not spoken of, postponed", task_id)
        _postpone(task_id, now)


@repeatable
def _speak_of(task_id: int, speak: Callable[[Session, Task, datetime], None], now: datetime) -> None:
    with transaction() as current:
        task = held_one(current, Task, task_id)
        if task is not None and not task.is_silent(now):
            speak(current, task, now)


@repeatable
def _postpone(task_id: int, now: datetime) -> None:
    with transaction() as current:
        update = sa.update(Task).where(Task.id == task_id)
        for column in (Task.remind_at, Task.nag_at):
            current.execute(update.where(column <= now).values({column.key: now + POSTPONE}))


def _remind(current: Session, task: Task, now: datetime) -> None:
    """Before the deadline: those who still have an open row read of it (Q44: in the app unless configured)."""
    if task.remind_at is None or task.remind_at > now:
        return
    ahead = deadlines_ahead(current, task, now)
    reached = [
        due for due in ahead if any(task.remind_at <= step <= now for step in ladder.moments(current, due))
    ]
    told = [] if task.revoked_at else _told_of_deadlines(current, task, reached)
    if told:
        event = history.record(current, task, Act.REMIND, by=None, points=len(told))
        outbox.announce(current, event, told, waits=tellings.may_wait(task.type))
    later = [step for due in ahead if (step := ladder.next_moment(current, due, after=now))]
    task.remind_at = None if task.revoked_at else min(later, default=None)


def coming(current: Session, task: Task, *conditions: sa.ColumnElement[bool]) -> list[Telling]:
    """What the steps of the ladder that are over say now, of open rows that meet `conditions`."""
    now = clock.now()
    ahead = deadlines_ahead(current, task, now)
    reached = [due for due in ahead if any(step <= now for step in ladder.moments(current, due))]
    return _told_of_deadlines(current, task, reached, *conditions)


def _told_of_deadlines(
    current: Session, task: Task, deadlines: Iterable[datetime], *conditions: sa.ColumnElement[bool]
) -> list[Telling]:
    told: list[Telling] = []
    for due_at in deadlines:
        points = points_of(current, task, PointTask.is_open, PointTask.due_at == due_at, *conditions)
        told += tellings.reminded(about_task(task), points, recipients(current, points))
    return told


def _nag(current: Session, task: Task, now: datetime) -> None:
    """A working morning with rows still overdue: say so again (Q43), and upwards where that is configured."""
    if task.nag_at is None or task.nag_at > now:
        return
    overrides = calendar_days.overrides(current)
    # Somebody may have changed the calendar since this moment was chosen.
    if not is_working_day(clock.local(now).date(), overrides=overrides):
        task.nag_at = next_nag(current, task, now=now)
        return
    late = sa.exists().where(PointTask.task_id == task.id, PointTask.is_late)
    any_late = current.execute(sa.select(late)).scalar_one()
    if task.revoked_at or not any_late:
        task.nag_at = None
        return
    if current_app.config["OVERDUE_DAILY"]:
        task.announce_overdue_from = task.published_at  # the overdue scan speaks of all that are still open
    if days := current_app.config["ESCALATE_AFTER_DAYS"]:
        _escalate(current, task, now, days=days)
    task.nag_at = next_nag(current, task, now=now)


def _escalate(current: Session, task: Task, now: datetime, *, days: int) -> None:
    """Tell the 大区经理, once per row, of what stays overdue for so many working days."""
    waiting = (PointTask.is_late, PointTask.escalated_at.is_(None))
    query = sa.select(PointTask.id, PointTask.region_id, PointTask.overdue_at)
    overrides = calendar_days.overrides(current)
    rows = [
        row
        for row in current.execute(query.where(PointTask.task_id == task.id, *waiting))
        if working_days_since(row.overdue_at, until=now, overrides=overrides) >= days
    ]
    if not rows:
        return
    current.execute(
        sa.update(PointTask)
        .where(among(PointTask.id, [row.id for row in rows]))
        .values(escalated_at=now)
        .execution_options(synchronize_session=False)
    )
    told = _told_upwards(current, task, {row.id: row.region_id for row in rows}, days=days)
    event = history.record(current, task, Act.ESCALATE, by=None, points=len(rows), days=days)
    outbox.announce(current, event, told, waits=tellings.may_wait(task.type))


def escalated_to(current: Session, task: Task, managers: Collection[int]) -> list[Telling]:
    """What these 大区经理 are told now of rows that were handed upwards and are still late."""
    handed_up = (PointTask.is_late, PointTask.escalated_at.is_not(None))
    query = sa.select(PointTask.id, PointTask.region_id).where(PointTask.task_id == task.id, *handed_up)
    regions = {row.id: row.region_id for row in current.execute(query)}
    told = _told_upwards(current, task, regions, days=current_app.config["ESCALATE_AFTER_DAYS"] or 0)
    return [one for one in told if one.to.id in managers]


def _told_upwards(
    current: Session, task: Task, regions: Mapping[int, int | None], *, days: int
) -> list[Telling]:
    """What the 大区经理 of these rows (id → 大区) are told."""
    points = points_of(current, task, among(PointTask.id, list(regions)))
    people = recipients(current, points)
    told: list[Telling] = []
    for region_id, managers in _region_managers(current, set(regions.values())).items():
        own = [point for point in points if regions[point.id] == region_id]
        told += tellings.escalated(about_task(task), own, people, managers, days=days)
    return told


def _region_managers(current: Session, regions: set[int | None]) -> dict[int, list[Recipient]]:
    query = (
        sa.select(Person.region_id, Person.id, Person.userid, Person.name)
        .join(PersonRole, PersonRole.person_id == Person.id)
        .where(
            PersonRole.role == Role.REGION_MANAGER,
            Person.region_id.in_(regions - {None}),
            Person.left_at.is_(None),
        )
        .order_by(Person.id)
    )
    found: dict[int, list[Recipient]] = {}
    for region_id, person_id, userid, name in current.execute(query):
        found.setdefault(region_id or 0, []).append(Recipient(person_id, userid, name))
    return found
