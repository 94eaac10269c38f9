"""The tree of tasks: what was published by, to or around a person, newest first (T-09, T-10)."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Select

from app import clock
from app.db import session
from app.people.models import Who
from app.people.viewer import ME, Reasons, Viewer
from app.tasks import access, labels
from app.tasks.access import COUNT, ROW, TASK
from app.tasks.labels import NOTHING, Label, Tally, TaskState

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
    live: int
    overdue: int
    percent: int
    published_at: datetime

    @property
    def percent_text(self) -> str:
        """完成进度 in words: 66%."""
        return labels.percent_of(self.percent, self.live)

    @property
    def closed_text(self) -> str:
        """办结 12/18."""
        return labels.closed_of(self.closed, self.live)


class TreeMonth(NamedTuple):
    """The tasks published in one month, newest first."""

    month: str
    nodes: tuple[TreeNode, ...]


class _Found(NamedTuple):
    """A task as the statement reads it; its rows and mine are `label:rows:items:items done,…`, as `Tally` has them."""

    id: int
    type: str
    published_at: datetime
    revoked_at: datetime | None
    publisher_id: int
    rows: str | None
    mine: str | None


class Sums(NamedTuple):
    """What the rows of a task add up to, in the order a node shows it."""

    state: TaskState
    rows: int
    closed: int
    live: int
    overdue: int
    percent: int


def tree_months(person: Who, *, older_than: int | None = None, limit: int = TREE_TASKS) -> list[TreeMonth]:
    """The newest tasks `person` may see, by month, titled 发布/实施-任务类型-发布时间-完成状态 (T-09, T-10).

    `older_than` is a task's id: the tree goes on with what was published before it.
    """
    viewer = Viewer.of(person)
    query = _newest(viewer.reasons, older=older_than is not None)
    values = {**viewer.bindings, "wanted": limit, "older_than": older_than}
    return list(_by_month(tuple(_nodes(person, session().execute(query, values)))))


def last_in(months: list[TreeMonth], *, limit: int = TREE_TASKS) -> int | None:
    """The task that `older_than` goes on from, None where the tree has shown everything."""
    tasks = [node.task_id for month in months for node in month.nodes]
    return tasks[-1] if len(set(tasks)) == limit else None


def tree_nodes(person: Who, *conditions: ColumnElement[bool], limit: int = TREE_TASKS) -> list[TreeNode]:
    """The nodes of tasks that meet `conditions`, newest first; who published and implements gets two (Q25)."""
    viewer = Viewer.of(person)
    query = _built(viewer.reasons, *conditions)
    return list(_nodes(person, session().execute(query, {**viewer.bindings, "wanted": limit})))


def _nodes(person: Who, found: Iterable[Any]) -> Iterator[TreeNode]:
    watches, me = bool(person.roles & access.WATCHING), person.id
    for task in map(_Found._make, found):
        if watches or not task.mine or task.publisher_id == me:
            yield _node(task, mine=False)
        if task.mine:
            yield _node(task, mine=True)


def _node(task: _Found, *, mine: bool) -> TreeNode:
    word, rows = ("实施", task.mine) if mine else ("发布", task.rows)
    sums = added_up(_tallies(rows), revoked=task.revoked_at is not None)
    title = f"{word}-{task.type}-{clock.shown(task.published_at)}-{sums.state}"
    return TreeNode(task.id, mine, title, task.type, *sums, task.published_at)


def _tallies(found: str | None) -> dict[str, Tally]:
    """Label → rows, from one piece per 大区 and label, or per row."""
    tallies: dict[str, Tally] = {}
    for piece in found.split(",") if found else []:
        label, *numbers = piece.split(":")
        tallies[label] = tallies.get(label, NOTHING).plus(Tally(*map(int, numbers)))
    return tallies


def _by_month(nodes: tuple[TreeNode, ...]) -> tuple[TreeMonth, ...]:
    months = groupby(nodes, lambda node: clock.shown(node.published_at)[:7])
    return tuple(TreeMonth(month, tuple(those)) for month, those in months)


def added_up(tallies: Mapping[str, Tally], *, revoked: bool) -> Sums:
    """What rows by label come to; revoked ones and those of 暂不升级 are not waited for (Q16).

    完成进度 is what the items of the rows that count have done (Q55).
    """
    rows = {label: tally.rows for label, tally in tallies.items()}
    counting = [tally for label, tally in tallies.items() if label != Label.REVOKED]
    return Sums(
        state=labels.task_state(rows, revoked=revoked),
        rows=sum(rows.values()),
        closed=rows.get(Label.CLOSED, 0),
        live=labels.live_rows(rows),
        overdue=rows.get(Label.OVERDUE, 0),
        percent=labels.progress(
            done=sum(tally.items_done for tally in counting),
            total=sum(tally.items_total for tally in counting),
        ),
    )


_OLDER_THAN, _WANTED = (sa.bindparam(name, type_=sa.Integer) for name in ("older_than", "wanted"))


@lru_cache(maxsize=64)  # putting the statement together takes longer than running it
def _newest(reasons: Reasons, *, older: bool) -> Select[Any]:
    if not older:
        return _built(reasons)
    moment = sa.select(TASK.published_at).where(TASK.id == _OLDER_THAN).scalar_subquery()
    return _built(reasons, sa.tuple_(TASK.published_at, TASK.id) < sa.tuple_(moment, _OLDER_THAN))


def _built(reasons: Reasons, *conditions: ColumnElement[bool]) -> Select[Any]:
    """The newest tasks with how their rows stand: a line per task, for what is joined must be sorted again."""
    columns = (TASK.id, TASK.type, TASK.published_at, TASK.revoked_at, TASK.publisher_id)
    rows = _joined(COUNT.label, COUNT.rows, COUNT.items_total, COUNT.items_done)
    mine = _joined(ROW.label, sa.literal(1), ROW.items_total, ROW.items_done)
    rows = rows.where(COUNT.task_id == TASK.id)
    mine = mine.where(ROW.task_id == TASK.id, ROW.implementer_id == ME)
    newest = sa.select(*columns, rows.scalar_subquery(), mine.scalar_subquery())
    newest = newest.where(TASK.published_at.is_not(None), access.tasks_for(reasons), *conditions)
    return newest.order_by(TASK.published_at.desc(), TASK.id.desc()).limit(_WANTED)


def _joined(label: ColumnElement[str], *numbers: ColumnElement[int]) -> Select[Any]:
    """`label:number:number:…` of every row found, in one text."""
    piece = label
    for number in numbers:
        piece = piece + ":" + sa.cast(number, sa.Text)
    return sa.select(sa.func.aggregate_strings(piece, ","))
