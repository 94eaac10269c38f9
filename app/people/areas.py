"""支持区域, kept from both sides: the places of a person and the people of a place (T-01, T-02).

Rows that are published already stay as they are (T-49); who is copied in there
changes only through app.tasks.publishing.copied_in, when somebody asks for it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from app import clock
from app.db import Session, among, transaction
from app.errors import BadInput, NotFound, OutOfDate
from app.locks import repeatable
from app.people import area_queries, area_rights, standing
from app.people.models import ROLE_NAMES, AreaChange, Person, PersonRole, Role, SupportArea
from app.people.staffing import Area
from app.people.standing import Standing, Step
from app.places.models import Place

MOST_PER_ROLE = 20  # people of one place in one role; with more, somebody ticked the wrong list
STALE = "支持区域刚被其他人更新，请核对最新内容后重新提交。您填写的内容已保留。"


@dataclass(frozen=True)
class Changed:
    """The places where something changed, and those whose new tasks copy in somebody else now."""

    places: tuple[str, ...] = ()
    copied_in: tuple[str, ...] = ()


@repeatable
def set_areas(
    person_id: int,
    *,
    by: Person,
    areas: Mapping[Role, Collection[str]],
    take_over: bool = False,
    seen: str,
) -> Changed:
    """Make `areas` the places (leaf codes) of a person in the named roles; other roles stay.

    Where somebody is 主要 already the person becomes 后备, with `take_over`
    主要. `seen` is `area_queries.areas_seen` of the page. Raises NotFound,
    BadInput for codes that are no places, NotAllowed outside the editor's
    大区, OutOfDate where someone else was faster. Repeating it changes nothing.
    """
    with transaction() as current:
        one_editor_at_a_time(current)
        person = _person(current, person_id)
        area_rights.require_person(by, person)
        wanted = {(code, role) for role, codes in areas.items() for code in codes}
        before = _standing(current, person_id, {code for code, _ in wanted})
        held = {area for area, people in before.items() if person_id in people and area[1] in areas}
        if wanted == held:
            return Changed()
        _require_unchanged(seen, area_queries.areas_seen(person_id))
        after = {area: standing.without(before[area], person_id) for area in held - wanted}
        for area in wanted - held:
            after[area] = standing.joined(before.get(area, []), person_id, as_first=take_over)
        return _write(current, before, after, by=by)


@repeatable
def set_staff(place_code: str, *, by: Person, staff: Mapping[Role, Sequence[int]], seen: str) -> Changed:
    """Make `staff` the people of a place in the named roles, the first of each 主要 (Q35).

    `seen` is `area_queries.staff_seen` of the page. Raises as `set_areas`.
    """
    if any(len(people) > MOST_PER_ROLE for people in staff.values()):
        raise BadInput(f"一个点位的同一角色最多登记 {MOST_PER_ROLE} 人，请删减。")
    with transaction() as current:
        one_editor_at_a_time(current)
        _require_places(current, by, {place_code}, staffed={place_code})
        before = _standing(current, None, {place_code})
        after = {(place_code, role): list(dict.fromkeys(people)) for role, people in staff.items()}
        if all(before.get(area, []) == people for area, people in after.items()):
            return Changed()
        _require_unchanged(seen, area_queries.staff_seen(place_code))
        return _write(current, before, after, by=by)


def standing_at(current: Session, codes: Collection[str]) -> dict[Area, list[int]]:
    """Who holds which role at these places, the 主要 one first."""
    return _standing(current, None, codes)


def note_steps(current: Session, before: Standing, after: Standing, *, by: Person) -> None:
    """Put on record how everybody's standing differs; for changes that were written elsewhere."""
    current.add_all(_noted(step, by=by, grants_role=False) for step in standing.steps(before, after))


def one_editor_at_a_time(current: Session) -> None:
    """Edits are rare and reach over many rows: on PostgreSQL they queue here, readers go on."""
    if current.get_bind().dialect.name == "postgresql":
        current.execute(sa.text("LOCK TABLE support_area IN SHARE ROW EXCLUSIVE MODE"))


