"""Writes a whole organisation: 大区, departments, people, roles and support areas.

Used by the spreadsheet import, part by part, and by the demo. Reading a file, comparing it with
the database (`differences`) and writing are kept apart; nothing that the organisation does not name is touched.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from app.db import Base, Session, among, transaction
from app.locks import repeatable
from app.people.models import (
    Department,
    Person,
    PersonRole,
    Region,
    RegionProvince,
    Role,
    SupportArea,
)

CHUNK = 500  # rows per statement batch, and the step of the progress bar

Progress = Callable[[int], object]
Row = dict[str, Any]
Area = tuple[str, Role]
"""A place's code and one of its three roles."""


@dataclass(frozen=True)
class Organisation:
    """What the database should say; places and people are named by code and userid.

    `people` maps a userid to the columns to write (name, pinyin, initials,
    mobile, position) and, by their names, `department`, `region` and `roles`;
    what is left out stays as it is. In `areas` the first userid is the primary
    one (Q35); an empty list means nobody.
    """

    regions: Mapping[str, Sequence[str]] = field(default_factory=dict)  # 大区 → province codes
    departments: Mapping[str, bool | None] = field(default_factory=dict)  # name → is it the head office
    people: Mapping[str, Row] = field(default_factory=dict)
    areas: Mapping[Area, Sequence[str]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.people) + len(self.areas)


@repeatable
def write(organisation: Organisation, *, progress: Progress | None = None) -> None:
    """Bring the database in line with `organisation` in one transaction; repeating it changes nothing.

    The organisation has been checked: every code, userid and name in it exists.
    """
    with transaction() as current:
        apply(current, organisation, progress=progress)


def apply(current: Session, organisation: Organisation, *, progress: Progress | None = None) -> None:
    """As `write`, within the caller's transaction; reads no more than the organisation names."""
    step = progress or (lambda _rows: None)
    if organisation.areas and current.get_bind().dialect.name == "postgresql":
        # As every editor of 支持区域 does: what is compared here must not change before it is written.
        current.execute(sa.text("LOCK TABLE support_area IN SHARE ROW EXCLUSIVE MODE"))
    ids = _Ids(current)
    _regions(current, organisation, ids)
    _departments(current, organisation, ids)
    if organisation.people:
        _people(current, organisation, ids, step)
    if organisation.areas:
        _areas(current, organisation, step)


class _Ids:
    """Ids by the names that files use."""

    def __init__(self, current: Session) -> None:
        self.regions = _pairs(current, Region.name, Region.id)
        self.departments = _pairs(current, Department.name, Department.id)


def _pairs(current: Session, key: Any, value: Any) -> dict[Any, Any]:
    return dict(current.execute(sa.select(key, value)).all())


def _people_ids(current: Session, userids: Collection[str]) -> dict[str, int]:
    query = sa.select(Person.userid, Person.id).where(among(Person.userid, userids))
    return dict(current.execute(query).all())


def _regions(current: Session, organisation: Organisation, ids: _Ids) -> None:
    """大区 and the provinces they work in; a province that is named moves to its new 大区."""
    named = dict.fromkeys(organisation.regions)
    named |= dict.fromkeys(row["region"] for row in organisation.people.values() if row.get("region"))
    new = [name for name in named if name not in ids.regions]
    first = len(ids.regions)
    _insert(current, Region, [{"name": name, "position": first + n} for n, name in enumerate(new)])
    ids.regions = _pairs(current, Region.name, Region.id)
    belongs = _pairs(current, RegionProvince.province_code, RegionProvince.region_id)
    for name, provinces in organisation.regions.items():
        for code in provinces:
            if code in belongs and belongs[code] != ids.regions[name]:
                update = sa.update(RegionProvince).where(RegionProvince.province_code == code)
                current.execute(update.values(region_id=ids.regions[name]))
            elif code not in belongs:
                _insert(current, RegionProvince, [{"province_code": code, "region_id": ids.regions[name]}])


def _departments(current: Session, organisation: Organisation, ids: _Ids) -> None:
    named: dict[str, bool | None] = dict(organisation.departments)
    for row in organisation.people.values():
        if row.get("department"):
            named.setdefault(row["department"], None)
    head = _pairs(current, Department.name, Department.is_head_office)
    new = [name for name in named if name not in head]
    _insert(current, Department, [{"name": name, "is_head_office": bool(named[name])} for name in new])
    for name, is_head_office in named.items():
        if name in head and is_head_office is not None and is_head_office != head[name]:
            update = sa.update(Department).where(Department.name == name)
            current.execute(update.values(is_head_office=is_head_office))
    ids.departments = _pairs(current, Department.name, Department.id)


