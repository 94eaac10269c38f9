"""紧急转派: an administrator hands on the open rows of somebody who cannot do them any more (Q30)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from app.db import Session, session, transaction
from app.errors import BadInput, NotFound
from app.locks import held, hold, repeatable
from app.notices.queue import outbox
from app.people import administrators
from app.people.models import Person
from app.tasks import lifecycle
from app.tasks.access import ROW
from app.tasks.field import implement
from app.tasks.lifecycle import Act, Part
from app.tasks.models import PointTask, Task
from app.tasks.publishing import publish
from app.tasks.reading.lines import RowLine
from app.tasks.reading.queries import lines_where
from app.tasks.telling import tellings
from app.work import form_keys, history

MOST_ROWS = 200
GONE = "有点位已不由他实施，或已办结、撤销，请刷新后重新勾选。"


def open_rows(person_id: int, *, by: Person) -> dict[int | None, list[RowLine]]:
    """What an administrator may hand on: the open rows of a person by 大区, the nearest deadline first."""
    administrators.require(by)
    rows = lines_where(by, ROW.implementer_id == person_id, PointTask.is_open, limit=MOST_ROWS)
    query = sa.select(ROW.id, ROW.region_id).where(ROW.id.in_([row.id for row in rows]))
    region_of: dict[int, int | None] = dict(session().execute(query).all())
    groups: dict[int | None, list[RowLine]] = defaultdict(list)
    for row in rows:
        groups[region_of.get(row.id)].append(row)
    return groups


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
            return claim.subject_id or 0
        rows = _locked(current, person_id, row_ids)
        for row in rows:
            lifecycle.require(Act.REASSIGN, lifecycle.facts_of(row), frozenset({Part.ADMINISTRATOR}))
            implement.give(
                current, row, to=current.get(Person, to_id), by=by, act=Act.REASSIGN, reason=reason
            )
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
    elif len(reason) > implement.LONGEST_NOTE:
        wrong["reason"] = f"原因最多 {implement.LONGEST_NOTE} 个字，现在有 {len(reason)} 个。"
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
        points = [tellings.point_of(row) for row in own]
        people = publish.recipients(current, [*points, points[0]._replace(implementer_id=former_id)])
        told = tellings.transferred(publish.about(task), points, people, by=by.name, former_id=former_id)
        event = history.record(current, task, Act.REASSIGN, by=by, points=len(points))
        outbox.announce(current, event, told)
