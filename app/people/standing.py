"""Who stands where at a place, and what a change of that means. Pure."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from app.people.models import Role
from app.people.staffing import Area

PRIMARY, SECOND, NOBODY = "主要", "后备", ""

Standing = Mapping[Area, Sequence[int]]
"""Who holds a role at a place, by id; the first is 主要, the one that new tasks take over (Q35)."""


@dataclass(frozen=True)
class Step:
    """One person's move at one place, in the words above."""

    area: Area
    person_id: int
    before: str
    after: str


def joined(people: Sequence[int], person_id: int, *, as_first: bool) -> list[int]:
    """`people` with one more, 主要 or 后备."""
    return [person_id, *people] if as_first else [*people, person_id]


def without(people: Sequence[int], person_id: int) -> list[int]:
    """`people` without one; the next in line moves up."""
    return [one for one in people if one != person_id]


def present_first(people: Sequence[int], left: Set[int]) -> list[int]:
    """`people` without doubles, those who have left the company behind the others: they cannot be 主要."""
    return sorted(dict.fromkeys(people), key=left.__contains__)


def steps(before: Standing, after: Standing) -> list[Step]:
    """Everybody whose standing differs, by place and role."""
    found = []
    for area in sorted(after):
        was, becomes = before.get(area, []), after[area]
        for person_id in dict.fromkeys([*becomes, *was]):
            step = Step(area, person_id, _standing_of(person_id, was), _standing_of(person_id, becomes))
            if step.before != step.after:
                found.append(step)
    return found


def copied_in_differently(before: Standing, after: Standing) -> set[str]:
    """The places whose new tasks would copy in somebody else than before."""
    return {
        area[0]
        for area, people in after.items()
        if area[1] != Role.IMPLEMENTER and list(people[:1]) != list(before.get(area, [])[:1])
    }


def _standing_of(person_id: int, people: Sequence[int]) -> str:
    if person_id not in people:
        return NOBODY
    return PRIMARY if people[0] == person_id else SECOND
