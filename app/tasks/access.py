"""Who sees which rows and tasks; the same rights for one row and for every list (docs/rights.md)."""

from functools import lru_cache
from itertools import compress
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from app.people import viewer
from app.people.models import Person, Role, Who
from app.people.viewer import ME, MY_DEPARTMENT, MY_REGION, Columns, Reasons, Viewer
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


COLUMNS = Columns(
    mine=lambda me: (
        ROW.implementer_id == me,
        ROW.publisher_id == me,
        ROW.supervisor_id == me,
        ROW.service_manager_id == me,
        ROW.id.in_(sa.select(TRANSFER.point_task_id).where(TRANSFER.from_id == me)),
    ),
    department=ROW.department_id,
    region=ROW.region_id,
)
MANAGED = Columns(mine=lambda me: (TASK.publisher_id == me,), department=TASK.department_id)
"""Of whole tasks: by what a person may act on them."""


def parts_for(who: Viewer, row: PointTask) -> frozenset[Part]:
    """What this person is to `row`; empty for someone who has no business there."""
    if who.left:
        return frozenset()
    me = who.id
    return _parts(
        row.publisher_id == me,
        who.manages(row.department_id),
        who.manages_region is not None and row.region_id == who.manages_region,
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
    return parts_for(Viewer.of(person), row)


def scopes(reasons: Reasons) -> list[ColumnElement[bool]]:
    """The rows to be seen for these reasons, see `viewer.scopes_over`; `Viewer.bindings` are the values."""
    return viewer.scopes_over(COLUMNS, reasons)


def visible_to(person: Who) -> ColumnElement[bool]:
    """The rows `person` may see, as one condition; for a single row or the rows of one task."""
    return viewer.visible_to(person, COLUMNS)


def visible_tasks(person: Who) -> ColumnElement[bool]:
    """The published tasks of which `person` may see at least the head (T-06…T-08, Q24…Q27)."""
    who = Viewer.of(person)
    return tasks_for(who.reasons, *who.bindings.values())


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
    who = Viewer.of(person)
    return not who.left and (task.publisher_id == who.id or who.manages(task.department_id))


def managed_tasks(person: Who) -> ColumnElement[bool]:
    """`manages` in SQL: the published tasks that `person` acts on as a whole."""
    return sa.and_(TASK.published_at.is_not(None), viewer.visible_to(person, MANAGED))
