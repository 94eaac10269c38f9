"""各点位版本 as a file: the lines of the page, all pages of it."""

from collections.abc import Iterator

from app.insight.export import MOST_LINES, Cell, Column, Exported, export
from app.people.models import Person
from app.tasks.filters import Filter
from app.tasks.reading import versions

COLUMNS = (
    Column("上级区划", 24),
    Column("点位", 16),
    Column("补丁包", 20),
    Column("模块", 20),
    Column("版本", 12),
    Column("升级时间", 17),
    Column("需回退", 8),
)


def export_versions(
    asked: Filter, patch_id: int | None, *, by: Person, narrowed: str, key: str | None
) -> Exported:
    """What `by` sees on the page; `narrowed` is the filter in words."""
    total = versions.count(by, narrowed=asked, patch_id=patch_id, most=MOST_LINES + 1)
    lines = _lines(by, asked, patch_id)
    return export("各点位版本", columns=COLUMNS, lines=lines, total=total, by=by, narrowed=narrowed, key=key)


def _lines(by: Person, asked: Filter, patch_id: int | None) -> Iterator[tuple[Cell, ...]]:
    for line in versions.every(by, narrowed=asked, patch_id=patch_id):
        yield (
            *(line.parents, line.place, line.package, line.module, line.version, line.since),
            "是" if line.to_restore else "",
        )
