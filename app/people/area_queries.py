"""Reads of 支持区域: the places of a person, the people of a place, the places with nobody."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from app.db import among, session
from app.people.left_behind import IS_POINT
from app.people.models import AREA_ROLES, AreaChange, Person, Region, RegionProvince, Role, SupportArea
from app.places.models import Place

LATEST_CHANGES = 500


@dataclass(frozen=True, slots=True)
class AreaLine:
    """One place of a person, in one role; `first` names who is 主要 there instead, where somebody is."""

    place_code: str
    place_name: str
    parents: str
    role: Role
    is_primary: bool
    first: str
    is_point: bool = True  # False where the place vanished, was re-coded or divided


@dataclass(frozen=True, slots=True)
class StaffLine:
    """One person of a place, in one role."""

    person_id: int
    name: str
    region: str
    role: Role
    is_primary: bool
    has_left: bool


@dataclass(frozen=True, slots=True)
class GapLine:
    """A place where somebody is missing; `lacking` are the roles that nobody present is 主要 for."""

    code: str
    name: str
    parents: str
    lacking: tuple[Role, ...]


@dataclass
class ProvinceGaps:
    """The gaps of one province, and how many points it has."""

    code: str
    name: str
    region: str
    points: int
    places: list[GapLine] = field(default_factory=list)

    @property
    def lacking(self) -> Counter[Role]:
        """Role → how many points lack it."""
        return Counter(role for place in self.places for role in place.lacking)


def areas_of(person_id: int) -> list[AreaLine]:
    """The places a person is registered for, by role and code."""
    other, first = aliased(SupportArea), aliased(Person)
    is_first = sa.and_(
        other.place_code == SupportArea.place_code, other.role == SupportArea.role, other.is_primary
    )
    query = (
        sa.select(
            *(Place.code, Place.name, Place.path, SupportArea.role, SupportArea.is_primary, first.name),
            IS_POINT.label("is_point"),
        )
        .select_from(SupportArea)
        .join(Place, Place.code == SupportArea.place_code)
        .outerjoin(other, is_first)
        .outerjoin(first, first.id == other.person_id)
        .where(SupportArea.person_id == person_id)
        .order_by(Place.code)
    )
    lines = [
        AreaLine(
            code, name, _above(path, name), Role(role), primary, "" if primary else first_name or "", is_point
        )
        for code, name, path, role, primary, first_name, is_point in session().execute(query)
    ]
    return sorted(lines, key=lambda line: AREA_ROLES.index(line.role))


def staff_of(place_code: str) -> list[StaffLine]:
    """Who is registered for a place, by role, the primary one first."""
    query = (
        sa.select(SupportArea)
        .where(SupportArea.place_code == place_code)
        .options(joinedload(SupportArea.person))
        .order_by(SupportArea.is_primary.desc(), SupportArea.id)
    )
    lines = [
        StaffLine(
            person_id=row.person_id,
            name=row.person.name,
            region=row.person.region.name if row.person.region else "",
            role=Role(row.role),
            is_primary=row.is_primary,
            has_left=row.person.left_at is not None,
        )
        for row in session().execute(query).scalars()
    ]
    return sorted(lines, key=lambda line: AREA_ROLES.index(line.role))


def places_per_person(ids: Collection[int]) -> dict[int, int]:
    """Person id → at how many places they are registered."""
    query = (
        sa.select(SupportArea.person_id, sa.func.count(sa.distinct(SupportArea.place_code)))
        .where(among(SupportArea.person_id, ids))
        .group_by(SupportArea.person_id)
    )
    return dict(session().execute(query).all())


def areas_seen(person_id: int) -> str:
    """Differs whenever the places of the person differ; a form carries it as `seen`."""
    columns = (SupportArea.place_code, SupportArea.role, SupportArea.is_primary)
    return _digest(columns, SupportArea.person_id == person_id)


def staff_seen(place_code: str) -> str:
    """Differs whenever the people of the place differ; a form carries it as `seen`."""
    columns = (SupportArea.role, SupportArea.person_id, SupportArea.is_primary)
    return _digest(columns, SupportArea.place_code == place_code)


def changes_of(
    *, person_id: int | None = None, place_code: str | None = None, limit: int = 50
) -> list[AreaChange]:
    """What was changed about a person's places or a place's people, newest first."""
    query = sa.select(AreaChange).options(
        joinedload(AreaChange.by), joinedload(AreaChange.person), joinedload(AreaChange.place)
    )
    if person_id is not None:
        query = query.where(AreaChange.person_id == person_id)
    if place_code is not None:
        query = query.where(AreaChange.place_code == place_code)
    return list(session().execute(query.order_by(AreaChange.id.desc()).limit(limit)).scalars())


def concerned(person_id: int) -> set[str]:
    """The places of a person, and those of the latest changes to them: whose open rows may be out of date."""
    now = sa.select(SupportArea.place_code).where(SupportArea.person_id == person_id)
    late = sa.select(AreaChange.place_code).where(AreaChange.person_id == person_id)
    late = late.order_by(AreaChange.id.desc()).limit(LATEST_CHANGES)
    return {*session().execute(now).scalars(), *session().execute(late).scalars()}


def gaps() -> list[ProvinceGaps]:
    """Every province with the points where 实施人, 主管 or 服务经理 is missing or has left, by code."""
    provinces = _provinces()
    columns: list[Any] = [_is_served(role).label(role.value) for role in AREA_ROLES]
    query = (
        sa.select(Place.code, Place.name, Place.path, Place.province_code, *columns)
        .where(Place.is_leaf, Place.valid_to.is_(None))
        .order_by(Place.code)
    )
    for row in session().execute(query):
        province = provinces[row.province_code]
        province.points += 1
        lacking = tuple(role for role in AREA_ROLES if not getattr(row, role.value))
        if lacking:
            province.places.append(GapLine(row.code, row.name, _above(row.path, row.name), lacking))
    return [province for province in provinces.values() if province.points]


def _is_served(role: Role) -> sa.Exists:
    return (
        sa.select(SupportArea.id)
        .join(Person, Person.id == SupportArea.person_id)
        .where(
            SupportArea.place_code == Place.code,
            SupportArea.role == role,
            SupportArea.is_primary,
            Person.left_at.is_(None),
        )
        .exists()
    )


def _provinces() -> dict[str, ProvinceGaps]:
    query = (
        sa.select(Place.code, Place.name, Region.name)
        .outerjoin(RegionProvince, RegionProvince.province_code == Place.code)
        .outerjoin(Region, Region.id == RegionProvince.region_id)
        .where(Place.level == 1)
        .order_by(Place.code)
    )
    return {
        code: ProvinceGaps(code, name, region or "", 0) for code, name, region in session().execute(query)
    }


def _digest(columns: Sequence[Any], condition: sa.ColumnElement[bool]) -> str:
    rows = session().execute(sa.select(*columns).where(condition).order_by(*columns))
    return sha256(repr([tuple(row) for row in rows]).encode()).hexdigest()[:16]


def _above(path: str, name: str) -> str:
    return path.removesuffix(name).removesuffix(" / ")
