"""Who sees which rows and tasks; the same rights for one row and for every list (docs/rights.md)."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import compress
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from app.people.models import Person, Role, Who
from app.people.queries import heads_the_company
from app.tasks.lifecycle import Part
from app.tasks.models import PointTask, Task, TaskCount, Transfer

# Core columns: the statements of lists are built of them, which spares them the ORM's share of the work.
ROW: Any = PointTask.__table__.c
TASK: Any = Task.__table__.c
COUNT: Any = TaskCount.__table__.c
TRANSFER: Any = Transfer.__table__.c
PERSON: Any = Person.__table__.c

NOT_FOUND = "没有这条任务，或您无权限查看。"
"""The same words for what is missing and for what is not theirs, so that ids tell nothing (X-S1)."""

STALE = "这条任务刚被其他人更新，请核对最新内容后重新提交。您填写的内容已保留。"

PUBLISHED = ROW.task_id.not_in(sa.select(TASK.id).where(TASK.prepared_at.is_not(None)))
"""Not a row that is being made ready for a large publish; there is next to never one, and an index finds it."""

WATCHING = frozenset({Role.DEPARTMENT_MANAGER, Role.REGION_MANAGER, Role.SUPERVISOR, Role.SERVICE_MANAGER})
"""Roles that look at other people's rows of a task."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person's standing, worked out once for a whole page of rows."""

    id: int
    left: bool
    heads_company: bool
    manages_department: int | None
    manages_region: int | None
    watches_region: int | None

    @classmethod
    def of(cls, person: Who) -> "Viewer":
        """The standing of `person` at this moment."""
        return cls(
            id=person.id,
            left=person.left_at is not None,
            heads_company=heads_the_company(person),
            manages_department=person.department_id if person.holds(Role.DEPARTMENT_MANAGER) else None,
            manages_region=person.region_id if person.holds(Role.REGION_MANAGER) else None,
            watches_region=person.region_id if _sees_region(person) else None,
        )

    @property
    def reasons(self) -> "Reasons":
        """Which scopes this standing opens; statements are built once for each combination."""
        return Reasons(
            left=self.left,
            everything=self.heads_company,
            department=self.manages_department is not None,
            region=self.watches_region is not None,
        )

    @property
    def bindings(self) -> dict[str, int | None]:
        """The values that the statements of `reasons` ask for."""
        return {"me": self.id, "my_department": self.manages_department, "my_region": self.watches_region}

    def manages_tasks_of(self, department_id: int | None) -> bool:
        """True for the 部门经理 of that department, and for the one of the head office (Q24)."""
        own = self.manages_department
        return self.heads_company or (own is not None and department_id == own)

    def parts(self, row: PointTask) -> frozenset[Part]:
        """What this person is to `row`; empty for someone who has no business there."""
        if self.left:
            return frozenset()
        me = self.id
        return _parts(
            row.publisher_id == me,
            self.manages_tasks_of(row.department_id),
            self.manages_region is not None and row.region_id == self.manages_region,
            row.supervisor_id == me,
            row.service_manager_id == me,
            row.implementer_id == me,
        )


@lru_cache(maxsize=64)
def _parts(*held: bool) -> frozenset[Part]:
    """The parts that are held, in the order of Part."""
    return frozenset(compress(Part, held))


def roles_of(person: Who, row: PointTask) -> frozenset[Part]:
    """What `person` is to `row`; empty for someone who has no business there."""
    return Viewer.of(person).parts(row)


@dataclass(frozen=True, slots=True)
class Reasons:
    """The kinds of standing that decide which rows a person may see."""

    left: bool
    everything: bool
    department: bool
    region: bool


ME, MY_DEPARTMENT, MY_REGION = (
    sa.bindparam(name, type_=sa.Integer) for name in ("me", "my_department", "my_region")
)


def scopes(
    reasons: Reasons, me: Any = ME, department: Any = MY_DEPARTMENT, region: Any = MY_REGION
) -> list[ColumnElement[bool]]:
    """The rows to be seen for these reasons, as one indexed condition each; values or `Viewer.bindings`.

    A list asks for the newest rows of each scope and merges them; one OR over
    all of them would read every row at a million.
    """
    if reasons.left:
        return [sa.false()]
    if reasons.everything:
        return [sa.true()]
    found: list[ColumnElement[bool]] = [
        ROW.implementer_id == me,
        ROW.publisher_id == me,
        ROW.supervisor_id == me,
        ROW.service_manager_id == me,
        ROW.id.in_(sa.select(TRANSFER.point_task_id).where(TRANSFER.from_id == me)),
    ]
    if reasons.department:
        found.append(ROW.department_id == department)
    if reasons.region:
        found.append(ROW.region_id == region)
    return found


def visible_to(person: Who) -> ColumnElement[bool]:
    """The rows `person` may see, as one condition; for a single row or the rows of one task."""
    viewer = Viewer.of(person)
    return sa.or_(*scopes(viewer.reasons, *viewer.bindings.values()))


def visible_tasks(person: Who) -> ColumnElement[bool]:
    """The published tasks of which `person` may see at least the head (T-06…T-08, Q24…Q27)."""
    viewer = Viewer.of(person)
    return tasks_for(viewer.reasons, *viewer.bindings.values())


def tasks_for(
    reasons: Reasons, me: Any = ME, department: Any = MY_DEPARTMENT, region: Any = MY_REGION
) -> ColumnElement[bool]:
    """The tasks to be seen for these reasons; values or `Viewer.bindings`."""
    if reasons.left:
        return sa.false()
    if reasons.everything:
        return sa.true()
    # The first reason that holds spares the others, so what lets somebody see most stands first.
    found: list[ColumnElement[bool]] = [TASK.publisher_id == me]
    if reasons.department:
        found.append(TASK.department_id == department)
    if reasons.region:
        found.append(sa.exists().where(COUNT.task_id == TASK.id, COUNT.region_id == region))
        found.append(TASK.publisher_id.in_(sa.select(PERSON.id).where(PERSON.region_id == region)))
    handed_on = sa.select(ROW.task_id).where(ROW.id == TRANSFER.point_task_id, TRANSFER.from_id == me)
    found += [
        _has_row(ROW.implementer_id == me),
        _has_row(ROW.supervisor_id == me),
        _has_row(ROW.service_manager_id == me),
        TASK.id.in_(handed_on),
    ]
    return sa.or_(*found)


def rows_in(region_id: int | None) -> ColumnElement[bool]:
    """The rows that another system may read: those of its 大区, None for all."""
    return sa.true() if region_id is None else ROW.region_id == region_id


def tasks_in(region_id: int | None) -> ColumnElement[bool]:
    """The tasks with at least one row that another system may read."""
    if region_id is None:
        return sa.true()
    return sa.exists().where(COUNT.task_id == TASK.id, COUNT.region_id == region_id, COUNT.rows > 0)


def _has_row(mine: ColumnElement[bool]) -> ColumnElement[bool]:
    """Asked of one task after the other, newest first: a list of all of somebody's rows would be read whole."""
    return sa.exists().where(ROW.task_id == TASK.id, mine)


def manages(person: Who, task: Task) -> bool:
    """True for those who act on the task as a whole: its 发布人 and the 部门经理."""
    viewer = Viewer.of(person)
    return not viewer.left and (task.publisher_id == viewer.id or viewer.manages_tasks_of(task.department_id))


def managed_tasks(person: Who) -> ColumnElement[bool]:
    """`manages` in SQL: the published tasks that `person` acts on as a whole."""
    viewer = Viewer.of(person)
    if viewer.left:
        return sa.false()
    published: ColumnElement[bool] = TASK.published_at.is_not(None)
    if viewer.heads_company:
        return published
    own = TASK.publisher_id == viewer.id
    if viewer.manages_department is not None:
        own = sa.or_(own, TASK.department_id == viewer.manages_department)
    return sa.and_(own, published)


def _sees_region(person: Who) -> bool:
    return person.region_id is not None and person.holds(Role.REGION_MANAGER, Role.SUPERVISOR)
