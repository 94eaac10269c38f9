"""Reads about people and the places they support."""

from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, lazyload

from app.db import among, session
from app.people.models import (
    AREA_ROLES,
    Department,
    Person,
    PersonRole,
    Region,
    RegionProvince,
    Role,
    SupportArea,
    Who,
)


@dataclass(frozen=True)
class Staff:
    """Who serves a place; an empty field means nobody is registered."""

    implementer_id: int | None = None
    supervisor_id: int | None = None
    service_manager_id: int | None = None


def person(person_id: int) -> Person | None:
    """The person with this id, also one who has left."""
    return session().get(Person, person_id)


def acting(person_id: int) -> Person:
    """The person who is about to act, with their roles in the same statement; NoResultFound for nobody."""
    just = (joinedload(Person.role_rows), lazyload(Person.department), lazyload(Person.region))
    return session().get_one(Person, person_id, options=just)


def by_userid(userid: str) -> Person | None:
    """The member with this WeCom userid; WeCom does not mind upper and lower case."""
    return session().execute(sa.select(Person).where(Person.userid == userid.lower())).scalar_one_or_none()


def primary_staff(codes: Collection[str] | None = None) -> dict[str, Staff]:
    """Leaf code → the 实施人, 主管 and 服务经理 that a new task takes over (T-02, Q35).

    `codes` narrows it to what is asked for; without them it is everybody's.
    """
    in_roles = [
        sa.func.max(sa.case((SupportArea.role == role, SupportArea.person_id)))
        for role in (Role.IMPLEMENTER, Role.SUPERVISOR, Role.SERVICE_MANAGER)
    ]
    query = (
        sa.select(SupportArea.place_code, *in_roles)
        .join(Person, Person.id == SupportArea.person_id)
        .where(SupportArea.is_primary, Person.left_at.is_(None))
        .group_by(SupportArea.place_code)
    )
    if codes is not None:
        query = query.where(among(SupportArea.place_code, codes))
    return {code: Staff(*ids) for code, *ids in session().execute(query)}


def implementers_of(codes: Collection[str]) -> dict[str, list[int]]:
    """Leaf code → every active 实施人 registered there, by pinyin; for places where none is 主要 (Q35)."""
    query = (
        sa.select(SupportArea.place_code, SupportArea.person_id)
        .join(Person, Person.id == SupportArea.person_id)
        .where(SupportArea.role == Role.IMPLEMENTER, Person.left_at.is_(None))
        .where(among(SupportArea.place_code, codes))
        .order_by(Person.pinyin, Person.id)
    )
    found: dict[str, list[int]] = {}
    for code, person_id in session().execute(query):
        found.setdefault(code, []).append(person_id)
    return found


def left_but_registered(codes: Collection[str]) -> list[tuple[str, Role, str]]:
    """(name, role, leaf code) wherever somebody who has left is still the 主要 one (Q36)."""
    query = (
        sa.select(Person.name, SupportArea.role, SupportArea.place_code)
        .join(Person, Person.id == SupportArea.person_id)
        .where(SupportArea.is_primary, Person.left_at.is_not(None))
        .where(among(SupportArea.place_code, codes))
        .order_by(Person.pinyin, SupportArea.role, SupportArea.place_code)
    )
    return [(name, Role(role), code) for name, role, code in session().execute(query)]


def region_of_province() -> dict[str, int]:
    """Province code → id of its 大区."""
    rows = session().execute(sa.select(RegionProvince.province_code, RegionProvince.region_id))
    return dict(rows.all())


def names_of(ids: set[int]) -> dict[int, str]:
    """Person id → name, for the given ids."""
    rows = session().execute(sa.select(Person.id, Person.name).where(Person.id.in_(ids)))
    return dict(rows.all())


def staffing() -> dict[str, list[str]]:
    """Leaf code → [实施人, 主管, 服务经理] by name, empty where nobody is registered; for the picker."""
    staff = primary_staff()
    query = sa.select(Person.id, Person.name).where(
        Person.id.in_(sa.select(SupportArea.person_id).where(SupportArea.role.in_(AREA_ROLES)))
    )
    names = dict(session().execute(query).all())
    return {
        code: [
            names.get(s.implementer_id or 0, ""),
            names.get(s.supervisor_id or 0, ""),
            names.get(s.service_manager_id or 0, ""),
        ]
        for code, s in staff.items()
    }


