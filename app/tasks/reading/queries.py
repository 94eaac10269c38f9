"""Reads of published work, always within what the reader may see."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import joinedload, lazyload, selectinload

from app.db import session
from app.errors import NotFound
from app.people.models import Person, Who
from app.tasks import access, counts, items, labels, lifecycle
from app.tasks.access import NOT_FOUND, ROW
from app.tasks.filters import Filter
from app.tasks.labels import ROLLED_BACK, ItemState, TaskState
from app.tasks.models import Patch, PointTask, Task, TaskItem
from app.tasks.reading.lines import LINES, Button, RowLine, due_text, lines_of
from app.tasks.reading.tree import TreeMonth, TreeNode, added_up, last_in, tree, tree_nodes
from app.tasks.rollback import rules

__all__ = ["Button", "RowLine", "TreeMonth", "TreeNode", "due_text", "last_in", "tree", "tree_nodes"]

EVERYTHING = Filter()
PAGE = 50
MOST_PER_PAGE = 200


@dataclass(frozen=True, slots=True)
class RowsPage:
    """One page of rows; `next_after` continues it, None at the end."""

    rows: list[RowLine]
    next_after: int | None


SORTS = {"place": ROW.id, "due": ROW.due_at, "state": ROW.label}


def rows_page(
    person: Who,
    *,
    task_id: int | None = None,
    mine: bool = False,
    after: int | None = None,
    size: int = PAGE,
    narrowed: Filter = EVERYTHING,
    sort: str = "place",
) -> RowsPage:
    """The rows `person` may see: of one task as `sort` says (a key of SORTS), else newest first.

    `mine` narrows to rows the person implements, `narrowed` to what was
    filtered for. Keyset paging: the last page costs what the first does. One
    statement, whatever the length.
    """
    size = min(size, MOST_PER_PAGE)
    viewer = access.Viewer.of(person)
    shape = _Shape(viewer.reasons, task_id is not None, mine, after is not None, sort, size + 1)
    page = _page(shape) if narrowed.is_empty else _built(shape, narrowed)
    values = {**viewer.bindings, "task_id": task_id, "after": after}
    found = session().execute(page, values).all()
    rows = lines_of(viewer, found[:size])
    return RowsPage(rows, rows[-1].id if len(found) > size else None)


def count_rows(person: Who, *, task_id: int | None, mine: bool, narrowed: Filter, most: int) -> int:
    """How many rows the pages of `rows_page` have together, counted up to `most`."""
    viewer = access.Viewer.of(person)
    conditions = [ROW.task_id == task_id] if task_id is not None else []
    conditions += narrowed.conditions() + ([ROW.implementer_id == person.id] if mine else [])
    seen = sa.or_(*access.scopes(viewer.reasons)) if task_id is not None or not mine else sa.true()
    some = sa.select(ROW.id).where(seen, *conditions).limit(most).subquery()
    return session().execute(sa.select(sa.func.count()).select_from(some), viewer.bindings).scalar_one()


@dataclass(frozen=True, slots=True)
class _Shape:
    """What decides how the statement of a page is built; everything else is a value it is given."""

    reasons: access.Reasons
    in_task: bool
    mine: bool
    later: bool
    sort: str
    wanted: int


AFTER, TASK = (sa.bindparam(name, type_=sa.Integer) for name in ("after", "task_id"))


@lru_cache(maxsize=256)
def _page(shape: _Shape) -> Select[Any]:
    """The unfiltered page: building a statement takes longer than running it, so each shape is built once."""
    return _built(shape, EVERYTHING)


def _built(shape: _Shape, narrowed: Filter) -> Select[Any]:
    conditions = narrowed.conditions() + ([ROW.implementer_id == access.ME] if shape.mine else [])
    # Written out: PostgreSQL takes a limit it does not know for a tenth of all rows.
    wanted: Any = sa.literal_column(str(shape.wanted))
    if shape.in_task:
        order: list[Any] = list(dict.fromkeys([SORTS.get(shape.sort, ROW.id), ROW.id]))
        return LINES.where(*_of_task(shape, order), *conditions).order_by(*order).limit(wanted)
    conditions += [ROW.id < AFTER] if shape.later else []
    scopes = [sa.true()] if shape.mine else access.scopes(shape.reasons)
    newest_first = ROW.id.desc()
    if len(scopes) == 1:
        return LINES.where(*scopes, *conditions).order_by(newest_first).limit(wanted)
    # Each scope stops after a page, so none reads a million rows.
    newest = [sa.select(ROW.id).where(scope, *conditions).order_by(newest_first) for scope in scopes]
    merged = sa.union(*(sa.select(ids.limit(wanted).subquery().c.id) for ids in newest))
    page = merged.order_by(sa.desc("id")).limit(wanted)
    return LINES.where(ROW.id.in_(page)).order_by(newest_first)


def _of_task(shape: _Shape, order: list[Any]) -> list[ColumnElement[bool]]:
    """The rows of one task, from behind row `after` in `order`."""
    found = [ROW.task_id == TASK, sa.or_(*access.scopes(shape.reasons))]
    if shape.later:
        last = sa.select(*order).where(ROW.id == AFTER).subquery()
        values = [sa.select(column).scalar_subquery() for column in last.c]
        found.append(sa.tuple_(*order) > sa.tuple_(*values))
    return found


def lines_where(
    person: Who, *conditions: sa.ColumnExpressionArgument[bool], limit: int = MOST_PER_PAGE
) -> list[RowLine]:
    """Rows that meet `conditions`, the nearest deadline first; the caller narrows to what may be seen."""
    query = LINES.where(*conditions).order_by(ROW.due_at, ROW.id).limit(limit)
    return lines_of(access.Viewer.of(person), session().execute(query))


@dataclass(frozen=True, slots=True)
class Pause:
    """暂停提醒 as people read it: the last day, why, and who decided it."""

    to: date
    reason: str
    by: str


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
            left_to_roll_back=rules.some_left(self.items_by_state),
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
    if not task.paused or task.paused_to is None or task.paused_by is None or task.revoked_at:
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


def drafts(person: Who) -> list[Task]:
    """The person's own 暂存, newest first."""
    query = sa.select(Task).where(
        Task.publisher_id == person.id, Task.published_at.is_(None), Task.prepared_at.is_(None)
    )
    return list(session().execute(query.order_by(Task.id.desc()).limit(50)).scalars())


def draft(person: Who, task_id: int) -> Task:
    """One of the person's own drafts; NotFound for anything else."""
    task = session().get(Task, task_id)
    if task is None or task.publisher_id != person.id or task.published_at or task.prepared_at:
        raise NotFound("没有这份暂存，可能已经发布。")
    return task


def point_task(person: Who, point_task_id: int) -> PointTask:
    """A row with everything its page shows; NotFound for a missing or foreign one alike (T-08)."""
    query = (
        sa.select(PointTask)
        .where(PointTask.id == point_task_id, access.visible_to(person), access.PUBLISHED)
        .options(
            selectinload(PointTask.items).selectinload(TaskItem.module),
            joinedload(PointTask.implementer),
            joinedload(PointTask.supervisor),
            joinedload(PointTask.service_manager),
            joinedload(PointTask.task).joinedload(Task.publisher),
        )
    )
    row = session().execute(query).unique().scalar_one_or_none()
    if row is None:
        raise NotFound(NOT_FOUND)
    return row


def buttons(person: Who, row: PointTask) -> list[Button]:
    """The buttons of a row's page, obstacles with the names of open items."""
    facts = lifecycle.facts_of(row, row.items)
    return [Button(*button) for button in lifecycle.buttons_for(facts, access.roles_of(person, row))]
