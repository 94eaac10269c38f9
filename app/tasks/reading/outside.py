"""Published work as other systems read it: of one 大区, or of all of them (A-84).

`region_id` is what the token was made for; None is every 大区. What lies
outside it looks as if it did not exist.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, lazyload

from app.db import session
from app.errors import NotFound
from app.people import queries as people
from app.people.models import Person
from app.places.models import Place
from app.tasks import access, counts, labels
from app.tasks.labels import ITEM_WORDS, ItemState, Tally
from app.tasks.models import PointTask, Task, TaskItem
from app.tasks.reading.tree import added_up

NOT_FOUND = "没有这条任务，或令牌不能读取它所在的大区。"


@dataclass(frozen=True, slots=True)
class TaskEntry:
    """A published task; its numbers count the rows that the token may read."""

    id: int
    type: str
    urgency: str
    note: str
    publisher: Person
    published_at: datetime
    due_at: datetime
    revoked_at: datetime | None
    state: str
    percent: int
    closed: int
    live: int
    rows: int
    rows_by_label: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ItemEntry:
    """明细 of a row."""

    name: str
    state: str


@dataclass(frozen=True, slots=True)
class PointTaskEntry:
    """A row with its people and its 明细."""

    id: int
    task_id: int
    place: Place
    region: str | None
    implementer: Person
    supervisor: Person | None
    service_manager: Person | None
    due_at: datetime
    label: str
    overdue: bool
    percent: int
    items: list[ItemEntry]
    closed_at: datetime | None
    revoked_at: datetime | None
    latest_note: str
    latest_note_at: datetime | None
    version: int


def tasks(region_id: int | None, *, after: int | None, size: int) -> tuple[list[TaskEntry], int | None]:
    """A page of published tasks, the newest first, and the id that continues it (None at the end)."""
    query = _readable(region_id).order_by(Task.id.desc()).limit(size + 1)
    if after is not None:
        query = query.where(Task.id < after)
    found = session().execute(query).scalars().all()
    page = found[:size]
    return _task_entries(region_id, page), page[-1].id if len(found) > size else None


def task(region_id: int | None, task_id: int) -> TaskEntry:
    """One published task; NotFound for a missing, a drafted or a foreign one alike."""
    found = session().execute(_readable(region_id).where(Task.id == task_id)).scalar_one_or_none()
    if found is None:
        raise NotFound(NOT_FOUND)
    return _task_entries(region_id, [found])[0]


def point_tasks(
    region_id: int | None, task_id: int, *, after: int | None, size: int
) -> tuple[list[PointTaskEntry], int | None]:
    """A page of a task's rows in the order they were published, and the id that continues it."""
    task(region_id, task_id)
    query = sa.select(PointTask).where(PointTask.task_id == task_id, access.rows_in(region_id))
    if after is not None:
        query = query.where(PointTask.id > after)
    found = session().execute(query.order_by(PointTask.id).limit(size + 1)).scalars().all()
    page = found[:size]
    return _row_entries(page), page[-1].id if len(found) > size else None


def _readable(region_id: int | None) -> sa.Select[Task]:
    publisher = joinedload(Task.publisher).options(lazyload(Person.department), lazyload(Person.role_rows))
    published = Task.published_at.is_not(None)
    return sa.select(Task).where(published, access.tasks_in(region_id)).options(publisher)


def _task_entries(region_id: int | None, found: Iterable[Task]) -> list[TaskEntry]:
    entries = list(found)
    tallies = counts.tallies(session(), [task.id for task in entries], region_id=region_id)
    return [_task_entry(task, tallies[task.id]) for task in entries]


def _task_entry(task: Task, tallies: Mapping[str, Tally]) -> TaskEntry:
    if task.published_at is None or task.due_at is None:
        raise ValueError(f"task {task.id} is a draft")
    sums = added_up(tallies, revoked=task.revoked_at is not None)
    return TaskEntry(
        id=task.id,
        type=task.type,
        urgency=task.urgency,
        note=task.note,
        publisher=task.publisher,
        published_at=task.published_at,
        due_at=task.due_at,
        revoked_at=task.revoked_at,
        state=sums.state,
        percent=sums.percent,
        closed=sums.closed,
        live=sums.live,
        rows=sums.rows,
        rows_by_label={label: tally.rows for label, tally in tallies.items() if tally.rows},
    )


def _row_entries(rows: Iterable[PointTask]) -> list[PointTaskEntry]:
    found = list(rows)
    regions = {region.id: region.name for region in people.regions()}
    staff = _staff(found)
    items = _items([row.id for row in found])
    return [
        PointTaskEntry(
            id=row.id,
            task_id=row.task_id,
            place=row.place,
            region=regions.get(row.region_id or 0),
            implementer=staff[row.implementer_id],
            supervisor=staff.get(row.supervisor_id or 0),
            service_manager=staff.get(row.service_manager_id or 0),
            due_at=row.due_at,
            label=row.label,
            overdue=row.overdue_at is not None,
            percent=labels.progress(done=row.items_done, total=row.items_total),
            items=items[row.id],
            closed_at=row.closed_at,
            revoked_at=row.revoked_at,
            latest_note=row.latest_note,
            latest_note_at=row.latest_note_at,
            version=row.version,
        )
        for row in found
    ]


def _staff(rows: list[PointTask]) -> dict[int, Person]:
    """The people of the rows by id, without their roles, which nobody asks for here."""
    ids = {i for row in rows for i in (row.implementer_id, row.supervisor_id, row.service_manager_id) if i}
    bare = (lazyload(Person.department), lazyload(Person.region), lazyload(Person.role_rows))
    query = sa.select(Person).where(Person.id.in_(ids)).options(*bare)
    return {person.id: person for person in session().execute(query).scalars()}


def _items(row_ids: list[int]) -> dict[int, list[ItemEntry]]:
    query = sa.select(TaskItem.point_task_id, TaskItem.name, TaskItem.state)
    items: dict[int, list[ItemEntry]] = defaultdict(list)
    for row_id, name, state in session().execute(
        query.where(TaskItem.point_task_id.in_(row_ids)).order_by(TaskItem.id)
    ):
        items[row_id].append(ItemEntry(name, ITEM_WORDS[ItemState(state)]))
    return items