def _person(current: Session, person_id: int) -> Person:
    found = current.get(Person, person_id)
    if found is None:
        raise NotFound("没有这个人员，请从人员列表重新选择。")
    return found


def _standing(current: Session, person_id: int | None, codes: Collection[str]) -> dict[Area, list[int]]:
    """Everyone at `codes` and at the places of the person, in the order of their standing."""
    mine = sa.select(SupportArea.place_code).where(SupportArea.person_id == person_id)
    query = (
        sa.select(SupportArea.place_code, SupportArea.role, SupportArea.person_id)
        .where(among(SupportArea.place_code, codes) | SupportArea.place_code.in_(mine))
        .order_by(SupportArea.is_primary.desc(), SupportArea.id)
    )
    found: dict[Area, list[int]] = {}
    for code, role, one in current.execute(query):
        found.setdefault((code, Role(role)), []).append(one)
    return found


def _require_unchanged(seen: str, present: str) -> None:
    if seen != present:
        raise OutOfDate(STALE)


def _write(current: Session, before: Standing, after: Standing, *, by: Person) -> Changed:
    """Replace who is registered for the areas of `after`, if `by` may; note every step."""
    people = _people(current, {one for area in after for one in (*before.get(area, []), *after[area])})
    left = {person.id for person in people.values() if person.left_at}
    after = {area: standing.present_first(after[area], left) for area in after}
    steps = standing.steps(before, after)
    touched = {step.area[0] for step in steps}
    _require_places(current, by, touched, staffed={step.area[0] for step in steps if step.after})
    granted = {step for step in steps if not step.before and _may_join(by, people.get(step.person_id), step)}
    changed = sorted({step.area for step in steps})
    for code, role in changed:
        # Whole, not row by row: the index allows one 主要 at a time, in every moment.
        mine = (SupportArea.place_code == code, SupportArea.role == role)
        current.execute(sa.delete(SupportArea).where(*mine))
    current.add_all(row for area in changed for row in _rows(area, after[area]))
    roles = {(step.person_id, step.area[1]) for step in granted}
    current.add_all(PersonRole(person_id=person_id, role=role) for person_id, role in sorted(roles))
    current.add_all(_noted(step, by=by, grants_role=step in granted) for step in steps)
    return Changed(
        places=tuple(sorted({code for code, _ in changed})),
        copied_in=tuple(sorted(standing.copied_in_differently(before, after))),
    )


def _people(current: Session, ids: Collection[int]) -> dict[int, Person]:
    return {one.id: one for one in current.execute(sa.select(Person).where(among(Person.id, ids))).scalars()}


def _require_places(current: Session, by: Person, codes: set[str], *, staffed: set[str]) -> None:
    """Refuse what lies outside the editor's 大区; and people at `staffed` that are no points (any more)."""
    found = current.execute(sa.select(Place).where(among(Place.code, codes))).scalars()
    places = {place.code: place for place in found}
    points = {code for code, place in places.items() if place.is_leaf and place.valid_to is None}
    if gone := sorted(staffed - points):
        raise BadInput(f"有 {len(gone)} 个点位已不存在（{'、'.join(gone[:3])}），请重新选择。")
    area_rights.require_places(by, places.values())


def _may_join(by: Person, person: Person | None, step: Step) -> bool:
    """Refuse who cannot be registered; True where the person gets the role by being registered."""
    role = step.area[1]
    if person is None or person.left_at:
        name = person.name if person else "所选人员"
        raise BadInput(f"{name}已不在通讯录，不能登记为{ROLE_NAMES[role]}，请选择其他人。")
    area_rights.require_person(by, person)
    area_rights.require_role(by, person, role)
    return role not in person.roles


def _rows(area: Area, people: Sequence[int]) -> list[SupportArea]:
    return [
        SupportArea(place_code=area[0], role=area[1], person_id=person_id, is_primary=n == 0)
        for n, person_id in enumerate(people)
    ]


def _noted(step: Step, *, by: Person, grants_role: bool) -> AreaChange:
    return AreaChange(
        at=clock.now(),
        by_id=by.id,
        place_code=step.area[0],
        role=step.area[1],
        person_id=step.person_id,
        before=step.before,
        after=step.after,
        grants_role=grants_role,
    )
