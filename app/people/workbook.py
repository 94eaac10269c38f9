"""Reads an .xlsx file into plain text cells, whatever the file contains.

Only parsing: what the cells mean is checked elsewhere. Formulas, error values,
dates and invisible characters become problems with row and column.
"""

import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.cell.read_only import EmptyCell, ReadOnlyCell

from app.errors import BadInput

MOST_BYTES = 10_000_000
MOST_UNPACKED = 100_000_000  # a file that unpacks to more than this is an attack or a mistake
MOST_PARTS = 500
MOST_ROWS = 20_000
MOST_COLUMNS = 40
HEADER_WITHIN = 5  # a title may stand above the header
LONGEST_CELL = 2_000


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
    """The known sheets of a file, and what could not be read."""

    sheets: dict[str, list[Line]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def lines(self, sheet: str) -> list[Line]:
        """The rows of a sheet; none where the file does not have it."""
        return self.sheets.get(sheet, [])


@dataclass(frozen=True)
class Layout:
    """What a sheet may look like: column → its other spellings, and which must be there."""

    columns: Mapping[str, tuple[str, ...]]
    required: frozenset[str]

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
    _refuse_hostile(file)
    found = Workbook()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # decoration that openpyxl does not support
            book = openpyxl.load_workbook(file, read_only=True, data_only=False, keep_links=False)
            for sheet in book.worksheets:
                if sheet.title.strip() in layouts:
                    name = sheet.title.strip()
                    found.sheets[name] = list(_lines(name, sheet, layouts[name], found))
            book.close()
    except Exception as error:  # a damaged file fails anywhere inside openpyxl, with any error
        raise BadInput("文件损坏或不是 Excel 工作簿，请用 Excel 或 WPS 打开后另存为 .xlsx 再试。") from error
    if not found.sheets:
        raise BadInput(
            f"文件里没有{'、'.join(f'“{name}”' for name in layouts)}中的任何一张表，"
            f"请用 {template} 生成模板。"
        )
    return found


def _refuse_hostile(file: Path) -> None:
    if file.stat().st_size > MOST_BYTES:
        raise BadInput(f"文件超过 {MOST_BYTES // 1_000_000} MB，请删去图片等无关内容或分成几个文件。")
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            too_big = sum(part.file_size for part in parts) > MOST_UNPACKED or len(parts) > MOST_PARTS
            if too_big or any(_declares_entities(archive, part) for part in parts):
                raise BadInput("文件内容异常（展开后过大或含有外部定义），请把数据复制到新的模板里再试。")
    # What zipfile raises for what is no zip, is packed in a way it does not know, or is encrypted: all refused alike.
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError):
        raise BadInput("这不是 .xlsx 文件（.xls 和加密的文件请先另存为不加密的 .xlsx）。") from None


def _declares_entities(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """True for XML with a DOCTYPE, which no spreadsheet program writes."""
    with archive.open(part) as content:
        return b"<!DOCTYPE" in content.read(2048)


def _lines(name: str, sheet: Any, layout: Layout, found: Workbook) -> Iterator[Line]:
    columns: dict[int, str] | None = None
    rows = sheet.iter_rows(max_row=MOST_ROWS + HEADER_WITHIN + 1, max_col=MOST_COLUMNS)
    for number, row in enumerate(rows, start=1):
        if columns is None:
            if number > HEADER_WITHIN:
                break
            columns = _header(name, row, layout, found)
            continue
        if number > MOST_ROWS + HEADER_WITHIN:
            found.problems.append(Problem(name, number, "", f"超过 {MOST_ROWS} 行", "请分成几个文件。"))
            return
        cells = dict(_cells(Line(name, number, {}), row, columns, found.problems))
        if any(cells.values()):
            yield Line(name, number, cells)
    if columns is None:
        required = "、".join(f"“{one}”" for one in sorted(layout.required))
        found.problems.append(Problem(name, 0, "", f"没有找到含{required}的表头行"))


def _header(name: str, row: Any, layout: Layout, found: Workbook) -> dict[int, str] | None:
    """Position → column for a row that has every required column, else None."""
    titles = {position: str(cell.value).strip() for position, cell in enumerate(row) if cell.value}
    columns = {position: layout.column(title) for position, title in titles.items()}
    known = [column for column in columns.values() if column]
    if not layout.required <= set(known):
        return None
    for column in {one for one in known if known.count(one) > 1}:
        found.problems.append(Problem(name, 0, column, "这一列出现了两次", "请删去一列。"))
    unused = [titles[position] for position, column in columns.items() if column is None]
    if unused:
        found.notes.append(f"“{name}”表里没有用到的列：{'、'.join(unused)[:200]}")
    return {position: column for position, column in columns.items() if column}


def _cells(
    line: Line, row: Any, columns: Mapping[int, str], problems: list[Problem]
) -> Iterator[tuple[str, str]]:
    for position, column in columns.items():
        cell = row[position] if position < len(row) else None
        try:
            yield column, "" if cell is None else _text(cell)
        except ValueError as wrong:
            problems.append(line.problem(column, *wrong.args))
            yield column, ""


def _text(cell: ReadOnlyCell | EmptyCell) -> str:
    """What a person sees in a cell; ValueError(what is wrong, what to do) where that is not text."""
    value = cell.value
    if value is None:
        return ""
    if getattr(cell, "data_type", "") == "f":
        raise ValueError("是公式", "请复制后“粘贴为值”。")
    if getattr(cell, "data_type", "") == "e":
        raise ValueError(f"是错误值 {value}", "请改成正确的内容。")
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer() and abs(value) < 1e15):
        return str(int(value))
    if not isinstance(value, str):
        raise ValueError(f"应是文字，现在是 {str(value)[:30]}", "请把单元格格式改为“文本”后重新填写。")
    text = re.sub(r"[\s\u3000\ufeff\u200b]+", " ", value).strip()
    if len(text) > LONGEST_CELL:
        raise ValueError(f"超过 {LONGEST_CELL} 个字", "请分成几行。")
    if not text.isprintable():
        raise ValueError("含有不可见字符", "请清空后重新输入。")
    return text


def _plain(title: str) -> str:
    """A header without spaces, brackets and case."""
    return re.sub(r"[\s（）()]", "", title).lower()
