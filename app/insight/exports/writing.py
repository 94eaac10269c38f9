"""Excel files of what a list shows: written line by line, recorded in the history, never with a live formula."""

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from tempfile import TemporaryFile
from typing import IO, Any

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from app import clock
from app.db import db, session, transaction
from app.errors import BadInput
from app.insight.models import Export
from app.locks import repeatable
from app.people.models import Person
from app.work import history

EXPORT = "export"
MOST_LINES = 50_000  # about ten seconds; a person does not read more, and other systems have the API
STEP = 1_000  # lines between two signs of progress
LONGEST_CELL = 32_767  # characters, a limit of Excel

Cell = str | int | datetime | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file; `width` in digits."""

    title: str
    width: int = 12


@dataclass(frozen=True, slots=True)
class Exported:
    """A finished file, read from its beginning; it is gone when it is closed."""

    name: str
    file: IO[bytes]
    size: int


def export(
    title: str,
    *,
    columns: Sequence[Column],
    lines: Iterable[Sequence[Cell]],
    total: int,
    by: Person,
    narrowed: str = "",
    key: str | None = None,
) -> Exported:
    """Write `lines` into an Excel file, `title` its name and `narrowed` the filter in words.

    `total` is how many lines there are; more than MOST_LINES are refused with
    BadInput. The lines are read while they are written, so memory does not
    grow with them, and only after the export was recorded: read lazily, for
    the transaction ends whatever read was open. `key` lets the page follow it.
    """
    if total > MOST_LINES:
        raise BadInput(
            f"一次最多导出 {MOST_LINES:,} 行，现在超过了。请先筛选（如按大区、发布时间），再分几次导出。"
        )
    export_id = _recorded(title, total=total, by=by, narrowed=narrowed, key=key)
    about: list[tuple[str, Cell]] = [
        ("内容", title),
        ("筛选", narrowed or "无，全部可见内容"),
        ("行数", total),
        ("导出人", by.name),
        ("导出时间", clock.now()),
    ]
    with ExitStack() as unfinished:
        file = unfinished.enter_context(TemporaryFile())
        _write(file, columns, lines, about, export_id)
        size = file.tell()
        file.seek(0)
        unfinished.pop_all()
    return Exported(f"{title}_{clock.local(clock.now()):%Y%m%d_%H%M}.xlsx", file, size)


def progress(key: str, *, by: Person) -> tuple[int, int] | None:
    """(lines written, lines in all) of an export of this person; None where there is no such one."""
    query = sa.select(Export.done, Export.total).where(Export.key == key, Export.person_id == by.id)
    found = session().execute(query).one_or_none()
    return (found.done, found.total) if found else None


@repeatable
def _recorded(title: str, *, total: int, by: Person, narrowed: str, key: str | None) -> int:
    """Recorded before the first line is read: also what somebody breaks off has been looked at."""
    with transaction() as current:
        taken = key and current.execute(sa.select(Export.id).where(Export.key == key)).scalar()
        row = Export(key=None if taken else key, person_id=by.id, title=title, total=total, at=clock.now())
        current.add(row)
        current.flush()
        history.record(current, row, EXPORT, by=by, title=title, filter=narrowed, lines=total)
        return row.id


def _write(
    file: IO[bytes],
    columns: Sequence[Column],
    lines: Iterable[Sequence[Cell]],
    about: Sequence[tuple[str, Cell]],
    export_id: int,
) -> None:
    # constant_memory: a line goes to disk when the next begins. Text is text, whatever it begins with.
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(file, options) as book:
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm", "align": "left"})
        head = book.add_format({"bold": True, "bg_color": "#E3F4EA", "border": 1, "border_color": "#C8E2D3"})
        sheet = book.add_worksheet("数据")
        for number, column in enumerate(columns):
            sheet.set_column(number, number, column.width)
            sheet.write_string(0, number, column.title, head)
        sheet.freeze_panes(1, 0)
        done = 0
        for done, line in enumerate(lines, start=1):
            _write_line(sheet, done, line, moment)
            if done % STEP == 0:
                _note_progress(export_id, done)
        sheet.autofilter(0, 0, max(done, 1), len(columns) - 1)
        notes = book.add_worksheet("说明")
        notes.set_column(1, 1, 60)
        for number, line in enumerate(about):
            _write_line(notes, number, line, moment)
    _note_progress(export_id, None)


def _write_line(sheet: Worksheet, number: int, line: Sequence[Cell], moment: Format) -> None:
    for column, value in enumerate(line):
        if isinstance(value, str):
            if value:
                sheet.write_string(number, column, value[:LONGEST_CELL])
        elif isinstance(value, datetime):
            sheet.write_datetime(number, column, clock.local(value).replace(tzinfo=None), moment)
        elif value is not None:
            sheet.write_number(number, column, value)


def _note_progress(export_id: int, done: int | None) -> None:
    """Tell the page, on a connection of its own: the request's session is in the middle of reading the lines."""
    values: dict[str, Any] = {"done": Export.total if done is None else done}
    statement = sa.update(Export).where(Export.id == export_id).values(values)
    try:
        with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
            connection.execute(statement)
    except OperationalError:  # somebody else is writing; the next sign of progress is near
        return