def staffing_version() -> str:
    """Changes whenever `staffing` may have changed, names included."""
    areas = sa.select(
        sa.func.count(),
        sa.func.max(SupportArea.id),
        sa.func.sum(SupportArea.person_id),
        sa.func.sum(sa.cast(SupportArea.is_primary, sa.Integer)),
    )
    registered = Person.id.in_(sa.select(SupportArea.person_id))
    people = sa.select(Person.id, Person.name, Person.left_at.is_(None)).where(registered).order_by(Person.id)
    state = (tuple(session().execute(areas).one()), [tuple(row) for row in session().execute(people)])
    return sha256(repr(state).encode()).hexdigest()[:16]


def heads_the_company(who: Who) -> bool:
    """True for the 部门经理 of the head office, who sees and manages every task (T-06, Q24)."""
    return who.holds(Role.DEPARTMENT_MANAGER) and who.in_head_office


def may_publish(who: Who) -> bool:
    """True for those with 发布权: publishers and 部门经理."""
    return who.holds(Role.PUBLISHER, Role.DEPARTMENT_MANAGER)


def department_name(department_id: int | None) -> str:
    """The name of a department; empty where there is none."""
    found = session().get(Department, department_id) if department_id else None
    return found.name if found else ""


def colleagues(region_id: int | None, *, but: int) -> list[Person]:
    """Everyone of a 大区 who may take over a row, by pinyin; without person `but` (T-48)."""
    query = (
        sa.select(Person)
        .where(Person.region_id == region_id, Person.left_at.is_(None), Person.id != but)
        .order_by(Person.pinyin, Person.id)
    )
    return list(session().execute(query).scalars()) if region_id is not None else []


def active_regions(ids: Collection[int]) -> dict[int, int | None]:
    """Person id → their 大区, for those of `ids` who have not left."""
    query = sa.select(Person.id, Person.region_id).where(Person.left_at.is_(None), among(Person.id, ids))
    return dict(session().execute(query).all())


@dataclass(frozen=True)
class PeoplePage:
    """Some of the people found; `more` tells whether others follow."""

    people: list[Person]
    more: bool


def search_people(
    text: str = "",
    *,
    region_id: int | None = None,
    role: Role | None = None,
    left: bool = False,
    limit: int = 50,
    skip: int = 0,
) -> PeoplePage:
    """Members whose name contains `text`, or whose pinyin, initials or userid begin with it; by pinyin.

    Blanks do not matter, and a family name is found by any of its readings.
    With `left` those who have left, and only they.
    """
    query = sa.select(Person).where(Person.left_at.is_not(None) if left else Person.left_at.is_(None))
    if text := "".join(text.split()).lower():
        escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        begins = [
            column.like(f"{escaped}%", escape="\\")
            for column in (Person.pinyin, Person.initials, Person.userid)
        ]
        name = sa.func.replace(Person.name, " ", "")
        query = query.where(
            sa.or_(
                name.ilike(f"%{escaped}%", escape="\\"),
                Person.spellings.like(f"% {escaped}%", escape="\\"),
                *begins,
            )
        )
    if region_id is not None:
        query = query.where(Person.region_id == region_id)
    if role is not None:
        query = query.where(Person.id.in_(sa.select(PersonRole.person_id).where(PersonRole.role == role)))
    found = session().execute(query.order_by(Person.pinyin, Person.id).offset(skip).limit(limit + 1))
    people = list(found.unique().scalars())
    return PeoplePage(people[:limit], len(people) > limit)


class RegionName(NamedTuple):
    """A 大区 to choose from."""

    id: int
    name: str


_REGIONS = sa.select(*(Region.__table__.c[name] for name in RegionName._fields)).order_by(
    Region.__table__.c.position, Region.__table__.c.id
)


def regions() -> list[RegionName]:
    """Every 大区, in the order people list them."""
    return [RegionName._make(row) for row in session().execute(_REGIONS)]


def departments() -> list[tuple[int, str]]:
    """(id, name) of every department, by name."""
    found = session().execute(sa.select(Department.id, Department.name).order_by(Department.name))
    return [(department_id, name) for department_id, name in found]


def head_offices() -> set[int]:
    """The ids of the departments whose 部门经理 see everything."""
    return set(session().execute(sa.select(Department.id).where(Department.is_head_office)).scalars())


def region(region_id: int) -> Region | None:
    """The 大区 with this id."""
    return session().get(Region, region_id)


def department(department_id: int) -> Department | None:
    """The department with this id."""
    return session().get(Department, department_id)
