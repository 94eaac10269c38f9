"""What saving the edit form would change, and who would hear of it; reads only (T-11, Q40, Q52)."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from itertools import groupby
from typing import Any, TypeVar

import sqlalchemy as sa

from app import clock
from app.db import Session, among
from app.notices.telling import Telling
from app.places.models import Place
from app.places.names import told_apart
from app.tasks import items
from app.tasks.models import Patch, PointTask, Task
from app.tasks.publishing import new_deadline
from app.tasks.publishing.new_deadline import OpenRow
from app.tasks.publishing.plan import DUE, PublishForm
from app.tasks.telling import tellings
from app.tasks.telling.about import About, People
from app.tasks.telling.naming import points_in_words
from app.tasks.telling.points import points_of

Key = TypeVar("Key", bool, datetime)
PATCH, NOTE, OWN_DUE = "补丁包", "任务说明", "另有完成时间的点位"
ON_THE_CARD = ("任务类型", PATCH, "重要紧急程度", DUE)
"""What people's cards say of a task: a change of it is pushed (Q52)."""
IN_THE_APP = ("任务类型", PATCH, "重要紧急程度", NOTE, "抄送人")
"""What concerns every row, whatever its own deadline."""


@dataclass(frozen=True)
class EditPlan:
    """What differs between a task and the form that would be saved over it.

    `form` has its deadline to the second as it is stored, where it is the one
    that was shown. `facts` go into the history: [before, after] or a sentence,
    in the words of the page. `rows` are those that are waited for and stay.
    """

    form: PublishForm
    facts: dict[str, Any]
    added: frozenset[str]
    removed: frozenset[str]
    due_before: datetime
    rows: Sequence[OpenRow]

    @property
    def due_at(self) -> datetime:
        """The task's deadline afterwards."""
        return self.form.due_at or self.due_before

    @cached_property
    def moved(self) -> Sequence[OpenRow]:
        """The rows that get another deadline."""
        return [row for row in self.rows if self._moves(row)]

    @property
    def concerned(self) -> Sequence[OpenRow]:
        """The rows of which the cards say something else afterwards."""
        return self.rows if self._shared else self.moved

    @property
    def _shared(self) -> list[str]:
        """What changes on every card."""
        return [name for name in ON_THE_CARD if name in self.facts and name != DUE]

    @property
    def moves_deadlines(self) -> bool:
        """Whether the task or one of its rows gets another deadline."""
        return self.due_at != self.due_before or bool(self.moved)

    def _moves(self, row: OpenRow) -> bool:
        too = self.form.own_due_too
        return new_deadline.follows(row, before=self.due_before, after=self.due_at, own_too=too)

    def told(self, about: About, people: People) -> tuple[list[Telling], list[Telling]]:
        """Who of the rows that stay is told: what is pushed, and what is read in the app only.

        `about` is the task as it will be. Each row is told of with its own deadline.
        """
        moved = {row.point.id for row in self.moved}
        pushed: list[Telling] = []
        quiet: list[Telling] = []
        for stays, rows in _apart(self.rows, lambda row: row.point.id not in moved):
            names = self._shared if stays else [*self._shared, DUE]
            if names:
                pushed += self._pushed(about, rows, people, names, moved=not stays)
            elif any(name in self.facts for name in IN_THE_APP):
                for _, alike in _apart(rows, lambda row: row.due_at):
                    points = [row.point for row in alike]
                    quiet += tellings.edited(about.of(points), points, people)
        # The most demanding text first: it gives the card its buttons.
        return sorted(pushed, key=lambda one: one.wording != "edit.implementer"), quiet

    def _pushed(
        self,
        about: About,
        rows: Sequence[OpenRow],
        people: People,
        names: Sequence[str],
        *,
        moved: bool,
    ) -> Iterator[Telling]:
        for before, alike in _apart(rows, lambda row: row.due_at):
            due = (before, self.due_at if moved else before)
            words = "；".join(_in_words(name, self.facts, due) for name in names)
            if NOTE in self.facts:
                words += "；任务说明有改动"
            points = [row.point._replace(due_at=due[1]) for row in alike]
            yield from tellings.changed(about.of(points), points, people, words, in_app=self.form.silent)


