"""What tasks give as files: 点位任务, the rows that a list shows, with the facts behind them, and 各点位版本."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from app.db import session
from app.insight.exports.writing import MOST_LINES, Cell, Column, Exported, export
from app.people.models import Person, Region
from app.tasks.filters import Filter
from app.tasks.labels import ITEM_WORDS, ItemState
from app.tasks.models import PointTask, Task, TaskItem
from app.tasks.reading import heads, queries, versions
from app.tasks.reading.lines import RowLine

ROWS = (
    Column("任务编号", 9),
    Column("任务类型", 14),
    Column("紧急程度", 10),
    Column("发布人", 10),
    Column("发布时间", 17),
    Column("大区", 12),
    Column("区划代码", 10),
    Column("上级区划", 24),
    Column("点位", 16),
    Column("实施人", 10),
    Column("主管", 10),
    Column("服务经理", 10),
    Column("要求完成时间", 17),
    Column("任务状态", 10),
    Column("超期", 6),
    Column("完成进度（%）", 14),
    Column("整个任务", 22),
    Column("时限", 18),
    Column("办结时间", 17),
    Column("明细", 30),
    Column("最近说明", 40),
)

VERSIONS = (
    Column("上级区划", 24),
    Column("点位", 16),
    Column("补丁包", 20),
    Column("模块", 20),
    Column("版本", 12),
    Column("升级时间", 17),
    Column("需回退", 8),
)


@dataclass(frozen=True, slots=True)
class Listed:
    """The list that is open: of one task or of all, as the filter bar left it."""

    task_id: int | None
    mine: bool
    narrowed: Filter
    sort: str


def export_rows(listed: Listed, *, by: Person, narrowed: str, key: str | None) -> Exported:
    """The rows that `by` sees in the list; NotFound for a task of others. `narrowed` is the filter in words."""
    title = "点位任务"
    if listed.task_id is not None:
        title = f"任务{listed.task_id}_{heads.head(by, listed.task_id).type}"
    total = queries.count_rows(
        by, task_id=listed.task_id, mine=listed.mine, narrowed=listed.narrowed, most=MOST_LINES + 1
    )
    lines = _lines(listed, by)
    return export(title, columns=ROWS, lines=lines, total=total, by=by, narrowed=narrowed, key=key)


def _lines(listed: Listed, by: Person) -> Iterator[tuple[Cell, ...]]:
    after: int | None = None
    while True:
        page = queries.rows_page(
            by,
            task_id=listed.task_id,
            mine=listed.mine,
            after=after,
            size=queries.MOST_PER_PAGE,
            narrowed=listed.narrowed,
            sort=listed.sort,
        )
        ids = [row.id for row in page.rows]
        facts, items = _facts(ids), _items(ids)
        tasks = heads.standings({row.task_id for row in page.rows})
        yield from (_line(row, facts[row.id], items.get(row.id, ""), tasks[row.task_id]) for row in page.rows)
        after = page.next_after
        if after is None:
            return


def _line(row: RowLine, facts: Any, items: str, task: str) -> tuple[Cell, ...]:
    return (
        *(row.task_id, row.type, row.urgency, facts.publisher, facts.published_at, facts.region),
        *(facts.place_code, row.place_parents, row.place_name),
        *(row.implementer, row.supervisor, row.service_manager),
        *(row.due_at, row.label, "是" if facts.overdue_at else "", row.progress, task, row.due_text),
        *(facts.closed_at, items, row.latest_note),
    )


def _facts(ids: list[int]) -> dict[int, Any]:
    """What the file has and the list has not, by row."""
    query = (
        sa.select(
            *(PointTask.id, PointTask.overdue_at, PointTask.closed_at, PointTask.place_code),
            *(Task.published_at, Person.name.label("publisher"), Region.name.label("region")),
        )
        .join(Task, Task.id == PointTask.task_id)
        .join(Person, Person.id == PointTask.publisher_id)
        .outerjoin(Region, Region.id == PointTask.region_id)
        .where(PointTask.id.in_(ids))
    )
    return {found.id: found for found in session().execute(query)}


def _items(ids: list[int]) -> dict[int, str]:
    """模块A：是；模块B：否, by row."""
    query = sa.select(TaskItem.point_task_id, TaskItem.name, TaskItem.state)
    found = session().execute(
        query.where(TaskItem.point_task_id.in_(ids)).order_by(TaskItem.point_task_id, TaskItem.id)
    )
    return {
        row_id: "；".join(f"{name}：{ITEM_WORDS[ItemState(state)]}" for _, name, state in items)
        for row_id, items in groupby(found, key=itemgetter(0))
    }


def export_versions(
    asked: Filter, patch_id: int | None, *, by: Person, narrowed: str, key: str | None
) -> Exported:
    """What `by` sees on the page; `narrowed` is the filter in words."""
    total = versions.count(by, narrowed=asked, patch_id=patch_id, most=MOST_LINES + 1)
    lines = _versions(by, asked, patch_id)
    return export("各点位版本", columns=VERSIONS, lines=lines, total=total, by=by, narrowed=narrowed, key=key)


def _versions(by: Person, asked: Filter, patch_id: int | None) -> Iterator[tuple[Cell, ...]]:
    for line in versions.every(by, narrowed=asked, patch_id=patch_id):
        yield (
            *(line.parents, line.place, line.package, line.module, line.version, line.since),
            "是" if line.to_restore else "",
        )
