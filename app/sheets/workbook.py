"""Reads an .xlsx file into plain text cells, whatever the file contains.

Only parsing: what the cells mean is checked elsewhere. Formulas, error values,
dates and invisible characters become problems with row and column; what is
out of sight in the file is said, so that nobody imports it unknowingly.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

import openpyxl

from app import text
from app.errors import BadInput
from app.sheets import archive, shown
from app.sheets.archive import Sheet
from app.sheets.merged import Merged

MOST_ROWS = 20_000
MOST_COLUMNS = 40
HEADER_WITHIN = 5  # a title may stand above the header
LONGEST_CELL = 2_000  # but for texts of several lines, whose length is checked where they are kept


class Kind(Enum):
    """What the text of a column is: how its blanks and line ends are taken."""

    TEXT = "one line"
    NAME = "one line, without blanks between Chinese characters"
    SEVERAL = "names, of which each may stand on a line of its own"
    LINES = "text of several lines"
    MOMENT = "one line, or a date"


@dataclass(frozen=True)
class Problem:
    """One thing to correct: where, what is wrong, what to do."""

    sheet: str
    row: int
    column: str
    what: str
    advice: str = ""

    def __str__(self) -> str:
        where = f"“{self.sheet}”表" + (f"第 {self.row} 行" if self.row else "")
        column = f"“{self.column}”" if self.column else ""
        return f"{where}{column}：{self.what}。{self.advice}"


@dataclass(frozen=True)
class Line:
    """One row of a sheet: its number as Excel shows it, and the text of its cells by column."""

    sheet: str
    row: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def __contains__(self, column: str) -> bool:
        return column in self.cells

    def problem(self, column: str, what: str, advice: str = "") -> Problem:
        """A problem in a cell of this row."""
        return Problem(self.sheet, self.row, column, what, advice)


@dataclass
class Workbook:
    """The known sheets of a file, what could not be read, and what of it is `hidden` from who opens it."""

    sheets: dict[str, list[Line]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)

    def lines(self, sheet: str) -> list[Line]:
        """The rows of a sheet; none where the file does not have it."""
        return self.sheets.get(sheet, [])


@dataclass(frozen=True)
class Layout:
    """What a sheet may look like: column → its other spellings, which must be there, what their texts are."""

    columns: Mapping[str, tuple[str, ...]]
    required: frozenset[str]
    kinds: Mapping[str, Kind] = field(default_factory=dict)  # TEXT where nothing is said

    def column(self, title: str) -> str | None:
        """The column that a header cell means."""
        plain = _plain(title)
        for name, others in self.columns.items():
            if plain in {_plain(one) for one in (name, *others)}:
                return name
        return None


def read(file: Path, layouts: Mapping[str, Layout], *, template: str = "flask people template") -> Workbook:
    """The sheets of `file` that `layouts` names; `template` is the command that writes an empty one.

    Raises BadInput where it is no usable .xlsx file.
    """
    package, sheets = archive.repacked(file, layouts)
    if not sheets:
        raise BadInput(
            f"文件里没有{'、'.join(f'“{name}”' for name in layouts)}中的任何一张表，"
            f"请用 {template} 生成模板。"
        )
    found = Workbook()
    try:
        book = openpyxl.load_workbook(package, read_only=True, data_only=False, keep_links=False)
        pages = dict(zip([sheet.path for sheet in sheets], book.worksheets, strict=True))
        for sheet in _chosen(sheets, found):
            _Reader(sheet, layouts[sheet.title], found).read(pages[sheet.path])
        book.close()
    except Exception as error:  # what openpyxl cannot read fails anywhere inside it, with any error
        raise BadInput(archive.UNREADABLE) from error
    return found


def _chosen(sheets: Sequence[Sheet], found: Workbook) -> Iterator[Sheet]:
    """One sheet of each title, one that people see before one that they do not."""
    for title in dict.fromkeys(sheet.title for sheet in sheets):
        named = sorted((sheet for sheet in sheets if sheet.title == title), key=lambda sheet: sheet.hidden)
        first, *others = named
        if any(not sheet.hidden for sheet in others):
            found.problems.append(Problem(title, 0, "", "有两张同名的表", "请只保留一张。"))
        elif others:
            found.notes.append(f"另有一张隐藏的“{title}”表，没有读取")
        yield first


class _Reader:
    """Reads one sheet, row by row."""

    def __init__(self, sheet: Sheet, layout: Layout, found: Workbook) -> None:
        self._name, self._marks = sheet.title, sheet.marks
        self._sheet_is_hidden = sheet.hidden
        self._layout, self._found = layout, found
        self._columns: dict[int, str] = {}
        self._merged = Merged((), {}, header=0)
        self._lines: list[Line] = []

    def read(self, page: Any) -> None:
        """Add the lines of the sheet to what was found."""
        rows = page.iter_rows(min_row=1, max_row=max(self._marks.last_row, 1), max_col=MOST_COLUMNS)
        for number, row in enumerate(rows, start=1):
            if not self._columns:
                if number > HEADER_WITHIN:
                    break
                self._take_header(number, row)
            elif len(self._lines) < MOST_ROWS:
                self._take(number, row)
            else:
                self._problem(number, f"超过 {MOST_ROWS} 行", "请分成几个文件。")
                break
        if not self._columns:
            required = "、".join(f"“{one}”" for one in sorted(self._layout.required))
            self._problem(0, f"没有找到含{required}的表头行")
        self._found.sheets[self._name] = self._lines
        self._say_what_is_hidden()

    def _take_header(self, number: int, row: Sequence[Any]) -> None:
        """Position → column, of a row that has every required column; others stand above the header."""
        titles = {position: str(cell.value).strip() for position, cell in enumerate(row) if cell.value}
        columns = {position: self._layout.column(title) for position, title in titles.items()}
        known = [column for column in columns.values() if column]
        if not self._layout.required <= set(known):
            return
        for column in {one for one in known if known.count(one) > 1}:
            self._found.problems.append(Problem(self._name, 0, column, "这一列出现了两次", "请删去一列。"))
        unused = [titles[position] for position, column in columns.items() if column is None]
        if unused:
            self._found.notes.append(f"“{self._name}”表里没有用到的列：{'、'.join(unused)[:200]}")
        self._columns = {position: column for position, column in columns.items() if column}
        self._merged = Merged(self._marks.merged, self._columns, header=number)
        for one in self._merged.unclear:
            self._problem(one.first_row, f"{one.text} 是跨列的合并单元格", "请取消合并，每格分别填写。")

    def _take(self, number: int, row: Sequence[Any]) -> None:
        line = Line(self._name, number, {})
        own = [row[position] for position in self._columns if position < len(row)]
        cells = self._merged.filled(number, row)
        if all(cell.value is None for cell in own):
            return
        texts = dict(self._texts(line, cells))
        if any(texts.values()):
            self._lines.append(Line(self._name, number, texts))

    def _texts(self, line: Line, cells: Sequence[Any]) -> Iterator[tuple[str, str]]:
        for position, column in self._columns.items():
            kind = self._layout.kinds.get(column, Kind.TEXT)
            try:
                yield column, _tidied(cells[position], kind) if position < len(cells) else ""
            except ValueError as wrong:
                self._found.problems.append(line.problem(column, *wrong.args))
                yield column, ""

    def _problem(self, row: int, what: str, advice: str = "") -> None:
        self._found.problems.append(Problem(self._name, row, "", what, advice))

    def _say_what_is_hidden(self) -> None:
        if not self._lines:
            return
        if self._sheet_is_hidden:
            self._found.hidden.append(f"“{self._name}”表是隐藏的，也会导入")
        columns = [name for n, name in self._columns.items() if self._marks.hides_column(n + 1)]
        if columns:
            self._found.hidden.append(f"“{self._name}”表里隐藏的列也会导入：{'、'.join(columns)}")
        rows = [line.row for line in self._lines if line.row in self._marks.hidden_rows]
        if rows:
            how = "被筛选隐藏" if self._marks.filtered else "被隐藏"
            self._found.hidden.append(f"“{self._name}”表第 {_counted(rows)} 行{how}，也会导入")


def _tidied(cell: Any, kind: Kind) -> str:
    """What a person sees in a cell; ValueError(what is wrong, what to do) where that is not text."""
    written = shown.text_of(cell, dates=kind is Kind.MOMENT)
    if kind is Kind.LINES:
        tidied = text.lines(written)
    elif kind is Kind.SEVERAL:
        tidied = "\n".join(text.name(line) for line in text.lines(written).split("\n"))
    else:
        tidied = text.name(written) if kind is Kind.NAME else text.one_line(written)
    if len(tidied) > LONGEST_CELL and kind is not Kind.LINES:
        raise ValueError(f"超过 {LONGEST_CELL} 个字", "请分成几行。")
    if wrong := text.unreadable(tidied):
        raise ValueError(wrong, "请清空后重新输入。")
    return tidied


def _counted(rows: Sequence[int]) -> str:
    """Row numbers, those that follow each other as 5–9."""
    runs: list[list[int]] = []
    for row in rows:
        if runs and row == runs[-1][-1] + 1:
            runs[-1][1:] = [row]
        else:
            runs.append([row])
    return "、".join("–".join(str(end) for end in run) for run in runs[:20]) + ("…" if len(runs) > 20 else "")


def _plain(title: str) -> str:
    """A header without spaces, brackets and case."""
    return "".join(text.one_line(title).split()).translate(str.maketrans("", "", "（）()")).lower()