def plan(session: Session, task: Task, form: PublishForm) -> EditPlan:
    """Compare a published task with a form for it."""
    form = replace(form, due_at=clock.as_stored(form.due_at, task.due_at))
    present = set(session.execute(sa.select(PointTask.place_code).where(*_live(task))).scalars())
    wanted = set(form.place_codes)
    added, removed = frozenset(wanted - present), frozenset(present - wanted)
    rows = _open_rows(session, task, removed)
    facts = _changes(task, form) | _other_patch(session, task, form) | _come_and_gone(session, added, removed)
    found = EditPlan(form, facts, added, removed, task.due_at or clock.now(), rows)
    if found.moves_deadlines:
        facts |= _own_deadlines(found)
    return found


def own_deadlines(session: Session, task_id: int) -> list[OpenRow]:
    """The open rows of a task whose deadline is their own, the earliest first."""
    task = session.get_one(Task, task_id)
    if task.due_at is None:
        return []
    own = [row for row in _open_rows(session, task, frozenset()) if row.is_own(task.due_at)]
    return sorted((row for row in own if row.due_at != task.due_at), key=lambda row: row.due_at)


def _live(task: Task) -> tuple[sa.ColumnElement[bool], ...]:
    return PointTask.task_id == task.id, PointTask.revoked_at.is_(None)


def _open_rows(session: Session, task: Task, removed: frozenset[str]) -> list[OpenRow]:
    """Not closed, not 暂不升级 as a whole, and not taken out."""
    columns = (PointTask.id, PointTask.due_at, PointTask.due_given_at, PointTask.overdue_at)
    query = sa.select(*columns).where(PointTask.task_id == task.id, PointTask.is_open)
    facts = {row.id: row for row in session.execute(query)}
    stays: list[sa.ColumnExpressionArgument[bool]] = [PointTask.is_open]
    if removed:
        stays.append(~among(PointTask.place_code, removed))
    return [
        OpenRow(point, it.due_at, it.due_given_at is not None, it.overdue_at is not None)
        for point in points_of(session, task, *stays)
        for it in [facts[point.id]]
    ]


def _changes(task: Task, form: PublishForm) -> dict[str, Any]:
    """What differs in the fields, as [before, after] in the words of the page."""
    before = {"任务类型": task.type, "重要紧急程度": task.urgency, NOTE: task.note}
    after = {"任务类型": form.type, "重要紧急程度": form.urgency, NOTE: form.note}
    found: dict[str, Any] = {n: [before[n], after[n]] for n in after if before[n] != after[n]}
    if task.due_at and form.due_at and task.due_at != form.due_at:
        found[DUE] = [clock.shown(task.due_at), clock.shown(form.due_at)]
    return found


def _other_patch(session: Session, task: Task, form: PublishForm) -> dict[str, Any]:
    ids = (task.patch_id, patch_of(form))
    if ids[0] == ids[1]:
        return {}
    patches = [session.get(Patch, one) if one else None for one in ids]
    return {PATCH: [patch.title if patch else "" for patch in patches]}


def patch_of(form: PublishForm) -> int | None:
    """The 补丁包 of the form, where its type takes one."""
    return form.patch_id if items.comes_from_patch(form.type) else None


def _come_and_gone(session: Session, added: frozenset[str], removed: frozenset[str]) -> dict[str, Any]:
    """Added and removed places by name, the first ones of many."""
    found = {}
    for name, codes in (("增加点位", added), ("去掉点位", removed)):
        if codes:
            query = sa.select(Place.name, Place.path).where(among(Place.code, codes)).order_by(Place.code)
            found[name] = points_in_words(told_apart((one.name, one.path) for one in session.execute(query)))
    return found


def _own_deadlines(found: EditPlan) -> dict[str, Any]:
    """What becomes of the rows that have a deadline of their own."""
    moved = {row.point.id for row in found.moved}
    own = [row for row in found.rows if row.is_own(found.due_before) and row.due_at != found.due_before]
    said = []
    for follows, rows in _apart(own, lambda row: row.point.id in moved):
        names = points_in_words(told_apart((row.point.place_name, row.point.path) for row in rows))
        said.append(f"{names}{'改为与任务一致' if follows else '保持不变'}")
    return {OWN_DUE: "，".join(said)} if said else {}


def _in_words(name: str, facts: Mapping[str, Any], due: tuple[datetime, datetime]) -> str:
    before, after = map(clock.shown, due) if name == DUE else facts[name]
    return f"{name}由{before}改为{after}" if before and after else f"{name}改为{after or '无'}"


def _apart(rows: Iterable[OpenRow], key: Callable[[OpenRow], Key]) -> Iterator[tuple[Key, list[OpenRow]]]:
    """The rows in groups of one key, in the order of the key; inside a group their order stays."""
    for value, alike in groupby(sorted(rows, key=key), key):
        yield value, list(alike)
