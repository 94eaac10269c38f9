"""Reads and checks a file of 行政区划; pure."""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from app import clock
from app.errors import BadInput
from app.places.initials import place_spelling
from app.text import name, unreadable

MOST_BYTES = 20_000_000
MOST_PROBLEMS = 20


@dataclass(frozen=True)
class Division:
    """One line of the file."""

    code: str
    name: str
    level: int
    parent: str
    lng: float | None = None
    lat: float | None = None
    datum: str | None = None
    coordinate_source: str | None = None
    pinyin: str = ""
    initials: str = ""


@dataclass(frozen=True)
class Edition:
    """A checked file: every division by code, and the day it describes (`# as of 2025-12-31`)."""

    as_of: date
    divisions: Mapping[str, Division]


def read(file: Path) -> Edition:
    """Parse and check a file of divisions; BadInput names every line that is wrong."""
    if file.stat().st_size > MOST_BYTES:
        raise BadInput(f"文件超过 {MOST_BYTES // 1_000_000} MB，不像行政区划文件，请核对后重试。")
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise BadInput("文件不是 UTF-8 编码，请另存为“CSV UTF-8”后重试。") from None
    problems: list[str] = []
    divisions = _divisions(lines, problems)
    problems += _tree_problems(divisions)
    if problems:
        more = len(problems) - MOST_PROBLEMS
        tail = [f"……另有 {more} 处"] if more > 0 else []
        raise BadInput("文件有误，未导入任何内容：\n" + "\n".join(problems[:MOST_PROBLEMS] + tail))
    return Edition(as_of=_as_of(lines), divisions=divisions)


def _divisions(lines: list[str], problems: list[str]) -> dict[str, Division]:
    numbered = [(n, line) for n, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")]
    if not numbered:
        problems.append("文件里没有内容。")
        return {}
    reader = csv.DictReader(line for _n, line in numbered)
    missing = {"code", "name", "level", "parent"} - set(reader.fieldnames or ())
    if missing:
        problems.append(f"第 {numbered[0][0]} 行：表头缺少 {'、'.join(sorted(missing))} 列。")
        return {}
    found: dict[str, Division] = {}
    for (number, _line), row in zip(numbered[1:], reader, strict=False):
        try:
            division = _division(row)
            if division.code in found:
                raise ValueError(f"代码 {division.code} 重复")
            found[division.code] = division
        except ValueError as wrong:
            problems.append(f"第 {number} 行：{wrong}。")
    return found


def _division(row: Mapping[str, str | None]) -> Division:
    """One line, or ValueError saying in Chinese what is wrong with it."""
    text = {key: (value or "").strip() for key, value in row.items() if isinstance(key, str)}
    if not re.fullmatch(r"[0-9]{6}([0-9]{6})?", text["code"]):
        raise ValueError(f"代码 {text['code'][:20]!r} 应为 6 位数字")
    if text["level"] not in ("1", "2", "3"):
        raise ValueError(f"级别 {text['level'][:20]!r} 应为 1（省）、2（市）或 3（县）")
    place = text["name"] = name(text["name"])
    if not 1 <= len(place) <= 30:
        raise ValueError("名称为空或超过 30 个字")
    if fault := unreadable(place):
        raise ValueError(f"名称{fault}")
    given = text.get("pinyin"), text.get("initials")
    pinyin, initials = given if all(given) else place_spelling(text["name"])
    return Division(
        code=text["code"],
        name=text["name"],
        level=int(text["level"]),
        parent=text["parent"],
        lng=_degrees(text.get("lng", ""), 180),
        lat=_degrees(text.get("lat", ""), 90),
        datum=text.get("datum") or None,
        coordinate_source=text.get("coordinate_source") or None,
        pinyin=pinyin or "",
        initials=initials or "",
    )


def _degrees(text: str, most: int) -> float | None:
    if not text:
        return None
    if not re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]+)?", text) or abs(float(text)) > most:
        raise ValueError(f"经纬度 {text[:20]!r} 应为 -{most} 到 {most} 之间的数")
    return float(text)


def _tree_problems(divisions: Mapping[str, Division]) -> Iterator[str]:
    for one in divisions.values():
        above = divisions.get(one.parent)
        if (one.level == 1) != (one.parent == ""):
            yield f"{one.code} {one.name}：省级没有上级，其他级别必须有上级代码。"
        elif one.parent and above is None:
            yield f"{one.code} {one.name}：文件里没有它的上级 {one.parent[:20]}。"
        elif above is not None and above.level >= one.level:
            yield f"{one.code} {one.name}：上级 {above.code} 的级别应高于它。"


def _as_of(lines: list[str]) -> date:
    for line in lines:
        if found := re.match(r"# as of (\d{4}-\d\d-\d\d)", line):
            return date.fromisoformat(found[1])
    return clock.today()
