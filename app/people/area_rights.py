"""Who may change 支持区域 of whom and where; sentences that say why not."""

from collections.abc import Collection

import sqlalchemy as sa

from app.db import among, session
from app.errors import NotAllowed
from app.people.models import ROLE_NAMES, Person, RegionProvince, Role
from app.people.queries import heads_the_company, region_of_province
from app.places.models import Place
from app.places.names import told_apart

NOBODY_ELSE = "支持区域由管理员、总部部门经理，以及本大区的大区经理和主管维护。"


def edits_all(who: Person) -> bool:
    """True for those who keep 支持区域 of the whole company, and hand out the roles that go with it."""
    return who.holds(Role.ADMINISTRATOR) or heads_the_company(who)


def why_not_person(who: Person, person: Person) -> str | None:
    """Why `who` may not change the places of `person`; None where it is allowed."""
    if edits_all(who):
        return None
    if not _keeps_a_region(who):
        return NOBODY_ELSE
    return None if person.region_id == who.region_id else f"只能维护本大区人员，{person.name}不在本大区。"


def why_not_place(who: Person, place: Place) -> str | None:
    """Why `who` may not change the people of `place`; None where it is allowed."""
    return _why_not_places(who, [place])


def kept_by(who: Person, codes: Collection[str]) -> set[str]:
    """Those of `codes` whose people `who` may change."""
    if edits_all(who):
        return set(codes)
    if not _keeps_a_region(who):
        return set()
    provinces = sa.select(RegionProvince.province_code).where(RegionProvince.region_id == who.region_id)
    query = sa.select(Place.code).where(among(Place.code, codes), Place.province_code.in_(provinces))
    return set(session().execute(query).scalars())


def provinces_of(who: Person) -> list[str] | None:
    """The provinces whose places `who` may change; None for all of them."""
    if edits_all(who):
        return None
    regions = region_of_province() if _keeps_a_region(who) else {}
    return sorted(code for code, region_id in regions.items() if region_id == who.region_id)


def why_not_role(who: Person, person: Person, role: Role) -> str | None:
    """Why `who` may not register `person` in a role they do not hold yet."""
    if role in person.roles or edits_all(who):
        return None
    name = ROLE_NAMES[role]
    return f"{person.name}还没有{name}角色，不能登记为{name}，请联系管理员开通。"


def require_person(who: Person, person: Person) -> None:
    """NotAllowed where `why_not_person` has a reason."""
    _refuse(why_not_person(who, person))


def require_places(who: Person, places: Collection[Place]) -> None:
    """NotAllowed where one of `places` is not `who`'s to change."""
    _refuse(_why_not_places(who, places))


def require_role(who: Person, person: Person, role: Role) -> None:
    """NotAllowed where `why_not_role` has a reason."""
    _refuse(why_not_role(who, person, role))


def _keeps_a_region(who: Person) -> bool:
    return who.region_id is not None and who.holds(Role.REGION_MANAGER, Role.SUPERVISOR)


def _why_not_places(who: Person, places: Collection[Place]) -> str | None:
    if edits_all(who):
        return None
    if not _keeps_a_region(who):
        return NOBODY_ELSE
    regions = region_of_province()
    foreign = [place for place in places if regions.get(place.province_code) != who.region_id]
    if not foreign:
        return None
    told = told_apart((place.name, place.path) for place in foreign[:5])
    names = "、".join(told) + ("等" if len(foreign) > 5 else "")
    return f"只能维护本大区的点位，{names}不在本大区。"


def _refuse(sentence: str | None) -> None:
    if sentence is not None:
        raise NotAllowed(sentence)
