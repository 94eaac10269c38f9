"""What a 升级回退 would do, before anything is done: the matrix of point × module and the exact messages."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.db import session
from app.notices.audiences import Audience, audiences
from app.people import queries as people
from app.people.models import Person
from app.tasks.labels import ItemState
from app.tasks.loading import managed_task
from app.tasks.models import Task
from app.tasks.rollback import rolling_back
from app.tasks.rollback.live_rows import LiveRow, effects, read_rows, touched_points
from app.tasks.rollback_effects import Effect, after, some_left
from app.tasks.telling import tellings

MOST_LINES = 200
NO_REGION = "未划大区"
AUDIENCES = {
    tellings.RESTORE: "要还原的实施人",
    tellings.WAIT: "暂不升级的实施人",
    "roll_back.copied_in": "抄送人（主管、服务经理）",
}


@dataclass(frozen=True)
class Column:
    """A module: how many points have it in which state, and whether it is chosen."""

    id: int
    name: str
    note: str
    states: Counter[int]
    chosen: bool

    @property
    def left(self) -> bool:
        """True where a point can still be rolled back."""
        return some_left(self.states)


@dataclass(frozen=True)
class Cell:
    """An item of a row: what it is, and what it would become."""

    state: ItemState
    becomes: ItemState


@dataclass(frozen=True)
class PointLine:
    """A point and its items, in the order of the columns."""

    row_id: int
    place: str
    parents: str
    implementer: str
    cells: Sequence[Cell]
    effect: Effect
    reopens: bool


@dataclass
class Sum:
    """The points of a 大区, or of everything."""

    name: str
    region_id: int | None = None
    points: int = 0
    restore: int = 0
    frozen: int = 0
    reopens: int = 0

    def add(self, row: LiveRow, effect: Effect) -> None:
        """Count one point."""
        self.points += 1
        self.restore += bool(effect.to_restore)
        self.frozen += not effect.to_restore and bool(effect.frozen)
        self.reopens += row.closed and bool(effect.to_restore)


@dataclass(frozen=True)
class RollbackPreview:
    """Everything the page shows; `lines` are at most MOST_LINES of `listed`, those to be restored first."""

    task_id: int
    columns: Sequence[Column]
    lines: Sequence[PointLine]
    listed: int
    whole: Sum
    regions: Sequence[Sum]
    audiences: Sequence[Audience]
    people: int  # who would be told, each counted once


def preview(
    person: Person,
    task_id: int,
    *,
    module_ids: Collection[int] = (),
    region_id: int | None = None,
    due_at: datetime | None = None,
) -> RollbackPreview:
    """The same rules, texts and counts as `rolling_back.roll_back`; reads only.

    `region_id` narrows the lines, never the counts. NotFound for those who do
    not manage the task.
    """
    task = managed_task(task_id, by=person)
    rows = read_rows(session(), task)
    touched = effects(rows, module_ids)
    told = rolling_back.told_of(session(), task, touched_points(rows, touched), due_at=due_at)
    whole, regions = _sums(rows, touched)
    shown = [row for row in rows if region_id is None or (row.region_id or 0) == region_id]
    shown.sort(key=lambda row: _rank(touched.get(row.point.id, Effect())))  # stable: places stay in order
    return RollbackPreview(
        task_id=task.id,
        columns=_columns(task, rows, module_ids),
        lines=_lines(shown[:MOST_LINES], touched, module_ids),
        listed=len(shown),
        whole=whole,
        regions=regions,
        audiences=audiences(told, AUDIENCES),
        people=len({one.to.id for one in told if not one.to.left}),
    )


def _rank(effect: Effect) -> int:
    return 0 if effect.to_restore else 1 if effect.frozen else 2


def _columns(task: Task, rows: Sequence[LiveRow], module_ids: Collection[int]) -> list[Column]:
    states: dict[int | None, Counter[int]] = {}
    for row in rows:
        for item in row.items:
            states.setdefault(item.module_id, Counter())[item.state] += 1
    modules = task.patch.modules if task.patch else []
    return [
        Column(one.id, one.name, one.note, states.get(one.id, Counter()), one.id in module_ids)
        for one in modules
    ]


def _lines(
    rows: Sequence[LiveRow], touched: dict[int, Effect], module_ids: Collection[int]
) -> list[PointLine]:
    names = people.names_of({row.point.implementer_id for row in rows})
    return [
        PointLine(
            row_id=row.point.id,
            place=row.point.place_name,
            parents=row.point.path.removesuffix(row.point.place_name).removesuffix(" / "),
            implementer=names[row.point.implementer_id],
            cells=[
                Cell(
                    ItemState(item.state),
                    after(item.state) if item.module_id in module_ids else ItemState(item.state),
                )
                for item in row.items
            ],
            effect=touched.get(row.point.id, Effect()),
            reopens=row.closed and bool(touched.get(row.point.id, Effect()).to_restore),
        )
        for row in rows
    ]


def _sums(rows: Sequence[LiveRow], touched: dict[int, Effect]) -> tuple[Sum, list[Sum]]:
    whole = Sum("合计")
    by_region = {region.id: Sum(region.name, region.id) for region in people.regions()}
    by_region[0] = Sum(NO_REGION, 0)
    for row in rows:
        effect = touched.get(row.point.id, Effect())
        whole.add(row, effect)
        by_region[row.region_id or 0].add(row, effect)
    return whole, [one for one in by_region.values() if one.points]
