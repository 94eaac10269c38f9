"""What an organisation would change in the database, and the parts in which it is written. Reads only."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from app.db import Session, among
from app.people.models import Department, Person, PersonRole, Region, RegionProvince, Role, SupportArea
from app.people.staffing import Area, Organisation, Row

PART = (
    100  # people or areas per transaction: a few hundredths of a second, a fraction of one on a busy machine
)


class Standing(StrEnum):
    """What becomes of one person or one area of a file."""

    ADDED = "新增"
    CHANGED = "变更"
    REMOVED = "清空"
    KEPT = "未变"


@dataclass
class Difference:
    """How each thing that the organisation names stands to what is stored, and what of it must be written."""

    regions: dict[str, Standing] = field(default_factory=dict)
    departments: dict[str, Standing] = field(default_factory=dict)
    people: dict[str, Standing] = field(default_factory=dict)
    areas: dict[Area, Standing] = field(default_factory=dict)
    to_write: Organisation = field(default_factory=Organisation)
    administrators: set[str] = field(default_factory=set)  # whose being 管理员 changes


def between(current: Session, organisation: Organisation) -> Difference:
    """Compare an organisation that has been checked with what is stored."""
    found = Difference()
    found.regions = _regions(current, organisation)
    found.departments = _departments(current, organisation)
    _people(current, organisation, found)
    found.areas = _areas(current, organisation)
    found.to_write = Organisation(
        regions=_differing(organisation.regions, found.regions),
        departments=_differing(organisation.departments, found.departments),
        people=_differing(organisation.people, found.people),
        areas=_differing(organisation.areas, found.areas),
    )
    return found


def parts(difference: Difference) -> Iterator[Organisation]:
    """What must be written, a transaction each: what others belong to first, then people, then their places.

    Whoever becomes or ceases to be 管理员 stands in the first part together, for at no moment may there be none.
    """
    whole = difference.to_write
    first = {userid: row for userid, row in whole.people.items() if userid in difference.administrators}
    beginning = replace(whole, people=first, areas={})
    if len(beginning) or beginning.regions or beginning.departments:
        yield beginning
    others = [(userid, row) for userid, row in whole.people.items() if userid not in first]
    for people in _batches(others):
        yield Organisation(people=dict(people))
    for areas in _batches(sorted(whole.areas.items())):
        yield Organisation(areas=dict(areas))


def _batches(items: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(items), PART):
        yield items[start : start + PART]


def _differing(named: Mapping[Any, Any], standing: Mapping[Any, Standing]) -> dict[Any, Any]:
    return {key: value for key, value in named.items() if standing[key] is not Standing.KEPT}


def _regions(current: Session, organisation: Organisation) -> dict[str, Standing]:
    """Also those that only people name."""
    named = dict(organisation.regions)
    for row in organisation.people.values():
        if row.get("region"):
            named.setdefault(row["region"], ())
    stored = set(current.execute(sa.select(Region.name)).scalars())
    query = sa.select(RegionProvince.province_code, Region.name)
    belongs = dict(current.execute(query.join(Region, Region.id == RegionProvince.region_id)).all())
    standing = {}
    for name, provinces in named.items():
        if name not in stored:
            standing[name] = Standing.ADDED
        elif any(belongs.get(code) != name for code in provinces):
            standing[name] = Standing.CHANGED
        else:
            standing[name] = Standing.KEPT
    return standing


def _departments(current: Session, organisation: Organisation) -> dict[str, Standing]:
    """Also those that only people name."""
    named = dict(organisation.departments)
    for row in organisation.people.values():
        if row.get("department"):
            named.setdefault(row["department"], None)
    stored = dict(current.execute(sa.select(Department.name, Department.is_head_office)).all())
    standing = {}
    for name, head in named.items():
        if name not in stored:
            standing[name] = Standing.ADDED
        elif head is not None and head != stored[name]:
            standing[name] = Standing.CHANGED
        else:
            standing[name] = Standing.KEPT
    return standing


def _people(current: Session, organisation: Organisation, found: Difference) -> None:
    stored = _stored_people(current, organisation)
    for userid, row in organisation.people.items():
        was = stored.get(userid)
        if was is None:
            found.people[userid] = Standing.ADDED
        else:
            differs = any(was[name] != value for name, value in row.items())
            found.people[userid] = Standing.CHANGED if differs else Standing.KEPT
        held: set[Role] = was["roles"] if was else set()
        wanted: set[Role] = row.get("roles", held)
        if (Role.ADMINISTRATOR in wanted) != (Role.ADMINISTRATOR in held):
            found.administrators.add(userid)


def _stored_people(current: Session, organisation: Organisation) -> dict[str, Row]:
    """Userid → the columns that a file may give, 部门 and 大区 by name."""
    columns = [column for column in Person.__table__.columns if not column.foreign_keys]
    query = (
        sa.select(*columns, Department.name.label("department"), Region.name.label("region"))
        .outerjoin(Department, Department.id == Person.department_id)
        .outerjoin(Region, Region.id == Person.region_id)
        .where(among(Person.userid, organisation.people.keys()))
    )
    people: dict[int, Row] = {row.id: {**row._mapping, "roles": set()} for row in current.execute(query)}
    roles = sa.select(PersonRole.person_id, PersonRole.role).where(among(PersonRole.person_id, people.keys()))
    for person_id, role in current.execute(roles):
        people[person_id]["roles"].add(Role(role))
    return {row["userid"]: row for row in people.values()}


def _areas(current: Session, organisation: Organisation) -> dict[Area, Standing]:
    stored: dict[Area, dict[str, bool]] = {}
    query = (
        sa.select(SupportArea.place_code, SupportArea.role, SupportArea.is_primary, Person.userid)
        .join(Person, Person.id == SupportArea.person_id)
        .where(among(SupportArea.place_code, {code for code, _ in organisation.areas}))
    )
    for code, role, is_primary, userid in current.execute(query):
        stored.setdefault((code, Role(role)), {})[userid] = is_primary
    standing = {}
    for area, userids in organisation.areas.items():
        present, wanted = stored.get(area, {}), {userid: n == 0 for n, userid in enumerate(userids)}
        if present == wanted:
            standing[area] = Standing.KEPT
        elif not wanted:
            standing[area] = Standing.REMOVED
        else:
            standing[area] = Standing.CHANGED if present else Standing.ADDED
    return standing
