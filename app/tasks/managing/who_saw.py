"""谁看到了: WeCom has no read receipts, so what people did stands for it — pressed, opened, fed back."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from app.db import session
from app.people.models import Person, Who
from app.places.models import Place
from app.places.names import told_apart
from app.tasks.access import ROW
from app.tasks.lifecycle import Act
from app.tasks.models import PointTask
from app.work import seen
from app.work.models import HistoryEvent, Seen

STAGES = ("未见", "已点卡片", "已打开", "已反馈")
KIND = PointTask.__tablename__
FED_BACK = (Act.FEED_BACK, Act.CLOSE)
_seen: Any = cast(sa.Table, Seen.__table__).c
_event: Any = cast(sa.Table, HistoryEvent.__table__).c


@dataclass(slots=True)
class Evidence:
    """One 实施人 of a task: their rows, and the first time of everything they did with one of them."""

    person_id: int
    name: str
    places_by_path: dict[str, str] = field(default_factory=dict)
    open_rows: int = 0
    pressed_at: datetime | None = None
    opened_at: datetime | None = None
    fed_back_at: datetime | None = None

    @property
    def places(self) -> list[str]:
        """Where the rows lie, equal names told apart."""
        return told_apart((name, path) for path, name in self.places_by_path.items())

    @property
    def unseen(self) -> bool:
        """Something waits for this person, and nothing says that they know of it."""
        return self.open_rows > 0 and self.stage == STAGES[0]

    @property
    def stage(self) -> str:
        """The furthest that is known, of STAGES; nothing is expected of who has no open row."""
        moments = (True, self.pressed_at, self.opened_at, self.fed_back_at)
        return [stage for stage, moment in zip(STAGES, moments, strict=True) if moment][-1]

    def add(self, row: sa.Row[Any]) -> None:
        """One more row of this person."""
        self.places_by_path[row.path] = row.place
        self.open_rows += bool(row.is_open)
        for name in ("pressed_at", "opened_at", "fed_back_at"):
            moments = [moment for moment in (getattr(self, name), getattr(row, name)) if moment]
            setattr(self, name, min(moments, default=None))


def seen_of(task_id: int) -> list[Evidence]:
    """Every 实施人 of live rows of the task, those who have not seen it first; one statement."""
    fed_back = (
        sa.select(_event.subject_id, _event.by_id, sa.func.min(_event.at).label("at"))
        .join(ROW.id.table, sa.and_(ROW.id == _event.subject_id, ROW.task_id == task_id))
        .where(_event.subject_kind == KIND, _event.act.in_(FED_BACK))
        .group_by(_event.subject_id, _event.by_id)
        .subquery()
    )
    by_person: dict[int, Evidence] = {}
    query = (
        sa.select(
            *(ROW.implementer_id, Person.name, Place.name.label("place"), Place.path),
            PointTask.is_open.label("is_open"),
            *(_seen.pressed_at, _seen.opened_at, fed_back.c.at.label("fed_back_at")),
        )
        .join(Person, Person.id == ROW.implementer_id)
        .join(Place, Place.code == ROW.place_code)
        .outerjoin(Seen, _by_its(ROW.implementer_id))
        .outerjoin(fed_back, sa.and_(fed_back.c.subject_id == ROW.id, fed_back.c.by_id == ROW.implementer_id))
        .where(ROW.task_id == task_id, ROW.revoked_at.is_(None))
        .order_by(ROW.id)
    )
    for row in session().execute(query):
        one = by_person.setdefault(row.implementer_id, Evidence(row.implementer_id, row.name))
        one.add(row)
    return sorted(by_person.values(), key=lambda one: (not one.unseen, one.name))


def _by_its(person_id: Any) -> sa.ColumnElement[bool]:
    return sa.and_(_seen.subject_kind == KIND, _seen.subject_id == ROW.id, _seen.person_id == person_id)


def added_up(people: Iterable[Evidence]) -> dict[str, int]:
    """How many people are how far, each counted once."""
    sums = Counter(one.stage for one in people if one.unseen or one.stage != STAGES[0])
    return {stage: sums[stage] for stage in STAGES}


def unseen(task_id: int) -> int:
    """How many people have open rows of a task and are not known to have seen any row of it."""
    rows = sa.select(ROW.id).where(ROW.task_id == task_id)
    saw = sa.select(_seen.person_id).where(_seen.subject_kind == KIND, _seen.subject_id.in_(rows))
    said = sa.select(_event.by_id).where(
        _event.subject_kind == KIND,
        _event.subject_id.in_(rows),
        _event.act.in_(FED_BACK),
        _event.by_id.is_not(None),
    )
    query = sa.select(sa.func.count(ROW.implementer_id.distinct())).where(
        *(ROW.task_id == task_id, PointTask.is_open),
        *(ROW.implementer_id.not_in(saw), ROW.implementer_id.not_in(said)),
    )
    return session().execute(query).scalar_one()


def row_opened(row: PointTask, *, by: Who) -> None:
    """One of the row's own people has its page open; others' looking is no evidence."""
    if by.id in (row.implementer_id, row.supervisor_id, row.service_manager_id):
        seen.opened(KIND, [row.id], by=by)


def task_opened(task_id: int, *, by: Who) -> None:
    """The list of a task is open: whoever implements rows of it has seen them."""
    mine = sa.select(ROW.id).where(ROW.implementer_id == by.id, ROW.task_id == task_id)
    if ids := list(session().execute(mine).scalars()):
        seen.opened(KIND, ids, by=by)
