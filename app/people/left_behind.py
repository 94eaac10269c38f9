"""支持区域 of places that are no points any more: who holds them, and which place seems to have followed."""

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from app.db import among, session
from app.people.models import AREA_ROLES, ROLE_NAMES, Person, Role, SupportArea
from app.places.models import Place


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """A place that vanished, was re-coded or divided, while people are registered for it."""

    code: str
    path: str
    people: tuple[tuple[Role, str], ...]  # in the order of the roles
    follows: str = ""  # the code of the only present point of this name in the same province

    def __str__(self) -> str:
        """错那县（540530）：实施人 王强、主管 赵岚；现在可能是 540581."""
        held = "、".join(f"{ROLE_NAMES[role]} {name}" for role, name in self.people)
        follows = f"；现在可能是 {self.follows}" if self.follows else ""
        return f"{self.path}（{self.code}）：{held}{follows}"


IS_POINT = sa.and_(Place.is_leaf, Place.valid_to.is_(None))
"""A place that tasks can be published to."""


def left_behind(ending: Collection[str] = ()) -> list[LeftBehind]:
    """What is registered for places that are no points, those of `ending` included as if they were gone; by code."""
    query = (
        sa.select(Place.code, Place.name, Place.path, Place.province_code, SupportArea.role, Person.name)
        .select_from(SupportArea)
        .join(Place, Place.code == SupportArea.place_code)
        .join(Person, Person.id == SupportArea.person_id)
        .where(sa.or_(sa.not_(IS_POINT), among(Place.code, ending)))
        .order_by(Place.code, SupportArea.is_primary.desc(), SupportArea.id)
    )
    places: dict[str, tuple[str, str, str]] = {}
    people: dict[str, list[tuple[Role, str]]] = {}
    for code, name, path, province, role, person in session().execute(query):
        places[code] = (name, path, province)
        people.setdefault(code, []).append((Role(role), person))
    follows = _followers({(name, province) for name, _, province in places.values()}, set(ending))
    return [
        LeftBehind(
            code=code,
            path=path,
            people=tuple(sorted(people[code], key=lambda one: AREA_ROLES.index(one[0]))),
            follows=follows.get((name, province), ""),
        )
        for code, (name, path, province) in places.items()
    ]


def _followers(wanted: set[tuple[str, str]], ending: set[str]) -> dict[tuple[str, str], str]:
    """(name, province) → the only present point of that name there."""
    names = {name for name, _ in wanted}
    query = sa.select(Place.code, Place.name, Place.province_code).where(IS_POINT, among(Place.name, names))
    found: dict[tuple[str, str], list[str]] = {}
    for code, name, province in session().execute(query):
        if code not in ending:
            found.setdefault((name, province), []).append(code)
    return {key: codes[0] for key, codes in found.items() if len(codes) == 1}
