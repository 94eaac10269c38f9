"""投递 as a file: every message that the filter shows, with its text and what became of it."""

from collections.abc import Iterator
from typing import Any

from app.insight import ledger as work
from app.insight.exports.writing import MOST_LINES, Cell, Column, Exported, export
from app.notices.ledger import lines as ledger
from app.notices.ledger.lines import Asked, Scopes
from app.notices.wordings import kinds
from app.people.models import Person

PART = 500  # lines read at a time

COLUMNS = (
    Column("接收人", 10),
    Column("账号", 14),
    Column("任务", 18),
    Column("类型", 12),
    Column("标题", 24),
    Column("内容", 60),
    Column("结果", 10),
    Column("原因", 30),
    Column("写入时间", 17),
    Column("最近发送", 17),
    Column("有结果", 17),
    Column("尝试次数", 9),
    Column("错误码", 9),
    Column("msgid", 24),
    Column("已打开", 17),
    Column("已忽略", 17),
    Column("并入", 10),
)


def export_ledger(
    scopes: Scopes, asked: Asked, *, title: str, by: Person, narrowed: str, key: str | None
) -> Exported:
    """The messages of `scopes`, newest first; whether `by` may read them, the caller knows."""
    total = ledger.count(scopes, asked, most=MOST_LINES + 1)
    lines = _lines(scopes, asked)
    return export(title, columns=COLUMNS, lines=lines, total=total, by=by, narrowed=narrowed, key=key)


def _lines(scopes: Scopes, asked: Asked) -> Iterator[tuple[Cell, ...]]:
    after: int | None = None
    while True:
        page = ledger.page(scopes, asked, after=after, size=PART)
        named = work.named(page.lines)
        yield from (_line(line, named.get(line.id, "")) for line in page.lines)
        after = page.next_after
        if after is None:
            return


def _line(found: Any, work: str) -> tuple[Cell, ...]:
    return (
        *(found.recipient, found.userid, work, kinds.name_of(found.wording), found.title, found.text),
        *(found.outcome, found.reason, found.created_at, found.tried_at, found.settled_at),
        *(found.attempts, found.errcode, found.msgid, found.opened_at, found.ignored_at),
        "晨间汇总" if found.merged_into_id else "",
    )
