"""一并更新未办结任务的抄送人: open rows follow a change of 支持区域, when somebody asks for it."""

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from app.db import Session, among, session, transaction
from app.locks import hold, repeatable
from app.people import area_rights
from app.people.models import Person
from app.people.queries import Staff, names_of, primary_staff
from app.places.models import Place
from app.tasks.models import PointTask, Task
from app.work import history

UPDATE_COPIED_IN = "update_copied_in"

CopiedIn = tuple[int | None, int | None]
"""主管 and 服务经理, by id."""


@dataclass(frozen=True, slots=True)
class Outdated:
    """An open row, who is copied in there, and who is registered now."""

    id: int
    before: CopiedIn
    now: CopiedIn


@repeatable
def update_copied_in(place_codes: Collection[str], *, by: Person) -> int:
    """Copy the present 主管 and 服务经理 of these places into their open rows; returns how many rows changed.

    The 实施人 stays, and so do closed and revoked rows. NotAllowed for places
    whose 支持区域 are not `by`'s to keep.
    """
    with transaction() as current:
        places = current.execute(sa.select(Place).where(among(Place.code, place_codes))).scalars().all()
        area_rights.require_places(by, places)
        return renew(current, place_codes, by=by)


def renew(current: Session, place_codes: Collection[str], *, by: Person, task_id: int | None = None) -> int:
    """The same inside transaction(), for those who may change the rows; `task_id` leaves other tasks alone."""
    rows = _outdated(current, place_codes, task_id=task_id, lock=True)
    for now, ids in _by_staff(rows).items():
        current.execute(
            sa.update(PointTask)
            .where(among(PointTask.id, ids))
            .values(supervisor_id=now[0], service_manager_id=now[1], version=PointTask.version + 1)
            .execution_options(synchronize_session=False)
        )
    names = names_of({one for row in rows for one in (*row.before, *row.now) if one})
    facts = {row.id: {"changes": _changes(row, names)} for row in rows}
    history.record_many(current, PointTask, facts, UPDATE_COPIED_IN, by=by)
    return len(rows)


def outdated(place_codes: Collection[str], *, task_id: int | None = None) -> int:
    """How many open rows of these places copy in somebody else than is registered now."""
    return len(_outdated(session(), place_codes, task_id=task_id, lock=False))


def _outdated(
    current: Session, place_codes: Collection[str], *, task_id: int | None, lock: bool
) -> list[Outdated]:
    which: list[sa.ColumnExpressionArgument[bool]] = [
        among(PointTask.place_code, place_codes),
        PointTask.is_open,
    ]
    if task_id is not None:
        which.append(PointTask.task_id == task_id)
    if lock:
        hold(current, Task, Task.id.in_(sa.select(PointTask.task_id).where(*which)))
        hold(current, PointTask, *which)
    query = sa.select(
        PointTask.id, PointTask.place_code, PointTask.supervisor_id, PointTask.service_manager_id
    )
    rows = current.execute(query.where(*which).order_by(PointTask.id)).all()
    staff = primary_staff({row.place_code for row in rows})
    found = []
    for row in rows:
        who = staff.get(row.place_code, Staff())
        before = (row.supervisor_id, row.service_manager_id)
        now = (who.supervisor_id, who.service_manager_id)
        if before != now:
            found.append(Outdated(row.id, before, now))
    return found


def _by_staff(rows: list[Outdated]) -> dict[CopiedIn, list[int]]:
    found: dict[CopiedIn, list[int]] = {}
    for row in rows:
        found.setdefault(row.now, []).append(row.id)
    return found


def _changes(row: Outdated, names: dict[int, str]) -> list[str]:
    """What changed, in words: 主管：赵岚→顾东."""
    return [
        f"{role}：{names.get(before or 0, '无')}→{names.get(now or 0, '无')}"
        for role, before, now in zip(("主管", "服务经理"), row.before, row.now, strict=True)
        if before != now
    ]
