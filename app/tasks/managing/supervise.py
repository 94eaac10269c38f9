"""What a publisher does with published work: urge, send back, revoke."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from app import clock
from app.db import Session, among, transaction
from app.errors import BadInput, Conflict
from app.locks import repeatable
from app.notices.queue import night, outbox
from app.people.models import Person
from app.tasks import changes, counts, labelling, lifecycle, upcoming
from app.tasks.labels import Label
from app.tasks.lifecycle import Act
from app.tasks.loading import LONGEST_REASON, hold_rows, open_row, open_task, parts_of, task_facts
from app.tasks.managing import urging
from app.tasks.managing.urging import Whom
from app.tasks.models import PointTask, Task
from app.tasks.telling import aftercare, scopes, tellings
from app.tasks.telling.about import about_task, recipients
from app.tasks.telling.points import point_of, points_of
from app.work import calendar_days, form_keys, history, questions
from app.work.calendar import next_working_morning


@dataclass(frozen=True)
class Urged:
    """What 一键催办 did: how many people it told, how many it left alone."""

    people: int
    cooling: int = 0
    held_until: datetime | None = None  # where it is a quiet hour now
    departed: tuple[str, ...] = ()  # 实施人 whom nothing reaches, by name


@repeatable
def urge(point_task_id: int, *, by: Person, form_key: str) -> tuple[str, ...]:
    """催办 one row: T-66 to its 实施人, T-67 to those copied in (T-55). Facts decide, no version.

    Who was urged about the task a moment ago is left alone; Conflict where
    that is the 实施人. Returns the name of the 实施人 where nothing reaches
    them, so that those copied in alone were told.
    """
    with transaction() as session:
        if form_keys.claim(session, form_key, by=by, act=Act.URGE).repeated:
            return ()
        row = open_row(session, point_task_id, None, by=by)
        lifecycle.require(Act.URGE, lifecycle.facts_of(row), parts_of(by, row))
        found = urging.urging_one(session, row.task, point_of(row))
        cools = row.implementer_id in found.round.heard
        if (cools and row.id not in found.urged_rows) or (found.departed and not found.round.going):
            raise Conflict(found.why_nobody)
        changes.urge(row, at=clock.now())
        event = history.record(session, row, Act.URGE, by=by)
        outbox.announce(session, event, found.round.told)
        return found.departed


@repeatable
def urge_all(task_id: int, *, by: Person, form_key: str, whom: Whom = Whom.ALL) -> Urged:
    """一键催办: one message per person over all unfinished rows (T-14, Q9, Q42).

    Of two managers at once the second finds everybody urged a moment ago:
    Conflict says so, nothing is sent. A repeat of the same form gets the first
    result.
    """
    with transaction() as session:
        claim = form_keys.claim(session, form_key, by=by, act=Act.URGE_ALL)
        if claim.repeated:
            return Urged(people=claim.result or 0)
        task = open_task(session, task_id, by=by, seen_version=None)
        lifecycle.require_task(Act.URGE_ALL, task_facts(session, task))
        found = urging.urging_all(session, task, whom)
        waits = tellings.may_wait(task.type)
        done = Urged(
            people=len(found.round.one_each),
            cooling=len(found.round.cooling),
            held_until=outbox.quiet_until(waits=waits),
            departed=found.departed,
        )
        if not done.people:
            raise Conflict(found.why_nobody)
        session.execute(
            sa.update(PointTask)
            .where(among(PointTask.id, found.urged_rows))
            .values(urged_at=clock.now(), urge_count=PointTask.urge_count + 1)
            .execution_options(synchronize_session=False)
        )
        event = history.record(
            session,
            task,
            Act.URGE_ALL,
            by=by,
            points=len(found.points),
            people=done.people,
            skipped=done.cooling,
        )
        outbox.announce(session, event, found.round.told, waits=waits)
        claim.leads_to(done.people)
        return done


@repeatable
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
    confirmed: questions.Confirmed = None,
) -> None:
    """Reopen the ticked items of a closed row (打回, T-56…T-59, Q2…Q5).

    The notices are queued in the same commit as the change, so people are
    told if and only if the work really was sent back.
    """
    words = _words(reason=reason, impact=impact, repair=repair, required=("reason", "impact"))
    if new_due_at is not None and new_due_at <= clock.now():
        raise BadInput(fields={"due_at": "新的完成时间已过，请选择晚一些的时间，或留空。"})
    questions.require(questions.of_far(new_due_at, what="新的完成时间"), confirmed)
    with transaction() as session:
        if form_keys.claim(session, form_key, by=by, act=Act.SEND_BACK).repeated:
            return
        row = open_row(session, point_task_id, seen_version, by=by)
        due_before, was_overdue = row.due_at, row.overdue_at is not None
        lifecycle.require(Act.SEND_BACK, lifecycle.facts_of(row), parts_of(by, row))
        with counts.kept(session, row):
            reopened = changes.send_back(
                row,
                row.items,
                item_ids,
                at=clock.now(),
                new_due_at=new_due_at,
                task_due_at=row.task.due_at or row.due_at,
                quiet_until=next_working_morning(clock.now(), overrides=calendar_days.overrides(session)),
            )
        row.version += 1
        upcoming.look_ahead(session, row.task)
        moved = new_due_at is not None or row.due_at != due_before
        due = clock.shown(row.due_at) if moved else ""
        was_due = clock.shown(due_before) if moved and was_overdue else ""
        event = history.record(
            session,
            row,
            Act.SEND_BACK,
            by=by,
            items=reopened,
            new_due=due,
            was_due=was_due,
            reason=words["reason"],
            impact=words["impact"],
            repair=words["repair"],
        )
        aftercare.sent_back(session, row)
        points = [point_of(row)]
        people = recipients(session, points)
        outbox.announce(session, event, tellings.sent_back(about_task(row.task), points, people))


@repeatable
def revoke(task_id: int, *, by: Person, reason: str, seen_version: int | None, form_key: str) -> int:
    """任务撤销: every row becomes 已撤销 and everybody is told (T-12, T-13, Q33, Q34); returns how many rows."""
    words = _words(reason=reason, required=("reason",))
    with transaction() as session:
        claim = form_keys.claim(session, form_key, by=by, act=Act.REVOKE)
        if claim.repeated:
            return claim.result or 0
        task = open_task(session, task_id, by=by, seen_version=seen_version)
        lifecycle.require_task(Act.REVOKE, task_facts(session, task))
        hold_rows(session, task)
        points = points_of(session, task, PointTask.revoked_at.is_(None))
        closed = _closed_rows(session, task)
        now = clock.now()
        changes.revoke(task, by_id=by.id, at=now)
        session.execute(
            sa.update(PointTask)
            .where(PointTask.task_id == task.id, PointTask.revoked_at.is_(None))
            .values(labelling.with_label(revoked_at=now, next_look_at=None))
            .execution_options(synchronize_session=False)
        )
        counts.rewrite(session, task.id)
        night.drop(session, scopes.of_task(task.id), reason="任务已撤销，不再提醒")
        event = history.record(
            session, task, Act.REVOKE, by=by, points=len(points), closed_before=closed, reason=words["reason"]
        )
        aftercare.revoked(session, task)
        people = recipients(session, points)
        outbox.announce(session, event, tellings.revoked(about_task(task), points, people))
        claim.leads_to(len(points))
        return len(points)


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
