"""Rows of published work, in lists and alone, always within what the reader may see."""

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import joinedload, selectinload

from app.db import session
from app.errors import NotFound
from app.people import administrators
from app.people.models import Person, Who
from app.people.viewer import ME, Reasons, Viewer
from app.tasks import access, lifecycle
from app.tasks.access import NOT_FOUND, ROW
from app.tasks.filters import Filter
from app.tasks.models import PointTask, Task, TaskItem
from app.tasks.reading.lines import LINES, Button, RowLine, lines_of

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
    viewer = Viewer.of(person)
    shape = _Shape(viewer.reasons, task_id is not None, mine, after is not None, sort, size + 1)
    page = _page(shape) if narrowed.is_empty else _built(shape, narrowed)
    values = {**viewer.bindings, "task_id": task_id, "after": after}
    found = session().execute(page, values).all()
    rows = lines_of(viewer, found[:size])
    return RowsPage(rows, rows[-1].id if len(found) > size else None)


def count_rows(person: Who, *, task_id: int | None, mine: bool, narrowed: Filter, most: int) -> int:
    """How many rows the pages of `rows_page` have together, counted up to `most`."""
    viewer = Viewer.of(person)
    conditions = [ROW.task_id == task_id] if task_id is not None else []
    conditions += narrowed.conditions() + ([ROW.implementer_id == person.id] if mine else [])
    seen = sa.or_(*access.scopes(viewer.reasons)) if task_id is not None or not mine else sa.true()
    some = sa.select(ROW.id).where(seen, *conditions).limit(most).subquery()
    return session().execute(sa.select(sa.func.count()).select_from(some), viewer.bindings).scalar_one()


@dataclass(frozen=True, slots=True)
class _Shape:
    """What decides how the statement of a page is built; everything else is a value it is given."""

    reasons: Reasons
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
    conditions = narrowed.conditions() + ([ROW.implementer_id == ME] if shape.mine else [])
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
    return lines_of(Viewer.of(person), session().execute(query))


def open_rows_by_region(person_id: int, *, by: Person) -> dict[int | None, list[RowLine]]:
    """What an administrator may hand on: the open rows of a person by 大区, the nearest deadline first."""
    administrators.require(by)
    rows = lines_where(by, ROW.implementer_id == person_id, PointTask.is_open)
    query = sa.select(ROW.id, ROW.region_id).where(ROW.id.in_([row.id for row in rows]))
    region_of: dict[int, int | None] = dict(session().execute(query).all())
    groups: dict[int | None, list[RowLine]] = defaultdict(list)
    for row in rows:
        groups[region_of.get(row.id)].append(row)
    return groups


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
