"""编辑任务: change a published task, and tell whom it concerns (T-11, Q40)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app import clock
from app.db import Session, transaction
from app.errors import BadInput
from app.notices import outbox
from app.people.models import Person
from app.tasks import counts, labels, lifecycle, publish, sent, tellings
from app.tasks.labels import Label
from app.tasks.lifecycle import Act
from app.tasks.models import PointTask, Task, TaskItem
from app.tasks.supervise import open_task, points_of, task_facts
from app.work import form_keys, history


def edit(
    task_id: int, form: publish.PublishForm, *, by: Person, seen_version: int | None, form_key: str
) -> None:
    """Change deadline, urgency, 说明, points, and the type while nothing is done yet.

    People of added points get T-62 / T-63, of removed ones T-70; a point with
    progress cannot be removed. Everyone else who has the task reads of the
    change in the app. One commit; BadInput names each field.
    """
    with transaction() as session:
        if form_keys.claim(session, form_key, by=by, act=Act.EDIT).repeated:
            return
        task = open_task(session, task_id, by=by, seen_version=seen_version)
        lifecycle.require_task(Act.EDIT, task_facts(session, task))
        publish.check(form, unchanged_due=task.due_at)
        present = _present(session, task)
        added = set(form.place_codes) - present.keys()
        removed = present.keys() - set(form.place_codes)
        _refuse_lost_work(session, task, removed)
        changes = _changes(task, form) | _moves(added, removed)
        if not changes:
            return
        gone = points_of(session, task, PointTask.place_code.in_(removed), PointTask.revoked_at.is_(None))
        kept = points_of(
            session, task, PointTask.place_code.not_in(removed), PointTask.closed_at.is_(None), _live()
        )
        _apply(session, task, form)
        _withdraw(session, task, removed)
        new = _add(session, task, added, named=form.named)
        counts.rewrite(session, task.id)
        event = history.record(session, task, Act.EDIT, by=by, changes=changes)
        if gone:
            sent.gone(session, task, gone, words="点位已从任务中去掉。", grey="已撤销")
        people = publish.recipients(session, [*new, *gone, *kept])
        about = publish.about(task)
        # The most demanding text first: a person of an added and a removed point is told of both.
        outbox.announce(
            session,
            event,
            [
                *tellings.published(about, new, people),
                *tellings.revoked(about, gone, people),
                *tellings.edited(about, kept, people),
            ],
        )


def _live() -> sa.ColumnElement[bool]:
    return PointTask.revoked_at.is_(None)


def _present(session: Session, task: Task) -> dict[str, int]:
    query = sa.select(PointTask.place_code, PointTask.id).where(PointTask.task_id == task.id, _live())
    return {row.place_code: row.id for row in session.execute(query)}


def _refuse_lost_work(session: Session, task: Task, removed: set[str]) -> None:
    query = sa.select(PointTask).where(
        PointTask.task_id == task.id,
        PointTask.place_code.in_(removed),
        sa.or_(PointTask.items_done > 0, PointTask.closed_at.is_not(None), PointTask.latest_note != ""),
    )
    names = [row.place.name for row in session.execute(query.limit(6)).unique().scalars()]
    if names:
        more = "等" if len(names) > 5 else ""
        raise BadInput(fields={"places": f"{'、'.join(names[:5])}{more}已有反馈或进度，不能从任务中去掉。"})


def _changes(task: Task, form: publish.PublishForm) -> dict[str, Any]:
    """What differs, as [before, after] in the words of the page."""
    before = {"任务类型": task.type, "重要紧急程度": task.urgency, "任务说明": task.note}
    after = {"任务类型": form.type, "重要紧急程度": form.urgency, "任务说明": form.note}
    if task.due_at and form.due_at:
        before["任务要求完成时间"] = clock.shown(task.due_at)
        after["任务要求完成时间"] = clock.shown(form.due_at)
    return {name: [before[name], after[name]] for name in after if before[name] != after[name]}


def _moves(added: set[str], removed: set[str]) -> dict[str, Any]:
    moves = {"增加点位": sorted(added), "去掉点位": sorted(removed)}
    return {name: codes for name, codes in moves.items() if codes}


def _apply(session: Session, task: Task, form: publish.PublishForm) -> None:
    """The new values on the task, and on its open rows what follows from them (Q10)."""
    if form.type != task.type:
        _retype(session, task, form.type)
    if form.due_at is not None and form.due_at != task.due_at:
        _move_deadline(session, task, form.due_at)
    task.urgency, task.note = form.urgency, form.note
    task.version += 1
    session.flush()


def _retype(session: Session, task: Task, new_type: str) -> None:
    started = sa.select(sa.func.count()).where(
        PointTask.task_id == task.id, sa.or_(PointTask.items_done > 0, PointTask.closed_at.is_not(None))
    )
    if session.execute(started).scalar_one():
        raise BadInput(fields={"type": "已有点位完成了明细，任务类型不能再修改。"})
    rows = sa.select(PointTask.id).where(PointTask.task_id == task.id)
    session.execute(
        sa.update(TaskItem)
        .where(TaskItem.point_task_id.in_(rows))
        .values(name=new_type)
        .execution_options(synchronize_session=False)
    )
    task.type = new_type


def _move_deadline(session: Session, task: Task, due_at: datetime) -> None:
    """Open rows follow; what was 已超期 is on time again, 曾超期 stays in the history."""
    task.due_at = due_at
    plain = sa.and_(PointTask.sent_back_at.is_(None), PointTask.rolled_back_at.is_(None))
    session.execute(
        sa.update(PointTask)
        .where(PointTask.task_id == task.id, PointTask.closed_at.is_(None), _live())
        .values(
            due_at=due_at,
            next_look_at=due_at,
            overdue_at=None,
            label=sa.case((plain, Label.NORMAL), else_=PointTask.label),
            version=PointTask.version + 1,
        )
        .execution_options(synchronize_session=False)
    )


def _add(session: Session, task: Task, codes: set[str], *, named: Mapping[str, int]) -> list[tellings.Point]:
    """Rows for added points; one that was removed before gets its old row back."""
    if not codes:
        return []
    old = PointTask.task_id == task.id, PointTask.place_code.in_(codes), PointTask.revoked_at.is_not(None)
    back = {
        row.place_code: row for row in session.execute(sa.select(PointTask).where(*old)).unique().scalars()
    }
    plan = publish.plan_for(sorted(codes), named=named)
    publish.refuse_gaps(plan)
    for place, who in plan.points:
        if row := back.get(place.code):
            row.revoked_at, row.due_at, row.next_look_at = None, task.due_at or row.due_at, task.due_at
            row.implementer_id = who.implementer_id or row.implementer_id
            row.supervisor_id, row.service_manager_id = who.supervisor_id, who.service_manager_id
            row.label = labels.label_of(row)
            row.version += 1
    plan.points = [(place, who) for place, who in plan.points if place.code not in back]
    session.flush()
    counts.clear(session, task.id)
    fresh = publish.insert_rows(session, task, plan) if plan.points else []
    return fresh + [tellings.point_of(row) for row in back.values()]


def _withdraw(session: Session, task: Task, removed: set[str]) -> None:
    """A removed point keeps its row, revoked, so that history and notices still lead somewhere."""
    session.execute(
        sa.update(PointTask)
        .where(PointTask.task_id == task.id, PointTask.place_code.in_(removed))
        .values(
            revoked_at=clock.now(),
            next_look_at=None,
            label=Label.REVOKED,
            version=PointTask.version + 1,
        )
        .execution_options(synchronize_session=False)
    )
