"""The tree of tasks: what was published by, to or around a person, newest first (T-09, T-10)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Select

from app import clock
from app.db import session
from app.people.models import Person
from app.tasks import access, labels
from app.tasks.access import COUNT, ROW, TASK, Reasons, Viewer
from app.tasks.labels import Label, TaskState
from app.tasks.models import TaskCount

TREE_TASKS = 40


class TreeNode(NamedTuple):
    """A task in the tree; `mine` narrows its rows to those I implement (Q25)."""

    task_id: int
    mine: bool
    title: str
    type: str
    state: TaskState
    rows: int
    closed: int
    overdue: int
    percent: int
    published_at: datetime


@dataclass(frozen=True, slots=True)
class TreeMonth:
    """The tasks published in one month, newest first."""

    month: str
    nodes: list[TreeNode]


class _Found(NamedTuple):
    """A task and one of its labels, as the statement reads them; a Row would be slower to ask."""

    id: int
    type: str
    published_at: datetime
    revoked_at: datetime | None
    publisher_id: int
    label: str
    rows: int
    mine: int


class Sums(NamedTuple):
    """What the rows of a task add up to, in the order a node shows it."""

    state: TaskState
    rows: int
    closed: int
    overdue: int
    percent: int


def tree(person: Person, *, older_than: int | None = None, limit: int = TREE_TASKS) -> list[TreeMonth]:
    """The newest tasks `person` may see, by month, titled 发布/实施-任务类型-发布时间-完成状态 (T-09, T-10).

    `older_than` is a task's id: the tree goes on with what was published before it.
    """
    viewer = Viewer.of(person)
    query = _newest(viewer.reasons, older=older_than is not None)
    nodes = _read(person, query, {**viewer.bindings, "wanted": limit, "older_than": older_than})
    by_month = groupby(nodes, lambda node: clock.shown(node.published_at)[:7])
    return [TreeMonth(month, list(those)) for month, those in by_month]


def last_in(months: list[TreeMonth], *, limit: int = TREE_TASKS) -> int | None:
    """The task that `older_than` goes on from, None where the tree has shown everything."""
    tasks = [node.task_id for month in months for node in month.nodes]
    return tasks[-1] if len(set(tasks)) == limit else None


def tree_nodes(person: Person, *conditions: ColumnElement[bool], limit: int = TREE_TASKS) -> list[TreeNode]:
    """The nodes of tasks that meet `conditions`, newest first; who published and implements gets two (Q25)."""
    viewer = Viewer.of(person)
    return list(_read(person, _built(viewer.reasons, *conditions), {**viewer.bindings, "wanted": limit}))


def _read(person: Person, query: Select[Any], values: Mapping[str, Any]) -> Iterator[TreeNode]:
    watches = bool(person.roles & access.WATCHING)
    for _id, group in groupby(map(_Found._make, session().execute(query, values)), itemgetter(0)):
        lines = list(group)
        task = lines[0]
        mine = tuple([(line.label, line.mine) for line in lines if line.mine])
        if watches or not mine or task.publisher_id == person.id:
            yield _node(task, tuple([(line.label, int(line.rows)) for line in lines if line.label]))
        if mine:
            yield _node(task, mine, mine=True)


def _node(task: _Found, rows: tuple[tuple[str, int], ...], *, mine: bool = False) -> TreeNode:
    sums = _sums(rows, revoked=task.revoked_at is not None)
    word = "实施" if mine else "发布"
    title = f"{word}-{task.type}-{clock.shown(task.published_at)}-{sums.state}"
    return TreeNode(task.id, mine, title, task.type, *sums, task.published_at)


@lru_cache(maxsize=4096)  # most tasks of a tree stand alike: all open, or all closed
def _sums(rows: tuple[tuple[str, int], ...], *, revoked: bool) -> Sums:
    return added_up(dict(rows), revoked=revoked)


def added_up(rows: Mapping[str, int], *, revoked: bool) -> Sums:
    """What rows by label come to; revoked ones and those of 暂不升级 are not waited for."""
    total = sum(rows.values())
    live = total - rows.get(Label.REVOKED, 0) - rows.get(Label.NOT_UPGRADED, 0)
    closed = rows.get(Label.CLOSED, 0)
    return Sums(
        state=labels.task_state(rows, revoked=revoked),
        rows=total,
        closed=closed,
        overdue=rows.get(Label.OVERDUE, 0),
        percent=labels.progress(done=closed, total=live),
    )


_OLDER_THAN, _WANTED = (sa.bindparam(name, type_=sa.Integer) for name in ("older_than", "wanted"))


@lru_cache(maxsize=64)  # putting the statement together takes longer than running it
def _newest(reasons: Reasons, *, older: bool) -> Select[Any]:
    if not older:
        return _built(reasons)
    moment = sa.select(TASK.published_at).where(TASK.id == _OLDER_THAN).scalar_subquery()
    return _built(reasons, sa.tuple_(TASK.published_at, TASK.id) < sa.tuple_(moment, _OLDER_THAN))


def _built(reasons: Reasons, *conditions: ColumnElement[bool]) -> Select[Any]:
    """The newest tasks, a line per label: how many rows carry it, and how many of these are mine."""
    columns = (TASK.id, TASK.type, TASK.published_at, TASK.revoked_at, TASK.publisher_id)
    newest = sa.select(*columns).where(TASK.published_at.is_not(None), access.tasks_for(reasons), *conditions)
    task = newest.order_by(TASK.published_at.desc(), TASK.id.desc()).limit(_WANTED).subquery("t")
    own = (ROW.implementer_id == access.ME, ROW.task_id == task.c.id, ROW.label == COUNT.label)
    mine = sa.select(sa.func.count()).where(*own).scalar_subquery()
    return (
        sa.select(task, COUNT.label, sa.func.sum(COUNT.rows).label("rows"), mine.label("mine"))
        .outerjoin(TaskCount.__table__, COUNT.task_id == task.c.id)
        .group_by(*task.c, COUNT.label)
        .order_by(task.c.published_at.desc(), task.c.id.desc())
    )
