"""What a publisher does with published work: urge, send back, revoke."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from app import clock
from app.db import Session, transaction
from app.errors import BadInput, NotFound
from app.notices import outbox
from app.people.models import Person
from app.places.models import Place
from app.tasks import counts, lifecycle, publish, sent, tellings
from app.tasks.access import manages
from app.tasks.implement import NOT_FOUND, parts_of
from app.tasks.labels import Label
from app.tasks.lifecycle import Act
from app.tasks.models import PointTask, Task
from app.work import form_keys, history
from app.work.calendar import next_working_morning
from app.work.models import HistoryEvent

LONGEST_REASON = 500


def urge(point_task_id: int, *, by: Person, form_key: str) -> None:
    """催办 one row: T-66 to its 实施人, T-67 to those copied in (T-55). Facts decide, no version."""
    with transaction() as session:
        if form_keys.claim(session, form_key, by=by, act=Act.URGE).repeated:
            return
        row = history.open_for_change(session, PointTask, point_task_id, None)
        lifecycle.require(Act.URGE, lifecycle.facts_of(row), parts_of(by, row))
        lifecycle.urge(row, at=clock.now())
        event = history.record(session, row, Act.URGE, by=by)
        _tell_of_urge(session, event, row.task, [tellings.point_of(row)])


def urge_all(task_id: int, *, by: Person, form_key: str) -> int:
    """一键催办: one message per person over all unfinished rows (T-14, Q9, Q42); returns how many rows."""
    with transaction() as session:
        claim = form_keys.claim(session, form_key, by=by, act=Act.URGE_ALL)
        if claim.repeated:
            return claim.subject_id or 0
        task = open_task(session, task_id, by=by, seen_version=None)
        lifecycle.require_task(Act.URGE_ALL, task_facts(session, task))
        unfinished = (
            PointTask.closed_at.is_(None),
            PointTask.revoked_at.is_(None),
            PointTask.items_total > 0,
        )
        points = points_of(session, task, *unfinished)
        session.execute(
            sa.update(PointTask)
            .where(PointTask.task_id == task.id, *unfinished)
            .values(urged_at=clock.now(), urge_count=PointTask.urge_count + 1)
            .execution_options(synchronize_session=False)
        )
        event = history.record(session, task, Act.URGE_ALL, by=by, points=len(points))
        _tell_of_urge(session, event, task, points)
        claim.leads_to(len(points))
        return len(points)


def send_back(
    point_task_id: int,
    *,
    by: Person,
    item_ids: set[int],
    reason: str,
    impact: str,
    repair: str = "",
    new_due_at: datetime | None = None,
    seen_version: int | None,
    form_key: str,
) -> None:
    """Reopen the ticked items of a closed row (打回, T-56…T-59, Q2…Q5).

    The notices are queued in the same commit as the change, so people are
    told if and only if the work really was sent back.
    """
    words = _words(reason=reason, impact=impact, repair=repair, required=("reason", "impact"))
    if new_due_at is not None and new_due_at <= clock.now():
        raise BadInput(fields={"due_at": "新的完成时间已过，请选择晚一些的时间，或留空。"})
    with transaction() as session:
        if form_keys.claim(session, form_key, by=by, act=Act.SEND_BACK).repeated:
            return
        row = history.open_for_change(session, PointTask, point_task_id, seen_version)
        lifecycle.require(Act.SEND_BACK, lifecycle.facts_of(row), parts_of(by, row))
        reopened = lifecycle.send_back(
            row,
            row.items,
            item_ids,
            at=clock.now(),
            new_due_at=new_due_at,
            quiet_until=next_working_morning(clock.now()),
        )
        counts.relabel(session, row)
        row.version += 1
        due = clock.shown(new_due_at) if new_due_at else ""
        event = history.record(session, row, Act.SEND_BACK, by=by, items=reopened, new_due=due, **words)
        sent.sent_back(session, row)
        points = [tellings.point_of(row)]
        people = publish.recipients(session, points)
        outbox.announce(session, event, tellings.sent_back(publish.about(row.task), points, people))


def revoke(task_id: int, *, by: Person, reason: str, seen_version: int | None, form_key: str) -> int:
    """任务撤销: every row becomes 已撤销 and everybody is told (T-12, T-13, Q33, Q34); returns how many rows."""
    words = _words(reason=reason, required=("reason",))
    with transaction() as session:
        claim = form_keys.claim(session, form_key, by=by, act=Act.REVOKE)
        if claim.repeated:
            return claim.subject_id or 0
        task = open_task(session, task_id, by=by, seen_version=seen_version)
        lifecycle.require_task(Act.REVOKE, task_facts(session, task))
        points = points_of(session, task, PointTask.revoked_at.is_(None))
        closed = _closed_rows(session, task)
        now = clock.now()
        lifecycle.revoke(task, by_id=by.id, at=now)
        session.execute(
            sa.update(PointTask)
            .where(PointTask.task_id == task.id, PointTask.revoked_at.is_(None))
            .values(revoked_at=now, next_look_at=None, label=Label.REVOKED, version=PointTask.version + 1)
            .execution_options(synchronize_session=False)
        )
        counts.rewrite(session, task.id)
        event = history.record(
            session, task, Act.REVOKE, by=by, points=len(points), closed_before=closed, **words
        )
        sent.revoked(session, task)
        people = publish.recipients(session, points)
        outbox.announce(session, event, tellings.revoked(publish.about(task), points, people))
        claim.leads_to(len(points))
        return len(points)


def open_task(session: Session, task_id: int, *, by: Person, seen_version: int | None) -> Task:
    """A published task for change by someone who manages it; NotFound for everyone else."""
    task = session.get(Task, task_id)
    if task is None or task.published_at is None or not manages(by, task):
        raise NotFound(NOT_FOUND)
    return history.open_for_change(session, Task, task_id, seen_version)


def task_facts(session: Session, task: Task) -> lifecycle.TaskFacts:
    """What the guards of acts on a whole task need to know."""
    rows = Counter(counts.by_label(session, task.id))
    finished = rows[Label.CLOSED] + rows[Label.REVOKED] + rows[Label.NOT_UPGRADED]
    return lifecycle.TaskFacts(revoked=task.revoked_at is not None, unfinished=rows.total() - finished)


def points_of(session: Session, task: Task, *conditions: sa.ColumnElement[bool]) -> list[tellings.Point]:
    """The rows of a task that meet `conditions`, as tellings need them."""
    query = (
        sa.select(
            PointTask.id,
            Place.name,
            PointTask.implementer_id,
            PointTask.supervisor_id,
            PointTask.service_manager_id,
        )
        .join(Place, Place.code == PointTask.place_code)
        .where(PointTask.task_id == task.id, *conditions)
        .order_by(PointTask.id)
    )
    return [tellings.Point(*row) for row in session.execute(query)]


def _tell_of_urge(
    session: Session, event: HistoryEvent, task: Task, points: Sequence[tellings.Point]
) -> None:
    people = publish.recipients(session, points)
    outbox.announce(session, event, tellings.urged(publish.about(task), points, people))


def _closed_rows(session: Session, task: Task) -> int:
    return counts.by_label(session, task.id).get(Label.CLOSED, 0)


NAMES = {"reason": "原因", "impact": "影响范围", "repair": "修复情况"}


def _words(*, required: tuple[str, ...], **texts: str) -> dict[str, str]:
    """The typed reasons, trimmed; BadInput names each that is missing or too long."""
    texts = {key: text.strip() for key, text in texts.items()}
    wrong = {key: f"请填写{NAMES[key]}。" for key in required if not texts[key]}
    for key, text in texts.items():
        if len(text) > LONGEST_REASON:
            wrong[key] = f"{NAMES[key]}最多 {LONGEST_REASON} 个字，现在有 {len(text)} 个。"
    if wrong:
        raise BadInput(fields=wrong)
    return texts
