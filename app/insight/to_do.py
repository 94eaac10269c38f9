"""待办: what waits for a person, of all kinds of work, the most pressing first (T-75, A-18)."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from app import clock
from app.db import session
from app.insight import kinds
from app.people.models import Who
from app.tasks.models import Task
from app.tasks.reading.tree import TreeNode, tree_nodes
from app.work.faces import Waiting

MOST = 200
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass
class ToDo:
    """What waits by when it is due, and what else the person looks after."""

    overdue: list[Waiting] = field(default_factory=list)
    today: list[Waiting] = field(default_factory=list)
    next_seven_days: list[Waiting] = field(default_factory=list)
    later: list[Waiting] = field(default_factory=list)
    total: int = 0
    published_total: int = 0
    copied_in_open: int = 0
    copied_in_overdue: int = 0


def to_do(person: Who) -> ToDo:
    """Everything `person` is expected to do or watch; at most 200 are listed, `total` counts all."""
    result = ToDo()
    now = clock.now()
    midnight = clock.local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    for one in _by_deadline([one for kind in kinds.KINDS for one in kind.waiting(person, MOST)]):
        if one.due_at is None:
            result.later.append(one)
        elif one.due_at <= now:
            result.overdue.append(one)
        elif one.due_at <= midnight + timedelta(days=1):  # 24:00 of today is tonight's midnight
            result.today.append(one)
        elif one.due_at <= midnight + timedelta(days=8):
            result.next_seven_days.append(one)
        else:
            result.later.append(one)
    result.total = waits(person)
    for kind in kinds.KINDS:
        open_, overdue = kind.watched_numbers(person)
        result.copied_in_open += open_
        result.copied_in_overdue += overdue
    result.published_total = session().execute(_published_count(person)).scalar_one()
    return result


def waits(person: Who) -> int:
    """How much waits for a person."""
    return sum(kind.waits(person) for kind in kinds.KINDS)


def watched(person: Who) -> list[Waiting]:
    """What `person` watches and is not done yet, the longest overdue first; at most 200."""
    return _by_deadline([one for kind in kinds.KINDS for one in kind.watched(person, MOST)])


def published(person: Who) -> list[TreeNode]:
    """The newest 50 tasks that `person` published, each with all of its rows."""
    nodes = tree_nodes(person, Task.publisher_id == person.id, limit=50)
    return [node for node in nodes if not node.mine]


def _by_deadline(found: list[Waiting]) -> list[Waiting]:
    """Each kind has the nearest deadline first; what has none comes last."""
    return sorted(found, key=lambda one: one.due_at or NEVER)[:MOST]


def _published_count(person: Who) -> sa.Select[int]:
    mine = (Task.publisher_id == person.id, Task.published_at.is_not(None))
    return sa.select(sa.func.count()).select_from(Task).where(*mine)
