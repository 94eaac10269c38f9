"""What stands above the rows of a task, for those who may see it."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, lazyload

from app import clock
from app.db import session
from app.errors import NotFound
from app.people.models import Person, Who
from app.tasks import access, counts, items, labels, lifecycle, rollback_effects
from app.tasks.access import NOT_FOUND
from app.tasks.labels import ROLLED_BACK, ItemState, TaskState
from app.tasks.models import Patch, PointTask, Task, TaskItem
from app.tasks.reading.tree import added_up


@dataclass(frozen=True, slots=True)
class Pause:
    """暂停提醒 as people read it: the last day, why, and who decided it."""

    to: date
    reason: str
    by: str

    @property
    def words(self) -> str:
        """The same in one sentence."""
        return f"提醒暂停至 {self.to}：{self.reason}（{self.by}）"


@dataclass(frozen=True, slots=True)
class TaskHead:
    """What stands above the rows of a task."""

    id: int
    type: str
    urgency: str
    note: str
    due_at: datetime
    publisher: str
    department: str
    published_at: datetime
    state: TaskState
    counts: Counter[str]
    rows: int
    closed: int
    live: int
    percent: int
    manages: bool
    version: int
    patch: Patch | None
    follows_id: int | None
    items_by_state: Mapping[int, int]  # of an 升级任务
    pause: Pause | None  # while its reminders are paused

    @property
    def facts(self) -> lifecycle.TaskFacts:
        """What decides about its buttons."""
        return lifecycle.TaskFacts(
            revoked=self.state is TaskState.REVOKED,
            unfinished=self.live - self.closed,
            upgrade=self.patch is not None,
            left_to_roll_back=rollback_effects.some_left(self.items_by_state),
            paused=self.pause is not None,
            frozen=self.state is TaskState.NOT_UPGRADED,
        )

    @property
    def percent_text(self) -> str:
        """完成进度 in words: 66%."""
        return labels.percent_of(self.percent, self.live)

    @property
    def closed_text(self) -> str:
        """办结 12/18."""
        return labels.closed_of(self.closed, self.live)

    @property
    def rolled_back(self) -> bool:
        """True where a 升级回退 has taken modules back."""
        return any(state in ROLLED_BACK for state in self.items_by_state)

    @property
    def restored(self) -> tuple[int, int]:
        """How many items of a 升级回退 are 已回退, and how many must be."""
        done, waiting = (
            self.items_by_state.get(s, 0) for s in (ItemState.ROLLED_BACK, ItemState.TO_ROLL_BACK)
        )
        return done, done + waiting


def head(person: Who, task_id: int) -> TaskHead:
    """A published task; NotFound for a missing or foreign one alike."""
    query = sa.select(Task).where(
        Task.id == task_id, Task.published_at.is_not(None), access.visible_tasks(person)
    )
    publisher = joinedload(Task.publisher).options(joinedload(Person.department), lazyload(Person.role_rows))
    task = session().execute(query.options(publisher)).unique().scalar_one_or_none()
    if task is None or task.published_at is None or task.due_at is None:
        raise NotFound(NOT_FOUND)
    tallies = counts.tallies(session(), [task.id])[task.id]
    sums = added_up(tallies, revoked=task.revoked_at is not None)
    department = task.publisher.department
    return TaskHead(
        id=task.id,
        type=task.type,
        urgency=task.urgency,
        note=task.note,
        due_at=task.due_at,
        publisher=task.publisher.name,
        department=department.name if department else "",
        published_at=task.published_at,
        state=sums.state,
        counts=Counter({label: tally.rows for label, tally in tallies.items()}),
        rows=sums.rows,
        closed=sums.closed,
        live=sums.live,
        percent=sums.percent,
        manages=access.manages(person, task),
        version=task.version,
        patch=task.patch,
        follows_id=task.follows_id,
        items_by_state=items.by_state(session(), task),
        pause=pause_of(task),
    )


def standings(task_ids: Collection[int]) -> dict[int, str]:
    """Task id → how all of its rows stand, in the words of its page: 66% · 办结 12/18 (Q55)."""
    found = {}
    for task_id, tallies in counts.tallies(session(), list(task_ids)).items():
        sums = added_up(tallies, revoked=False)
        words = (labels.percent_of(sums.percent, sums.live), labels.closed_of(sums.closed, sums.live))
        found[task_id] = " · ".join(filter(None, words))
    return found


def pause_of(task: Task) -> Pause | None:
    """The 暂停提醒 of a task that is not revoked, up to the end of its last day."""
    if task.revoked_at or task.paused_to is None or task.paused_by is None:
        return None
    if not task.is_paused(clock.today()):
        return None
    return Pause(task.paused_to, task.pause_reason or "", task.paused_by.name)


def linked(person: Who, found: TaskHead) -> tuple[list[Task], list[Task]]:
    """The 升级任务 that this one follows, and those that follow it, as far as `person` may see them (Q21)."""
    if found.patch is None:
        return [], []
    query = sa.select(Task).where(
        access.visible_tasks(person),
        Task.published_at.is_not(None),
        sa.or_(Task.id == (found.follows_id or 0), Task.follows_id == found.id),
    )
    tasks = session().execute(query.order_by(Task.id)).scalars().all()
    return [one for one in tasks if one.id == found.follows_id], [
        one for one in tasks if one.follows_id == found.id
    ]


def managed(person: Who, task_id: int) -> TaskHead:
    """A task for those who manage it; NotFound for everyone else."""
    found = head(person, task_id)
    if not found.manages:
        raise NotFound(NOT_FOUND)
    return found


def for_edit(person: Who, task_id: int) -> tuple[TaskHead, list[str]]:
    """A task with the codes of its live points, for those who manage it."""
    found = managed(person, task_id)
    query = sa.select(PointTask.place_code).where(
        PointTask.task_id == task_id, PointTask.revoked_at.is_(None)
    )
    return found, list(session().execute(query.order_by(PointTask.id)).scalars())


def rolled_back_places(person: Who, task_id: int) -> list[str]:
    """The codes of the points that a 升级回退 touched, for the task that repairs them (Q21)."""
    for_edit(person, task_id)
    touched = sa.select(TaskItem.point_task_id).where(TaskItem.state.in_(ROLLED_BACK))
    query = sa.select(PointTask.place_code).where(
        PointTask.task_id == task_id, PointTask.revoked_at.is_(None), PointTask.id.in_(touched)
    )
    return list(session().execute(query.order_by(PointTask.id)).scalars())
