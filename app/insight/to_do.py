"""待办: what waits for a person, the most pressing first (T-75, A-18)."""

from dataclasses import dataclass, field
from datetime import timedelta

import sqlalchemy as sa

from app import clock
from app.db import session
from app.people.models import Who
from app.places.names import told_apart
from app.tasks.models import PointTask, Task
from app.tasks.queries import RowLine, TreeNode, lines_where, tree_nodes

MOST = 200


@dataclass
class ToDo:
    """Open rows by when they are due, and what else the person looks after."""

    overdue: list[RowLine] = field(default_factory=list)
    today: list[RowLine] = field(default_factory=list)
    next_seven_days: list[RowLine] = field(default_factory=list)
    later: list[RowLine] = field(default_factory=list)
    total: int = 0
    published_total: int = 0
    copied_in_open: int = 0
    copied_in_overdue: int = 0


def to_do(person: Who) -> ToDo:
    """Everything `person` is expected to do or watch; at most 200 rows are listed, `total` counts all."""
    mine = (PointTask.implementer_id == person.id, PointTask.is_open)
    result = ToDo()
    now = clock.now()
    midnight = clock.local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    for row in _told_apart(lines_where(person, *mine, limit=MOST)):
        if row.due_at <= now:
            result.overdue.append(row)
        elif row.due_at <= midnight + timedelta(days=1):  # 24:00 of today is tonight's midnight
            result.today.append(row)
        elif row.due_at <= midnight + timedelta(days=8):
            result.next_seven_days.append(row)
        else:
            result.later.append(row)
    result.total = _count(*mine)
    copied = _copied_in(person)
    result.copied_in_open = _count(*copied)
    result.copied_in_overdue = _count(*copied, PointTask.overdue_at.is_not(None))
    result.published_total = session().execute(_published_count(person)).scalar_one()
    return result


def _told_apart(rows: list[RowLine]) -> list[RowLine]:
    """Rows of places with equal names carry their city: this list shows the name alone."""
    told = told_apart((row.place_name, f"{row.place_parents} / {row.place_name}") for row in rows)
    return [row._replace(place_name=name) for row, name in zip(rows, told, strict=True)]


def open_rows(person_id: int) -> int:
    """How many rows wait for a person."""
    return _count(PointTask.implementer_id == person_id, PointTask.is_open)


def copied_in(person: Who) -> list[RowLine]:
    """Open rows that `person` watches as 主管 or 服务经理: the longest overdue first; at most 200."""
    return lines_where(person, *_copied_in(person), limit=MOST)


def published(person: Who) -> list[TreeNode]:
    """The newest 50 tasks that `person` published, each with all of its rows."""
    nodes = tree_nodes(person, Task.publisher_id == person.id, limit=50)
    return [node for node in nodes if not node.mine]


def _copied_in(person: Who) -> tuple[sa.ColumnExpressionArgument[bool], ...]:
    watched = sa.or_(PointTask.supervisor_id == person.id, PointTask.service_manager_id == person.id)
    return watched, PointTask.is_open


def _published_count(person: Who) -> sa.Select[int]:
    mine = (Task.publisher_id == person.id, Task.published_at.is_not(None))
    return sa.select(sa.func.count()).select_from(Task).where(*mine)


def _count(*conditions: sa.ColumnExpressionArgument[bool]) -> int:
    return (
        session().execute(sa.select(sa.func.count()).select_from(PointTask).where(*conditions)).scalar_one()
    )
