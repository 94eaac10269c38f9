"""转派 of a row by its people, and 紧急转派 of somebody's open rows by an administrator (Q30)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from app import clock
from app.db import Session, transaction
from app.errors import BadInput, NotFound
from app.locks import held, hold, repeatable
from app.notices.queue import outbox
from app.people import administrators
from app.people.models import Person
from app.tasks import lifecycle
from app.tasks.access import ROW
from app.tasks.field.implement import LONGEST_NOTE
from app.tasks.lifecycle import Act, Part
from app.tasks.loading import open_row, parts_of
from app.tasks.models import PointTask, Task, Transfer
from app.tasks.telling import aftercare, tellings
from app.tasks.telling.about import about_task, recipients
from app.tasks.telling.points import point_of
from app.work import form_keys, history
from app.work.models import HistoryEvent

MOST_ROWS = 200
GONE = "有点位已不由他实施，或已办结、撤销，请刷新后重新勾选。"


@repeatable
def transfer(
    point_task_id: int, *, by: Person, to_id: int, reason: str, seen_version: int | None, form_key: str
) -> None:
    """转派: this row alone gets another 实施人 of the same 大区 (T-46…T-50, Q30, Q31).

    支持区域 stays as it is, so the next task finds the original 实施人 again.
    Raises BadInput for someone outside the 大区, who has left, or who has the
    row already.
    """
    reason = reason.strip()
    if len(reason) > LONGEST_NOTE:
        raise BadInput(fields={"reason": f"转派说明最多 {LONGEST_NOTE} 个字，现在有 {len(reason)} 个。"})
    with transaction() as session:
        if form_keys.claim(session, form_key, by=by, act=Act.TRANSFER).repeated:
            return
        row = open_row(session, point_task_id, seen_version, by=by)
        lifecycle.require(Act.TRANSFER, lifecycle.facts_of(row), parts_of(by, row))
        former_id = row.implementer_id
        event = give(session, row, to=session.get(Person, to_id), by=by, act=Act.TRANSFER, reason=reason)
        point = point_of(row)
        people = recipients(session, [point], also=[former_id])
        told = tellings.transferred(about_task(row.task), [point], people, by=by.name, former_id=former_id)
        outbox.announce(session, event, told)


def give(
    session: Session, row: PointTask, *, to: Person | None, by: Person, act: Act, reason: str
) -> HistoryEvent:
    """Another 实施人 for one locked row, inside transaction(): the row, its history, messages that hold no longer.

    The caller has asked the guards and announces. BadInput as of `transfer`.
    """
    target, former = _target(to, row), row.implementer
    session.add(
        Transfer(
            point_task_id=row.id,
            from_id=former.id,
            to_id=target.id,
            by_id=by.id,
            at=clock.now(),
            reason=reason,
        )
    )
    row.implementer_id = target.id
    row.transfer_count += 1
    row.version += 1
    aftercare.transferred(session, row, former=former, to=target)
    names: dict[str, Any] = {"from": former.name, "to": target.name, "reason": reason}
    return history.record(session, row, act, by=by, **names)


def _target(target: Person | None, row: PointTask) -> Person:
    """The person a row may be transferred to, or the reason why not."""
    if target is None or target.left_at:
        raise BadInput(fields={"to": "该人员已不在通讯录，请选择其他人。"})
    if target.region_id is None or target.region_id != row.region_id:
        raise BadInput(fields={"to": "只能转派给本大区人员，请重新选择。"})
    if target.id == row.implementer_id:
        raise BadInput(fields={"to": f"{target.name}已是该点位的实施人，请选择其他人。"})
    return target


@repeatable
def hand_on(person_id: int, row_ids: set[int], *, by: Person, to_id: int, reason: str, form_key: str) -> int:
    """Give these open rows of a person to somebody of the same 大区; returns how many.

    One commit: all of them or none. On every row, and so in 操作日志, stand who
    did it and why; the new 实施人 gets T-74 once per task, as of a 转派, and the
    former one reads it in the app. NotAllowed for those who are no
    administrators; BadInput for a reason or a person that is missing, and where
    a row is not theirs any more.
    """
    administrators.require(by)
    reason = _checked(row_ids, reason)
    with transaction() as current:
        claim = form_keys.claim(current, form_key, by=by, act=Act.REASSIGN)
        if claim.repeated:
            return claim.result or 0
        rows = _locked(current, person_id, row_ids)
        for row in rows:
            lifecycle.require(Act.REASSIGN, lifecycle.facts_of(row), frozenset({Part.ADMINISTRATOR}))
            give(current, row, to=current.get(Person, to_id), by=by, act=Act.REASSIGN, reason=reason)
        _tell(current, rows, former_id=person_id, by=by)
        claim.leads_to(len(rows))
        return len(rows)


def _checked(row_ids: set[int], reason: str) -> str:
    reason = reason.strip()
    wrong = {}
    if not row_ids:
        wrong["row"] = "请先勾选要转派的点位。"
    elif len(row_ids) > MOST_ROWS:
        wrong["row"] = f"一次最多转派 {MOST_ROWS} 个点位，现在勾选了 {len(row_ids)} 个。"
    if not reason:
        wrong["reason"] = "请填写紧急转派的原因，会记入办理过程和操作日志。"
    elif len(reason) > LONGEST_NOTE:
        wrong["reason"] = f"原因最多 {LONGEST_NOTE} 个字，现在有 {len(reason)} 个。"
    if wrong:
        raise BadInput(fields=wrong)
    return reason


def _locked(current: Session, person_id: int, row_ids: set[int]) -> Sequence[PointTask]:
    """The rows, locked behind their tasks; NotFound for a person there is not."""
    if current.get(Person, person_id) is None:
        raise NotFound("没有这个人员，请从人员列表重新选择。")
    hold(current, Task, Task.id.in_(sa.select(ROW.task_id).where(ROW.id.in_(row_ids))))
    rows = held(current, PointTask, PointTask.id.in_(row_ids), PointTask.implementer_id == person_id)
    if len(rows) < len(row_ids):
        raise BadInput(fields={"row": GONE})
    return rows


def _tell(current: Session, rows: Iterable[PointTask], *, former_id: int, by: Person) -> None:
    """One message per task: T-74 names one type, urgency and deadline."""
    by_task: dict[int, list[PointTask]] = defaultdict(list)
    for row in rows:
        by_task[row.task_id].append(row)
    for own in by_task.values():
        task: Task = own[0].task
        points = [point_of(row) for row in own]
        people = recipients(current, points, also=[former_id])
        told = tellings.transferred(about_task(task), points, people, by=by.name, former_id=former_id)
        event = history.record(current, task, Act.REASSIGN, by=by, points=len(points))
        outbox.announce(current, event, told)
