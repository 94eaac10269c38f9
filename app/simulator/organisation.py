"""Who is in the corp: departments, 大区 and members, read from one JSON file."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pypinyin import Style, lazy_pinyin

ROLE_NAMES = {
    "publisher": "发布人",
    "implementer": "实施人",
    "supervisor": "主管",
    "service_manager": "服务经理",
    "region_manager": "大区经理",
    "department_manager": "部门经理",
    "administrator": "管理员",
    "admin": "管理员",
}
CAST = ("林敏", "王强", "赵岚", "孙丽", "周总")


@dataclass(frozen=True)
class Department:
    """One node of the department tree; the root's parent is 0."""

    id: int
    name: str
    parentid: int = 0
    order: int = 0


@dataclass(frozen=True)
class Member:
    """One member as WeCom knows them, plus what the demo shows beside the name."""

    userid: str
    name: str
    department: tuple[int, ...] = (1,)
    pinyin: str = ""
    initials: str = ""
    position: str = ""
    region: str | None = None
    roles: tuple[str, ...] = ()
    mobile: str = ""
    faults: str = ""
    also: dict[str, Any] = field(default_factory=dict, compare=False)

    @property
    def role_names(self) -> str:
        names = dict.fromkeys(ROLE_NAMES.get(role, role) for role in self.roles)
        return "、".join(names) or self.position

    @property
    def tint(self) -> int:
        """Which of seven colours the avatar has; the same on every page."""
        return sum(map(ord, self.name)) % 7 + 1

    @property
    def search_text(self) -> str:
        words = (self.name, self.pinyin, self.initials, self.userid, self.role_names, self.position)
        return " ".join((*words, self.place)).lower()

    @property
    def place(self) -> str:
        """The 大区, or where those work who belong to none."""
        return self.region or ("总部" if self.department else "企业外")


class Organisation:
    """Members by userid, compared without regard to case as WeCom does."""

    def __init__(self, corp: str, app: str, departments: list[Department], members: list[Member]) -> None:
        self.corp = corp
        self.app = app
        self.departments = {one.id: one for one in departments}
        self._members = {one.userid.lower(): one for one in members}

    def __len__(self) -> int:
        return len(self._members)

    def __iter__(self) -> Iterator[Member]:
        return iter(self._members.values())

    def find(self, userid: str) -> Member | None:
        return self._members.get(userid.lower())

    def below(self, department: int) -> set[int]:
        """The department and everything under it."""
        found = {department}
        grown = True
        while grown:
            more = {one.id for one in self.departments.values() if one.parentid in found} - found
            found |= more
            grown = bool(more)
        return found

    def directly_in(self, department: int) -> list[Member]:
        return [one for one in self if department in one.department]

    def roles(self) -> list[str]:
        """The roles there are, in the order of ROLE_NAMES."""
        held = {role for one in self for role in one.roles}
        return list(dict.fromkeys(name for role, name in ROLE_NAMES.items() if role in held))

    def places(self) -> list[str]:
        """The 大区 there are, with 总部 first."""
        found = sorted({one.place for one in self} - {"总部"})
        return ["总部", *found] if any(one.region is None for one in self) else found

    def cast_first(self) -> list[Member]:
        """The cast in its order, then those who fail on purpose, then everybody else by 大区."""
        rank = {name: place for place, name in enumerate(CAST)}
        order = list(self)
        return sorted(order, key=lambda one: (rank.get(one.name, len(CAST)), not one.faults))


def read_organisation(path: Path) -> Organisation:
    """Read the file; raises ValueError in words a person can act on."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        members = [_member(row) for row in content["members"]]
        departments = [
            Department(row["id"], row["name"], row.get("parentid", 0), row.get("order", 0))
            for row in content.get("departments") or [{"id": 1, "name": "企业"}]
        ]
    except FileNotFoundError:
        raise ValueError(f"找不到组织文件 {path}") from None
    except (KeyError, TypeError, AttributeError, json.JSONDecodeError) as error:
        raise ValueError(f"组织文件 {path} 不完整：{error!r}") from error
    _check(members, departments, path)
    corp = content.get("corp", {}).get("name", "示例企业")
    return Organisation(corp, content.get("app", {}).get("name", "服务任务"), departments, members)


def _check(members: list[Member], departments: list[Department], path: Path) -> None:
    """What a file written by hand gets wrong."""
    if not members:
        raise ValueError(f"组织文件 {path} 里没有成员：请在 members 里至少写一位")
    seen: set[str] = set()
    for one in members:
        if one.userid.lower() in seen:
            raise ValueError(f"组织文件 {path} 里 userid 重复：{one.userid}（不区分大小写）")
        seen.add(one.userid.lower())
    if unknown := {wanted for one in members for wanted in one.department} - {one.id for one in departments}:
        raise ValueError(f"组织文件 {path} 里没有这些部门：{'、'.join(map(str, sorted(unknown)))}")


def _member(row: dict[str, Any]) -> Member:
    faults = row.get("faults") or ""
    return Member(
        userid=row["userid"],
        name=row["name"],
        department=tuple(row.get("department") or (1,)),
        pinyin=row.get("pinyin") or "".join(lazy_pinyin(row["name"])),
        initials=row.get("initials") or "".join(lazy_pinyin(row["name"], style=Style.FIRST_LETTER)),
        position=row.get("position", ""),
        region=row.get("region"),
        roles=tuple(row.get("roles") or ()),
        mobile=row.get("mobile", ""),
        faults=faults if isinstance(faults, str) else ",".join(faults),
        also=row,
    )