def _people(current: Session, organisation: Organisation, ids: _Ids, step: Progress) -> None:
    named = among(Person.userid, organisation.people.keys())
    stored = {row.userid: row._mapping for row in current.execute(sa.select(Person.__table__).where(named))}
    new = []
    for userid, given in organisation.people.items():
        values = _columns(given, ids)
        if userid not in stored:
            new.append({"position": "", "userid": userid} | values)
        elif any(stored[userid][name] != value for name, value in values.items()):
            current.execute(sa.update(Person).where(Person.userid == userid).values(values))
    for rows in _chunks(_same_columns(new)):
        _insert(current, Person, rows)
        step(len(rows))
    people = _people_ids(current, organisation.people.keys())
    roles = _stored_roles(current, people.values())
    _swap_roles(current, organisation, people, roles)
    step(len(organisation.people) - len(new))


def _columns(given: Row, ids: _Ids) -> Row:
    """The given columns, with ids in place of the names of department and 大区."""
    values = {key: value for key, value in given.items() if key not in ("department", "region", "roles")}
    for key, known in (("department", ids.departments), ("region", ids.regions)):
        if key in given:
            values[f"{key}_id"] = known[given[key]] if given[key] else None
    return values


def _stored_roles(current: Session, ids: Collection[int]) -> dict[int, set[str]]:
    held: dict[int, set[str]] = {}
    query = sa.select(PersonRole.person_id, PersonRole.role).where(among(PersonRole.person_id, ids))
    for person_id, role in current.execute(query):
        held.setdefault(person_id, set()).add(role)
    return held


def _swap_roles(
    current: Session, organisation: Organisation, people: Mapping[str, int], roles: Mapping[int, set[str]]
) -> None:
    """Give everybody the roles that the organisation says, all new ones in one statement."""
    new = []
    for userid, given in organisation.people.items():
        person_id = people[userid]
        held = roles.get(person_id, set())
        wanted = {str(role) for role in given.get("roles", held)}
        if gone := held - wanted:
            mine = (PersonRole.person_id == person_id, PersonRole.role.in_(gone))
            current.execute(sa.delete(PersonRole).where(*mine))
        new += [{"person_id": person_id, "role": role} for role in sorted(wanted - held)]
    _insert(current, PersonRole, new)


def _areas(current: Session, organisation: Organisation, step: Progress) -> None:
    """Replace who serves the named places in the named roles; other places and roles stay."""
    people = _people_ids(current, {userid for userids in organisation.areas.values() for userid in userids})
    stored = _stored_areas(current, {code for code, _ in organisation.areas})
    new = []
    for area, userids in organisation.areas.items():
        wanted = {people[userid]: n == 0 for n, userid in enumerate(userids)}
        present = stored.get(area, {})
        if wanted == present:
            step(1)
            continue
        if present:
            # Whole, not row by row: the index allows one primary at a time, in every moment.
            mine = (SupportArea.place_code == area[0], SupportArea.role == area[1])
            current.execute(sa.delete(SupportArea).where(*mine))
        new += [_area_row(area, person_id, primary) for person_id, primary in wanted.items()]
    for rows in _chunks(new):
        _insert(current, SupportArea, rows)
        step(len(rows))


def _stored_areas(current: Session, codes: Collection[str]) -> dict[Area, dict[int, bool]]:
    found: dict[Area, dict[int, bool]] = {}
    query = sa.select(SupportArea.__table__).where(among(SupportArea.place_code, codes))
    for row in current.execute(query):
        found.setdefault((row.place_code, Role(row.role)), {})[row.person_id] = row.is_primary
    return found


def _area_row(area: Area, person_id: int, is_primary: bool) -> Row:
    return {"place_code": area[0], "role": area[1], "person_id": person_id, "is_primary": is_primary}


def _insert(current: Session, kind: type[Base], rows: list[Row]) -> None:
    if rows:
        current.execute(sa.insert(kind), rows)


def _same_columns(rows: list[Row]) -> list[Row]:
    """One executemany needs the same columns in every row; what a row lacks is empty."""
    names = {name for row in rows for name in row}
    return [{name: row.get(name) for name in names} for row in rows]


def _chunks(rows: list[Row]) -> Iterator[list[Row]]:
    for start in range(0, len(rows), CHUNK):
        yield rows[start : start + CHUNK]
