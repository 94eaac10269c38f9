"""Checks a workbook of people and support areas against the database; writing is staffing's.

Collects every problem instead of stopping at the first, so that one correction
round is enough. Nothing is written while there is a problem.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from app.people.models import AREA_ROLES, ROLE_NAMES, Role
from app.people.registry import Member, Registry
from app.people.spelling import person_spelling
from app.people.staffing import Area, Organisation, Row
from app.sheets.workbook import Kind, Layout, Line, Problem, Workbook

PEOPLE, AREAS, REGIONS, DEPARTMENTS = "人员", "支持区域", "大区", "部门"
LAYOUTS = {
    PEOPLE: Layout(
        columns={
            "账号": ("userid", "企业微信账号", "账号（userid）"),
            "姓名": (),
            "部门": (),
            "大区": (),
            "职务": (),
            "手机": ("手机号",),
            "角色": (),
        },
        required=frozenset({"账号", "姓名"}),
        kinds={"姓名": Kind.NAME, "部门": Kind.NAME, "大区": Kind.NAME, "角色": Kind.SEVERAL},
    ),
    AREAS: Layout(
        columns={"代码": ("行政区划代码",), "点位": ("行政区划",), "实施人": (), "主管": (), "服务经理": ()},
        required=frozenset({"点位"}),
        kinds={"点位": Kind.NAME} | {ROLE_NAMES[role]: Kind.SEVERAL for role in AREA_ROLES},
    ),
    REGIONS: Layout(
        columns={"大区": (), "省份": ()},
        required=frozenset({"大区"}),
        kinds={"大区": Kind.NAME, "省份": Kind.SEVERAL},
    ),
    DEPARTMENTS: Layout(
        columns={"部门": (), "是否总部": ("总部",)},
        required=frozenset({"部门"}),
        kinds={"部门": Kind.NAME},
    ),
}
ROLES = {name: role for role, name in ROLE_NAMES.items()}
NEEDS = {  # what a role sees hangs on where the person belongs (docs/rights.md)
    Role.REGION_MANAGER: "大区",
    Role.SUPERVISOR: "大区",
    Role.DEPARTMENT_MANAGER: "部门",
}
NOBODY = "无"
LONGEST = {"姓名": 30, "部门": 30, "大区": 20, "职务": 60}
USERID = re.compile(r"[0-9a-z][0-9a-z_.@-]{0,63}")


@dataclass
class Checked:
    """What the file asks for, and everything that is wrong with it."""

    organisation: Organisation
    problems: list[Problem]
    notes: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)  # what the file holds out of sight
    person_rows: dict[str, int] = field(default_factory=dict)  # userid → its row in 人员
    area_rows: dict[Area, int] = field(default_factory=dict)  # → the row in 支持区域 that speaks of it


def check(book: Workbook, registry: Registry) -> Checked:
    """The organisation that a workbook describes; usable only where there are no problems."""
    problems: list[Problem] = []
    regions = _regions(book.lines(REGIONS), registry, problems)
    departments = _departments(book.lines(DEPARTMENTS), problems)
    rows: dict[str, int] = {}
    people = _people(book.lines(PEOPLE), registry, regions.keys() | registry.regions, problems, rows)
    registry = registry.with_people(people)
    area_rows: dict[Area, int] = {}
    areas = _areas(book.lines(AREAS), registry, problems, area_rows)
    unreadable = {(one.sheet, one.row, one.column) for one in book.problems}  # said once is enough
    problems = [one for one in problems if (one.sheet, one.row, one.column) not in unreadable]
    problems = sorted(book.problems + problems, key=lambda one: (list(LAYOUTS).index(one.sheet), one.row))
    book.notes += [
        f"{row['name']}（{userid}）已离职，资料会更新，但不会因此恢复在职"
        for userid, row in people.items()
        if registry.people[userid].left
    ]
    organisation = Organisation(regions=regions, departments=departments, people=people, areas=areas)
    return Checked(organisation, problems, book.notes, book.hidden, rows, area_rows)


def _regions(lines: Iterable[Line], registry: Registry, problems: list[Problem]) -> dict[str, list[str]]:
    regions: dict[str, list[str]] = {}
    taken: dict[str, str] = {}
    for line in lines:
        name = _limited(line, "大区", problems)
        if not name:
            problems.append(line.problem("大区", "没有填写大区"))
            continue
        codes = regions.setdefault(name, [])
        for text in _several(line["省份"]):
            province = registry.province(text)
            if province is None:
                problems.append(line.problem("省份", f"没有“{text}”这个省份", "请填省级名称，如 河北省。"))
            elif taken.setdefault(province, name) != name:
                problems.append(
                    line.problem("省份", f"“{text}”已属于{taken[province]}", "一个省份只能属于一个大区。")
                )
            elif province not in codes:
                codes.append(province)
    return regions


def _departments(lines: Iterable[Line], problems: list[Problem]) -> dict[str, bool | None]:
    departments: dict[str, bool | None] = {}
    for line in lines:
        name, head = _limited(line, "部门", problems), line["是否总部"]
        if not name or head not in ("", "是", "否"):
            column, what = ("是否总部", "只能填 是 或 否") if name else ("部门", "没有填写部门")
            problems.append(line.problem(column, what))
        else:
            departments[name] = {"是": True, "否": False}.get(head)
    return departments


def _people(
    lines: Sequence[Line],
    registry: Registry,
    regions: Iterable[str],
    problems: list[Problem],
    seen: dict[str, int],
) -> dict[str, Row]:
    """Userid → columns; `seen` is filled with the row of each."""
    known = set(regions)
    people: dict[str, Row] = {}
    for line in lines:
        userid = line["账号"].lower()
        if not USERID.fullmatch(userid):
            what = f"“{userid[:30]}”不是企业微信账号" if userid else "没有填写账号"
            problems.append(line.problem("账号", what, "请填企业微信通讯录中的“账号”。"))
            continue
        if userid in seen:
            problems.append(line.problem("账号", f"与第 {seen[userid]} 行重复", "请只保留一行。"))
            continue
        seen[userid] = line.row
        people[userid] = _person(line, known, registry.people.get(userid), problems)
    return people


def _person(line: Line, regions: set[str], stored: Member | None, problems: list[Problem]) -> Row:
    """The columns that the file has; a column that it lacks is left out and so stays as it is."""
    row: Row = {}
    name = row["name"] = _limited(line, "姓名", problems)
    if not name:
        problems.append(line.problem("姓名", "没有填写姓名"))
    row["pinyin"], row["initials"], row["spellings"] = person_spelling(name)
    if "职务" in line:
        row["position"] = _limited(line, "职务", problems)
    if "手机" in line:
        row["mobile"] = _mobile(line, problems)
    if "部门" in line:
        row["department"] = _limited(line, "部门", problems) or None
    if "大区" in line:
        row["region"] = line["大区"] or None
        if row["region"] and row["region"] not in regions:
            advice = "请更正，或在“大区”表中加上这个大区。"
            problems.append(line.problem("大区", f"没有“{row['region'][:30]}”这个大区", advice))
    if "角色" in line:
        row["roles"] = set(_roles(line, problems))
    _require_belonging(line, row, stored, problems)
    return row


def _require_belonging(line: Line, row: Row, stored: Member | None, problems: list[Problem]) -> None:
    roles = row.get("roles", stored.roles if stored else set())
    belongs = {
        "部门": row.get("department", stored.department if stored else None),
        "大区": row.get("region", stored.region if stored else None),
    }
    for role, column in NEEDS.items():
        if role in roles and not belongs[column]:
            problems.append(line.problem(column, f"{ROLE_NAMES[role]}必须填写{column}"))


def _roles(line: Line, problems: list[Problem]) -> Iterable[Role]:
    for name in _several(line["角色"]):
        if name in ROLES:
            yield ROLES[name]
        else:
            advice = f"可以填：{'、'.join(ROLES)}。"
            problems.append(line.problem("角色", f"没有“{name[:30]}”这个角色", advice))


def mobile_digits(text: str) -> str:
    """A mobile number without country code, blanks and hyphens; ValueError where it is none."""
    digits = re.sub(r"^(\+?86)?", "", re.sub(r"[\s-]", "", text))
    if digits and not re.fullmatch(r"1[3-9][0-9]{9}", digits):
        raise ValueError(digits)
    return digits


def _mobile(line: Line, problems: list[Problem]) -> str | None:
    try:
        return mobile_digits(line["手机"]) or None
    except ValueError:
        problems.append(line.problem("手机", "不是 11 位手机号", "请更正或留空。"))
        return None


def _areas(
    lines: Sequence[Line], registry: Registry, problems: list[Problem], spoken: dict[Area, int]
) -> dict[Area, list[str]]:
    """(leaf, role) → userids; of a province, a city and a county the nearest row that says something wins.

    `spoken` is filled with the row of each.
    """
    rows: dict[str, int] = {}
    named: list[tuple[int, str, Line]] = []
    for line in lines:
        if not any(line[ROLE_NAMES[role]] for role in AREA_ROLES):
            continue  # a row of the template that nobody has filled in
        try:
            place = registry.place(line["代码"], line["点位"])
        except ValueError as wrong:
            problems.append(line.problem("代码" if line["代码"] else "点位", *wrong.args))
            continue
        if place.code in rows:
            problems.append(line.problem("点位", f"与第 {rows[place.code]} 行重复", "请只保留一行。"))
            continue
        rows[place.code] = line.row
        named.append((place.level, place.code, line))
    areas: dict[Area, list[str]] = {}
    for _level, code, line in sorted(named, key=lambda one: one[0]):
        for role in AREA_ROLES:
            userids = _userids(line, role, registry, problems)
            if userids is not None:
                mine = {(leaf, role): userids for leaf in registry.leaves(code)}
                areas |= mine
                spoken |= dict.fromkeys(mine, line.row)
    return areas


def _userids(line: Line, role: Role, registry: Registry, problems: list[Problem]) -> list[str] | None:
    """Who a cell names, the first being the primary one; [] for 无, None for a cell left empty."""
    column = ROLE_NAMES[role]
    text = line[column]
    if not text:
        return None
    if text == NOBODY:
        return []
    userids = []
    for name in _several(text):
        try:
            userids.append(registry.person(name, role))
        except ValueError as wrong:
            problems.append(line.problem(column, *wrong.args))
    for userid, times in Counter(userids).items():
        if times > 1:
            problems.append(line.problem(column, f"{userid} 写了 {times} 次", "请只写一次。"))
    return userids


def _several(text: str) -> list[str]:
    """The names in a cell, however they are separated."""
    return [part.strip() for part in re.split(r"[、，,;；\n]", text) if part.strip()]


def _limited(line: Line, column: str, problems: list[Problem]) -> str:
    text = line[column]
    if len(text) > LONGEST[column]:
        problems.append(line.problem(column, f"超过 {LONGEST[column]} 个字", "请写短一些。"))
        return text[: LONGEST[column]]
    return text
