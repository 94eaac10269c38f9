"""操作日志 as a file: the lines that the filter shows, newest first."""

from collections.abc import Iterator

from app.insight import audit, audit_subjects
from app.insight.audit import Asked, Line
from app.insight.exports.writing import MOST_LINES, Cell, Column, Exported, export
from app.people.models import Person

COLUMNS = (
    Column("时间", 17),
    Column("谁", 10),
    Column("操作", 14),
    Column("对象类型", 12),
    Column("对象", 30),
    Column("编号", 9),
    Column("说明", 40),
    Column("变化", 50),
)


def export_audit(asked: Asked, *, by: Person, narrowed: str, key: str | None) -> Exported:
    """Every line that matches; the export itself, recorded now, is not among them."""
    total = audit.count(asked, most=MOST_LINES + 1)
    lines = _lines(audit.every(asked))
    return export("操作日志", columns=COLUMNS, lines=lines, total=total, by=by, narrowed=narrowed, key=key)


def _lines(found: Iterator[Line]) -> Iterator[tuple[Cell, ...]]:
    kinds = audit_subjects.kind_names()
    for line in found:
        said = "；".join(f"{label}：{text}" if label else text for label, text in line.said)
        yield (
            *(line.at, line.by, line.act, kinds.get(line.kind, line.kind)),
            *(line.subject, line.subject_id or None, said, "；".join(line.changed)),
        )
