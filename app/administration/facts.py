"""What stands in the rows that administrators change, in words; compared before and after."""

from collections.abc import Collection, Mapping
from hashlib import sha256

import sqlalchemy as sa

from app.db import Session, among
from app.people.models import ROLE_NAMES, Department, Person, PersonRole, Region, RegionProvince
from app.places.models import Place

Facts = dict[str, str]
"""Label → value, as people read them."""


def of_people(current: Session, ids: Collection[int] | None = None) -> dict[int, Facts]:
    """Person id → facts, of the given people or of everybody."""
    columns = (Person.id, Person.name, Department.name, Region.name, Person.position, Person.mobile)
    query = sa.select(*columns).outerjoin(Person.department).outerjoin(Person.region)
    roles = sa.select(PersonRole.person_id, PersonRole.role)
    if ids is not None:
        query, roles = query.where(among(Person.id, ids)), roles.where(among(PersonRole.person_id, ids))
    held: dict[int, set[str]] = {}
    for person_id, role in current.execute(roles):
        held.setdefault(person_id, set()).add(role)
    return {
        person_id: {
            "姓名": name,
            "部门": department or "",
            "大区": region or "",
            "职务": position,
            "手机": mobile or "",
            "角色": role_names(held.get(person_id, ())),
        }
        for person_id, name, department, region, position, mobile in current.execute(query)
    }


def of_regions(current: Session) -> dict[int, Facts]:
    """Region id → facts."""
    provinces: dict[int, list[str]] = {}
    query = sa.select(RegionProvince.region_id, Place.name).join(
        Place, Place.code == RegionProvince.province_code
    )
    for region_id, name in current.execute(query.order_by(Place.code)):
        provinces.setdefault(region_id, []).append(name)
    found = current.execute(sa.select(Region.id, Region.name).order_by(Region.position, Region.id))
    return {
        region_id: {"大区": name, "省份": "、".join(provinces.get(region_id, ()))}
        for region_id, name in found
    }


def of_departments(current: Session) -> dict[int, Facts]:
    """Department id → facts."""
    columns = (Department.id, Department.name, Department.is_head_office)
    found = current.execute(sa.select(*columns).order_by(Department.id))
    return {row_id: {"部门": name, "总部": "是" if head else "否"} for row_id, name, head in found}


def role_names(roles: Collection[str]) -> str:
    """主管、服务经理: the most senior first."""
    return "、".join(name for role, name in ROLE_NAMES.items() if role in roles)


def changed(before: Mapping[int, Facts], after: Mapping[int, Facts]) -> dict[int, dict[str, list[str]]]:
    """Id → label → [before, after], of the rows that differ; a new row was empty before."""
    found = {}
    for row_id, facts in after.items():
        was = before.get(row_id, {})
        changes = {
            name: [was.get(name, ""), value] for name, value in facts.items() if was.get(name, "") != value
        }
        if changes:
            found[row_id] = changes
    return found


def digest(facts: object) -> str:
    """Differs whenever the facts do; a form carries it as `seen`."""
    return sha256(repr(facts).encode()).hexdigest()[:16]
