"""大区 with their provinces, and departments: added and corrected by an administrator."""

from collections.abc import Collection
from typing import TypeVar

import sqlalchemy as sa

from app.administration import facts
from app.db import Session, among, session, transaction
from app.errors import BadInput, NotFound, OutOfDate
from app.locks import repeatable
from app.people import administrators, names
from app.people.importing import LONGEST
from app.people.models import Department, Person, Region, RegionProvince
from app.places.models import Place
from app.work import form_keys, history

CREATE_REGION, EDIT_REGION = "create_region", "edit_region"
CREATE_DEPARTMENT, EDIT_DEPARTMENT = "create_department", "edit_department"
Named = TypeVar("Named", Region, Department)
NOT_FOUND = "没有这一项，可能已被删除。请返回列表重新选择。"
STALE = "{}刚被其他人修改，请核对最新内容后重新提交。您填写的内容已保留。"


@repeatable
def save_region(
    region_id: int | None, *, name: str, provinces: Collection[str], by: Person, seen: str, form_key: str
) -> int:
    """Name a 大区 and give it exactly these provinces (codes); None makes a new one. The id.

    A province has one 大区: taken here, it leaves the one it was in. Raises
    NotAllowed, NotFound, BadInput, OutOfDate where any 大区 changed since `seen`.
    """
    administrators.require(by)
    act = CREATE_REGION if region_id is None else EDIT_REGION
    with transaction() as current:
        claim = form_keys.claim(current, form_key, by=by, act=act)
        if claim.repeated:
            return claim.result or 0
        _one_editor_at_a_time(current)
        before = facts.of_regions(current)
        region = _named(current, Region, region_id, name, "大区")
        if region_id is None:
            region.position = len(before)  # after all others
        _require_provinces(current, provinces)
        _move(current, region.id, provinces)
        changes = facts.changed(before, facts.of_regions(current))
        if changes and seen != facts.digest(before):
            raise OutOfDate(STALE.format("大区"))
        for changed_id, one in changes.items():
            changed = current.get_one(Region, changed_id)
            history.record(current, changed, act if changed is region else EDIT_REGION, by=by, changes=one)
        claim.leads_to(region.id)
        saved_id = region.id
    names.REGIONS.forget()
    return saved_id


@repeatable
def save_department(
    department_id: int | None, *, name: str, is_head_office: bool, by: Person, seen: str, form_key: str
) -> int:
    """Name a department and say whether it is the head office (Q24); None makes a new one. The id."""
    administrators.require(by)
    act = CREATE_DEPARTMENT if department_id is None else EDIT_DEPARTMENT
    with transaction() as current:
        claim = form_keys.claim(current, form_key, by=by, act=act)
        if claim.repeated:
            return claim.result or 0
        _one_editor_at_a_time(current)
        before = facts.of_departments(current)
        department = _named(current, Department, department_id, name, "部门")
        department.is_head_office = is_head_office
        current.flush()
        changes = facts.changed(before, facts.of_departments(current))
        if changes and seen != facts.digest(before):
            raise OutOfDate(STALE.format("部门"))
        for one in changes.values():
            history.record(current, department, act, by=by, changes=one)
        claim.leads_to(department.id)
        return department.id


def regions_seen() -> str:
    """Differs whenever a 大区 does."""
    return facts.digest(facts.of_regions(session()))


def departments_seen() -> str:
    """Differs whenever a department does."""
    return facts.digest(facts.of_departments(session()))


def _one_editor_at_a_time(current: Session) -> None:
    """Edits are rare: on PostgreSQL they queue here, readers go on. SQLite has one writer anyway."""
    if current.get_bind().dialect.name == "postgresql":
        current.execute(sa.text("LOCK TABLE region, department, region_province IN SHARE ROW EXCLUSIVE MODE"))


def _named(current: Session, kind: type[Named], row_id: int | None, name: str, label: str) -> Named:
    """The row with its new name, or a new row."""
    if not name:
        raise BadInput(fields={"name": f"请填写{label}的名称。"})
    if len(name) > LONGEST[label]:
        raise BadInput(fields={"name": f"{label}名称最多 {LONGEST[label]} 个字，现在有 {len(name)} 个。"})
    same = current.execute(sa.select(kind.id).where(kind.name == name)).scalar()
    if same is not None and same != row_id:
        raise BadInput(fields={"name": f"已经有“{name}”这个{label}，请换一个名称。"})
    row = kind() if row_id is None else current.get(kind, row_id)
    if row is None:
        raise NotFound(NOT_FOUND)
    row.name = name
    current.add(row)
    current.flush()
    return row


def _require_provinces(current: Session, codes: Collection[str]) -> None:
    query = sa.select(sa.func.count()).where(
        among(Place.code, codes), Place.level == 1, Place.valid_to.is_(None)
    )
    if current.execute(query).scalar_one() != len(set(codes)):
        raise BadInput(fields={"provinces": "有省份已不存在，请重新选择。"})


def _move(current: Session, region_id: int, codes: Collection[str]) -> None:
    """Give the 大区 these provinces, and no others."""
    mine = RegionProvince.region_id == region_id
    current.execute(sa.delete(RegionProvince).where(mine | among(RegionProvince.province_code, codes)))
    rows = [RegionProvince(province_code=code, region_id=region_id) for code in sorted(set(codes))]
    current.add_all(rows)
    current.flush()
