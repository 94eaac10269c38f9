"""Reads files of 补丁包, .xlsx or .json, into entries of plain text: one per module."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.errors import BadInput
from app.sheets import workbook
from app.sheets.workbook import Kind, Layout, Line

SHEET = "补丁包"
COLUMNS = {  # the JSON key of each column
    "补丁包": "name",
    "版本": "version",
    "送测状态": "test_state",
    "送测人": "sent_by",
    "送测时间": "sent_at",
    "模块": "module",
    "补丁说明": "note",
}
LAYOUTS = {
    SHEET: Layout(
        columns={
            "补丁包": ("补丁包名称", "名称"),
            "版本": ("版本号",),
            "送测状态": ("状态",),
            "送测人": (),
            "送测时间": (),
            "模块": ("模块名称", "涉及模块"),
            "补丁说明": ("说明", "模块说明"),
        },
        required=frozenset({"补丁包", "版本", "模块"}),
        kinds={"送测时间": Kind.MOMENT, "补丁说明": Kind.LINES},
    )
}
MOST_BYTES = 30_000_000  # a package as large as may be is 24 MB where every character is written as \uXXXX
SHAPE = '{"patches": [{"name": …, "version": …, "modules": [{"name": …, "note": …}]}]}'


@dataclass(frozen=True)
class Problem:
    """One thing to correct: where, what is wrong, what to do."""

    where: str
    what: str
    advice: str = ""

    def __str__(self) -> str:
        return f"{self.where}：{self.what}。{self.advice}"


@dataclass(frozen=True)
class Entry:
    """One module of a package as the file has it: where it stands, and its texts by COLUMNS' values."""

    where: str
    texts: Mapping[str, str]

    def __getitem__(self, key: str) -> str:
        return self.texts.get(key, "")


@dataclass
class Found:
    """The modules of a file, package after package, and what could not be read."""

    entries: list[Entry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)  # what the file holds out of sight


def read(file: Path) -> Found:
    """The modules that `file` names. Raises BadInput where it is neither a usable .xlsx nor a .json file."""
    return _of_json(file) if file.suffix.lower() == ".json" else _of_workbook(file)


def _of_workbook(file: Path) -> Found:
    book = workbook.read(file, LAYOUTS, template="flask patches template")
    problems = [Problem(_where(one.row, one.column), one.what, one.advice) for one in book.problems]
    return Found(list(_filled_down(book.lines(SHEET))), problems, book.notes, book.hidden)


def _filled_down(lines: list[Line]) -> Iterator[Entry]:
    """A row without name and version goes on with the package of the row above."""
    name = version = ""
    for line in lines:
        name, version = (line["补丁包"], line["版本"]) if line["补丁包"] or line["版本"] else (name, version)
        texts = {key: line[column] for column, key in COLUMNS.items()}
        yield Entry(_where(line.row), texts | {"name": name, "version": version})


def _where(row: int, column: str = "") -> str:
    return (f"第 {row} 行" if row else f"“{SHEET}”表") + (f"“{column}”" if column else "")


def _of_json(file: Path) -> Found:
    if file.stat().st_size > MOST_BYTES:
        raise BadInput(f"文件超过 {MOST_BYTES // 1_000_000} MB，请分成几个文件。")
    try:
        # Numbers as they are written: version 3.10 is not 3.1.
        content = json.loads(file.read_text(encoding="utf-8-sig"), parse_float=str, parse_int=str)
    except (ValueError, RecursionError) as error:
        where = f"（第 {error.lineno} 行）" if isinstance(error, json.JSONDecodeError) else ""
        raise BadInput(f"这不是 UTF-8 的 JSON 文件{where}，请检查括号、引号和逗号。") from None
    packages = content.get("patches") if isinstance(content, dict) else content
    if not isinstance(packages, list):
        raise BadInput(f"JSON 文件应是这样的：{SHAPE}")
    found = Found()
    for number, package in enumerate(packages, start=1):
        _add_package(found, f"第 {number} 个补丁包", package)
    return found


def _add_package(found: Found, where: str, package: Any) -> None:
    modules = package.get("modules") if isinstance(package, dict) else None
    if not isinstance(modules, list):
        found.problems.append(Problem(where, "没有模块清单 modules", f"应是这样的：{SHAPE}"))
        return
    head = {
        key: package[key] for key in ("name", "version", "test_state", "sent_by", "sent_at") if key in package
    }
    for number, module in enumerate(modules or [{}], start=1):
        here = f"{where}的第 {number} 个模块" if modules else where
        if not isinstance(module, dict):
            found.problems.append(Problem(here, '应是 {"name": …, "note": …}'))
            continue
        texts = head | {"module": module.get("name"), "note": module.get("note")}
        wrong = [key for key, value in texts.items() if not isinstance(value, str | None)]
        found.problems += [Problem(here, f"{key} 应是文字") for key in wrong]
        plain = {key: "" if value is None or key in wrong else value for key, value in texts.items()}
        found.entries.append(Entry(here, plain))
