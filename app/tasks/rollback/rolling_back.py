"""升级回退: take back modules of a published 升级任务, point by point (T-15…T-20, Q13…Q20)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from app import clock
from app.db import Session, session, transaction
from app.errors import BadInput
from app.locks import repeatable
from app.notices.queue import outbox
from app.notices.telling import Telling
from app.people.models import Person
from app.tasks import lifecycle, rollback_effects, upcoming
from app.tasks.lifecycle import Act
from app.tasks.loading import LONGEST_REASON, hold_rows, open_task, task_facts
from app.tasks.models import PointTask, Task
from app.tasks.rollback import rules
from app.tasks.rollback.live_rows import LiveRow, effects, read_rows, touched_points
from app.tasks.rollback.writing import write
from app.tasks.rollback_effects import Effect
from app.tasks.telling import aftercare, tellings
from app.tasks.telling.about import about_task, recipients
from app.tasks.telling.points import Point
from app.work import form_keys, history, questions
from app.work.models import HistoryEvent

NO_LONGER = "升级已回退，请看最新的消息。"


@dataclass(frozen=True)
class Done:
    """How many rows must be restored, and how many of the others wait for a later upgrade."""

    to_restore: int
    frozen: int


@repeatable
def roll_back(
    task_id: int,
    *,
    by: Person,
    module_ids: set[int],
    reason: str,
    due_at: datetime | None = None,
    seen_version: int | None,
    form_key: str,
    confirmed: questions.Confirmed = None,
) -> Done | None:
    """Roll modules back at every point; None for a repeat of the same form.

    Items that were 是 become 需回退 and their rows open again, the others become
    暂不升级 and are no longer waited for. With `due_at` the rows to be restored
    get that deadline, else theirs stays, with no reminder before the next
    working morning where it has passed. In the same commit people's older
    messages about these points are taken back and they are told anew: T-71
    and T-72 at most once each, T-73 to those copied in.
    """
    reason = _explanation(reason, due_at)
    questions.require(questions.of_far(due_at, what="回退完成时间"), confirmed)
    foreseen = _foreseen(task_id, module_ids, due_at=due_at)
    with transaction() as current:
        if form_keys.claim(current, form_key, by=by, act=Act.ROLL_BACK).repeated:
            return None
        task = open_task(current, task_id, by=by, seen_version=seen_version)
        hold_rows(current, task)
        lifecycle.require_task(Act.ROLL_BACK, task_facts(current, task))
        if foreseen is None or foreseen.of != _of(current, task):
            foreseen = _foresee(current, task, module_ids, due_at=due_at)
        touched = foreseen.touched
        known = {module.id for module in task.patch.modules} if task.patch else set()
        rules.require_some(list(touched.values()), module_ids, known)
        write(current, task, foreseen.rows, touched, module_ids, due_at=due_at)
        upcoming.look_ahead(current, task)
        event = _record(current, task, touched, by=by, reason=reason, due_at=due_at)
        points = touched_points(foreseen.rows, touched)
        aftercare.gone(current, task, [point for point, _ in points], words=NO_LONGER, grey="已回退")
        for messages in foreseen.messages:
            outbox.announce(current, event, messages)
        restore = sum(bool(effect.to_restore) for effect in touched.values())
        return Done(restore, len(touched) - restore)


Of = tuple[int, int, int]
"""The version of a task, how many live rows it has, and how often these were changed in all."""


@dataclass(frozen=True)
class _Foreseen:
    """What a rollback does and says while task and rows stand as `of` says."""

    of: Of
    rows: Sequence[LiveRow]
    touched: dict[int, Effect]
    messages: Sequence[outbox.Prepared]


def _foreseen(task_id: int, module_ids: set[int], *, due_at: datetime | None) -> _Foreseen | None:
    """The same before SQLite's one write lock is taken, for reading a hundred thousand items takes seconds."""
    task = session().get(Task, task_id)
    if task is None or task.published_at is None or not module_ids:
        return None
    return _foresee(session(), task, module_ids, due_at=due_at)


def _foresee(current: Session, task: Task, module_ids: set[int], *, due_at: datetime | None) -> _Foreseen:
    of = _of(current, task)  # first: what changes while the rows are read is found out
    rows = read_rows(current, task)
    touched = effects(rows, module_ids)
    told = told_of(current, task, touched_points(rows, touched), due_at=due_at)
    return _Foreseen(of, rows, touched, [outbox.prepare(current, part) for part in _in_two(told)])


def _of(current: Session, task: Task) -> Of:
    live = (PointTask.task_id == task.id, PointTask.revoked_at.is_(None))
    changed = sa.func.coalesce(sa.func.sum(PointTask.version), 0)
    number, versions = current.execute(sa.select(sa.func.count(), changed).where(*live)).one()
    return task.version, int(number), int(versions)


def _explanation(reason: str, due_at: datetime | None) -> str:
    reason = reason.strip()
    wrong = {}
    if not reason:
        wrong["reason"] = "请填写回退说明，实施人会看到。"
    elif len(reason) > LONGEST_REASON:
        wrong["reason"] = f"回退说明最多 {LONGEST_REASON} 个字，现在有 {len(reason)} 个。"
    if due_at is not None and due_at <= clock.now():
        wrong["due_at"] = "回退完成时间已过，请选择晚一些的时间，或留空。"
    if wrong:
        raise BadInput(fields=wrong)
    return reason


def _record(
    session: Session,
    task: Task,
    touched: dict[int, Effect],
    *,
    by: Person,
    reason: str,
    due_at: datetime | None,
) -> HistoryEvent:
    """On every touched row what became of its modules, and on the task the act that people are told of."""
    due = clock.shown(due_at) if due_at else ""
    facts = {
        row_id: {
            "explanation": reason,
            "changes": rules.changes(effect),
            **({"new_due": due} if effect.to_restore else {}),
        }
        for row_id, effect in touched.items()
    }
    history.record_many(session, PointTask, facts, Act.ROLL_BACK, by=by)
    modules = rollback_effects.together(touched.values())
    names = list(dict.fromkeys([*modules.to_restore, *modules.frozen]))
    return history.record(
        session,
        task,
        Act.ROLL_BACK,
        by=by,
        explanation=reason,
        modules=names,
        points=len(touched),
        new_due=due,
    )


def told_of(
    session: Session,
    task: Task,
    points: Sequence[tuple[Point, Effect]],
    *,
    due_at: datetime | None = None,
) -> list[Telling]:
    """Everything that people are told of a rollback, before it is done or while."""
    people = recipients(session, [point for point, _ in points])
    if due_at is not None:
        points = [
            (point._replace(due_at=due_at) if effect.to_restore else point, effect)
            for point, effect in points
        ]
    return list(tellings.rolled_back(about_task(task), points, people))


def _in_two(told: Sequence[Telling]) -> tuple[list[Telling], list[Telling]]:
    """Who must restore here and waits there gets two messages: each lists its own points."""
    restores = {one.to.id for one in told if one.wording == tellings.RESTORE}
    first: list[Telling] = []
    second: list[Telling] = []
    for one in told:
        waits_as_well = one.wording == tellings.WAIT and one.to.id in restores
        (second if waits_as_well else first).append(one)
    return first, second
