"""What the clock says besides 已超期: before the deadline, every working day after it, and upwards."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from functools import partial

import sqlalchemy as sa
from flask import current_app

from app import clock
from app.db import Session, among, transaction
from app.locks import held_one, repeatable
from app.notices.queue import outbox
from app.notices.recipients import region_managers
from app.notices.telling import Telling
from app.tasks import upcoming
from app.tasks.lifecycle import Act
from app.tasks.models import PointTask, Task
from app.tasks.telling import tellings
from app.tasks.telling.about import about_task, recipients
from app.tasks.telling.points import points_of
from app.work import calendar_days, deadlines, history, scanning
from app.work.calendar import is_working_day, working_days_since


def scan() -> int:
    """Speak of every task whose moment has come; returns how many tasks. Safe to repeat and to cut off."""
    now = clock.now()
    coming = scanning.due(Task.remind_at, ~Task.silent_at(now), now=now)
    late = scanning.due(Task.nag_at, ~Task.silent_at(now), now=now)
    for tasks, speak in ((coming, _remind), (late, _nag)):
        act = partial(_speak_of, speak, now)
        scanning.each(tasks, act, name="reminders of task", postpone=partial(_postpone, now))
    return len(coming) + len(late)


def _postpone(now: datetime, task_id: int) -> None:
    scanning.postpone(task_id, Task.remind_at, Task.nag_at, now=now)


def next_nag(session: Session, task: Task, *, now: datetime) -> datetime | None:
    """When a task with overdue rows is spoken of again: the next working morning, a little after nine."""
    if not (current_app.config["OVERDUE_DAILY"] or current_app.config["ESCALATE_AFTER_DAYS"]):
        return None
    return deadlines.next_morning(now, overrides=calendar_days.overrides(session), spread=task.id)


@repeatable
def _speak_of(speak: Callable[[Session, Task, datetime], None], now: datetime, task_id: int) -> None:
    with transaction() as current:
        task = held_one(current, Task, task_id)
        if task is not None and not task.is_silent(now):
            speak(current, task, now)


def _remind(current: Session, task: Task, now: datetime) -> None:
    """Before the deadline: those who still have an open row read of it (Q44: in the app unless configured)."""
    if task.remind_at is None or task.remind_at > now:
        return
    ahead = upcoming.deadlines_ahead(current, task, now)
    reached = upcoming.reached(current, ahead, now=now, since=task.remind_at)
    told = [] if task.revoked_at else _told_of_deadlines(current, task, reached)
    if told:
        event = history.record(current, task, Act.REMIND, by=None, points=len(told))
        outbox.announce(current, event, told, waits=tellings.may_wait(task.type))
    task.remind_at = None if task.revoked_at else upcoming.first_step(current, ahead, now=now)


def coming(current: Session, task: Task, *conditions: sa.ColumnElement[bool]) -> list[Telling]:
    """What the steps that are over say now, of open rows that meet `conditions`."""
    now = clock.now()
    reached = upcoming.reached(current, upcoming.deadlines_ahead(current, task, now), now=now)
    return _told_of_deadlines(current, task, reached, *conditions)


def _told_of_deadlines(
    current: Session, task: Task, due: Iterable[datetime], *conditions: sa.ColumnElement[bool]
) -> list[Telling]:
    told: list[Telling] = []
    for due_at in due:
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
    for region_id, managers in region_managers(current, set(regions.values())).items():
        own = [point for point in points if regions[point.id] == region_id]
        told += tellings.escalated(about_task(task), own, people, managers, days=days)
    return told
