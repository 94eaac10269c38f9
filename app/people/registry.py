"""Finds people and places by what an administrator writes: a code, a path, a name, a userid."""

import re
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from app.db import session
from app.people.models import ROLE_NAMES, Person, Region, Role
from app.places.models import Place

NAME_WITH_USERID = re.compile(r"(.+?)\s*[（(]\s*([^（）()]+?)\s*[）)]")


@dataclass(frozen=True)
class Member:
    """A person as the check needs them."""

    name: str
    department: str | None
    region: str | None
    roles: Set[Role]
    left: bool = False


@dataclass(frozen=True)
class Spot:
    """A present place with the names above it."""

    code: str
    level: int
    path: tuple[str, ...]
    is_leaf: bool

    def __str__(self) -> str:
        return f"{'/'.join(self.path)}（{self.code}）"


class Registry:
    """Everything there is, by the names that files use. Lookups raise ValueError(what, what to do)."""

    def __init__(self, spots: Iterable[Spot], people: Mapping[str, Member], regions: Set[str]) -> None:
        self.people = people
        self.regions = regions
        self._spots = {spot.code: spot for spot in spots}
        self._by_name: dict[str, list[Spot]] = {}
        for spot in self._spots.values():
            self._by_name.setdefault(spot.path[-1], []).append(spot)
        self._userids: dict[str, list[str]] = {}
        for userid, member in people.items():
            if not member.left:
                self._userids.setdefault(member.name, []).append(userid)

    def with_people(self, rows: Mapping[str, Mapping[str, Any]]) -> "Registry":
        """The same with the people of a file, whose columns win over what is stored."""
        people = dict(self.people)
        for userid, row in rows.items():
            stored = people.get(userid, Member(row["name"], None, None, frozenset()))
            people[userid] = replace(stored, name=row["name"], roles=row.get("roles", stored.roles))
        return Registry(self._spots.values(), people, self.regions)

    def province(self, text: str) -> str | None:
        """The code of a province, also by its short name (河北, 内蒙古)."""
        found = [
            spot.code
            for spot in self._spots.values()
            if spot.level == 1 and (text == spot.code or (len(text) > 1 and spot.path[-1].startswith(text)))
        ]
        return found[0] if len(found) == 1 else None

    def place(self, code: str, name: str) -> Spot:
        """The place with this code or of this name; both must agree where both are given."""
        code, name = (name, "") if not code and name.isdigit() else (code, name)
        wanted = tuple(part.strip() for part in re.split(r"[/／>＞]", name) if part.strip())
        if code:
            spot = self._spots.get(code)
            if spot is None:
                raise ValueError(f"没有代码为 {code[:12]} 的行政区划", "请核对代码，可能已经停用。")
            if wanted and spot.path[-len(wanted) :] != wanted:
                raise ValueError(f"代码 {code} 是{'/'.join(spot.path)}，与“{name}”不一致", "请更正其中一个。")
            return spot
        if not wanted:
            raise ValueError("没有填写点位", "请填代码或名称。")
        found = [spot for spot in self._by_name.get(wanted[-1], []) if spot.path[-len(wanted) :] == wanted]
        if not found:
            raise ValueError(f"没有“{name[:60]}”这个行政区划", "请填全名，如 河北省/石家庄市/长安区。")
        if len(found) > 1:
            raise ValueError(f"有 {len(found)} 个“{name}”", f"请填代码或写全上级，如 {found[0]}。")
        return found[0]

    def leaves(self, code: str) -> list[str]:
        """The 点位 at or below a place."""
        top = self._spots[code]
        if top.is_leaf:
            return [code]
        depth = len(top.path)
        return [s.code for s in self._spots.values() if s.is_leaf and s.path[:depth] == top.path]

    def person(self, text: str, role: Role) -> str:
        """The userid of the person meant by a userid, a name, or 姓名（userid）, who must hold `role`."""
        both = NAME_WITH_USERID.fullmatch(text)
        userid = (both[2] if both else text).lower()
        if userid not in self.people:
            userid = self._userid_of(both[1] if both else text, text)
        member = self.people[userid]
        if both and member.name != both[1]:
            raise ValueError(f"{userid} 是{member.name}，与“{text[:40]}”不一致", "请更正其中一个。")
        if member.left:
            raise ValueError(f"{member.name}（{userid}）已离职", "请换一个人。")
        if role not in member.roles:
            advice = f"请在“人员”表给此人加上“{ROLE_NAMES[role]}”，或换一个人。"
            raise ValueError(f"{member.name}（{userid}）没有“{ROLE_NAMES[role]}”角色", advice)
        return userid

    def _userid_of(self, name: str, text: str) -> str:
        userids = self._userids.get(name, [])
        if not userids:
            raise ValueError(f"没有“{text[:40]}”这个人", "请更正，或先在“人员”表中加上。")
        if len(userids) > 1:
            raise ValueError(
                f"有 {len(userids)} 个人叫{name}", f"请填账号：{'、'.join(sorted(userids)[:5])}。"
            )
        return userids[0]


def from_database() -> Registry:
    """What is stored now."""
    places = sa.select(Place.code, Place.level, Place.path, Place.is_leaf).where(Place.valid_to.is_(None))
    spots = [
        Spot(code, level, tuple(path.split(" / ")), is_leaf)
        for code, level, path, is_leaf in session().execute(places)
    ]
    people = {
        person.userid: Member(
            name=person.name,
            department=person.department.name if person.department else None,
            region=person.region.name if person.region else None,
            roles=person.roles,
            left=person.left_at is not None,
        )
        for person in session().execute(sa.select(Person)).scalars()
    }
    return Registry(spots, people, set(session().execute(sa.select(Region.name)).scalars()))
