"""Writes a whole organisation: 大区, departments, people, roles and support areas.

Used by the spreadsheet import and by the demo. Reading a file, comparing it
with the database and writing the differences are kept apart; nothing that the
organisation does not name is touched.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from app.db import Base, Session, transaction
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


@dataclass
class Count:
    """How many of one kind an import touches."""

    added: int = 0
    changed: int = 0
    kept: int = 0
    removed: int = 0


@dataclass
class Changes:
    """What writing an organisation does, for the report."""

    regions: Count = field(default_factory=Count)
    departments: Count = field(default_factory=Count)
    people: Count = field(default_factory=Count)
    areas: Count = field(default_factory=Count)


@repeatable
def write(organisation: Organisation, *, dry_run: bool = False, progress: Progress | None = None) -> Changes:
    """Bring the database in line with `organisation` in one transaction; repeating it changes nothing.

    The organisation has been checked: every code, userid and name in it exists.
    With `dry_run` everything is undone at the end.
    """
    with transaction() as current:
        changes = apply(current, organisation, progress=progress)
        if dry_run:
            current.rollback()
    return changes


def apply(current: Session, organisation: Organisation, *, progress: Progress | None = None) -> Changes:
    """As `write`, within the caller's transaction."""
    step = progress or (lambda _rows: None)
    changes = Changes()
    if current.get_bind().dialect.name == "postgresql":
        # As every editor of 支持区域 does: what is compared here must not change before it is written.
        current.execute(sa.text("LOCK TABLE support_area IN SHARE ROW EXCLUSIVE MODE"))
    ids = _Ids(current)
    _regions(current, organisation, ids, changes.regions)
    _departments(current, organisation, ids, changes.departments)
    _people(current, organisation, ids, changes.people, step)
    _areas(current, organisation, ids, changes.areas, step)
    return changes


class _Ids:
    """Ids by the names that files use."""

    def __init__(self, current: Session) -> None:
        self.regions = _pairs(current, Region.name, Region.id)
        self.departments = _pairs(current, Department.name, Department.id)
        self.people = _pairs(current, Person.userid, Person.id)


def _pairs(current: Session, key: Any, value: Any) -> dict[Any, Any]:
    return dict(current.execute(sa.select(key, value)).all())


def _regions(current: Session, organisation: Organisation, ids: _Ids, count: Count) -> None:
    """大区 and the provinces they work in; a province that is named moves to its new 大区."""
    named = dict.fromkeys(organisation.regions)
    named |= dict.fromkeys(row["region"] for row in organisation.people.values() if row.get("region"))
    new = [name for name in named if name not in ids.regions]
    first = len(ids.regions)
    _insert(current, Region, [{"name": name, "position": first + n} for n, name in enumerate(new)])
    ids.regions = _pairs(current, Region.name, Region.id)
    belongs = _pairs(current, RegionProvince.province_code, RegionProvince.region_id)
    moved = set()
    for name, provinces in organisation.regions.items():
        for code in provinces:
            if code in belongs and belongs[code] != ids.regions[name]:
                update = sa.update(RegionProvince).where(RegionProvince.province_code == code)
                current.execute(update.values(region_id=ids.regions[name]))
                moved.add(name)
            elif code not in belongs:
                _insert(current, RegionProvince, [{"province_code": code, "region_id": ids.regions[name]}])
                moved.add(name)
    count.added = len(new)
    count.changed = len(moved - set(new))
    count.kept = len(named) - count.added - count.changed


def _departments(current: Session, organisation: Organisation, ids: _Ids, count: Count) -> None:
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
            count.changed += 1
    ids.departments = _pairs(current, Department.name, Department.id)
    count.added = len(new)
    count.kept = len(named) - count.added - count.changed


def _people(current: Session, organisation: Organisation, ids: _Ids, count: Count, step: Progress) -> None:
    stored = {row.userid: row._mapping for row in current.execute(sa.select(Person.__table__))}
    roles = _stored_roles(current)
    touched = set()
    new = []
    for userid, given in organisation.people.items():
        values = _columns(given, ids)
        if userid not in stored:
            new.append({"position": "", "userid": userid} | values)
        elif any(stored[userid][name] != value for name, value in values.items()):
            current.execute(sa.update(Person).where(Person.userid == userid).values(values))
            touched.add(userid)
    for rows in _chunks(_same_columns(new)):
        _insert(current, Person, rows)
        step(len(rows))
    ids.people = _pairs(current, Person.userid, Person.id)
    for userid, given in organisation.people.items():
        held = roles.get(ids.people[userid], set())
        wanted = {str(role) for role in given.get("roles", held)}
        if held != wanted:
            _swap_roles(current, ids.people[userid], held, wanted)
            touched.add(userid)
    count.added = len(new)
    count.changed = len(touched - {row["userid"] for row in new})
    count.kept = len(organisation.people) - count.added - count.changed
    step(count.changed + count.kept)


def _columns(given: Row, ids: _Ids) -> Row:
    """The given columns, with ids in place of the names of department and 大区."""
    values = {key: value for key, value in given.items() if key not in ("department", "region", "roles")}
    for key, known in (("department", ids.departments), ("region", ids.regions)):
        if key in given:
            values[f"{key}_id"] = known[given[key]] if given[key] else None
    return values


def _stored_roles(current: Session) -> dict[int, set[str]]:
    held: dict[int, set[str]] = {}
    for person_id, role in current.execute(sa.select(PersonRole.person_id, PersonRole.role)):
        held.setdefault(person_id, set()).add(role)
    return held


def _swap_roles(current: Session, person_id: int, held: set[str], wanted: set[str]) -> None:
    if gone := held - wanted:
        current.execute(
            sa.delete(PersonRole).where(PersonRole.person_id == person_id, PersonRole.role.in_(gone))
        )
    _insert(current, PersonRole, [{"person_id": person_id, "role": role} for role in sorted(wanted - held)])


def _areas(current: Session, organisation: Organisation, ids: _Ids, count: Count, step: Progress) -> None:
    """Replace who serves the named places in the named roles; other places and roles stay."""
    stored: dict[Area, dict[int, bool]] = {}
    for row in current.execute(sa.select(SupportArea.__table__)):
        stored.setdefault((row.place_code, Role(row.role)), {})[row.person_id] = row.is_primary
    new = []
    for area, userids in organisation.areas.items():
        wanted = {ids.people[userid]: n == 0 for n, userid in enumerate(userids)}
        present = stored.get(area, {})
        if wanted == present:
            count.kept += 1
            step(1)
            continue
        if present:
            # Whole, not row by row: the index allows one primary at a time, in every moment.
            mine = (SupportArea.place_code == area[0], SupportArea.role == area[1])
            current.execute(sa.delete(SupportArea).where(*mine))
        new += [_area_row(area, person_id, primary) for person_id, primary in wanted.items()]
        count.changed += bool(present and wanted)
        count.removed += not wanted
        count.added += not present
    for rows in _chunks(new):
        _insert(current, SupportArea, rows)
        step(len(rows))


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
