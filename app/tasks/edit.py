"""编辑任务: change a published task, and tell whom it concerns (T-11, Q40)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app import clock
from app.db import Session, among, transaction
from app.errors import BadInput
from app.locks import repeatable
from app.notices import outbox
from app.notices.telling import points_in_words
from app.people.models import Person
from app.places.models import Place
from app.places.names import told_apart
from app.tasks import copies, counts, items, labels, ladder, lifecycle, publish, reminders, sent, tellings
from app.tasks.labels import ROLLED_BACK, ItemState, Label
from app.tasks.lifecycle import Act
from app.tasks.models import Patch, PointTask, Task
from app.tasks.points import hold_rows, points_of
from app.tasks.supervise import open_task, task_facts
from app.work import form_keys, history

WAS_OVERDUE = "was_overdue"


@repeatable
def edit(
    task_id: int, form: publish.PublishForm, *, by: Person, seen_version: int | None, form_key: str
) -> None:
    """Change deadline, urgency, 说明, points; type and 补丁包 while nothing is done yet.

    People of added points get T-62 / T-63, of removed ones T-70; a point with
    progress cannot be removed. Everyone else who has the task reads of the
    change in the app, also those copied in since `renew_copied_in`. One
    commit; BadInput names each field.
    """
    with transaction() as session:
        if form_keys.claim(session, form_key, by=by, act=Act.EDIT).repeated:
            return
        task = open_task(session, task_id, by=by, seen_version=seen_version)
        hold_rows(session, task)
        lifecycle.require_task(Act.EDIT, task_facts(session, task))
        publish.check(form, unchanged_due=task.due_at)
        present = _present(session, task)
        added = set(form.place_codes) - present.keys()
        removed = present.keys() - set(form.place_codes)
        _refuse_lost_work(session, task, removed)
        _refuse_late_points(form, added)
        if added and items.any_in(session, task, *ROLLED_BACK):
            raise BadInput(fields={"places": "这条升级任务已回退，不能再增加点位。请发布接续的升级任务。"})
        changes = _changes(task, form) | _other_patch(session, task, form) | _moves(session, added, removed)
        if form.renew_copied_in and (renewed := _renew(session, task, form, by=by)):
            changes["抄送人"] = f"{renewed} 个点位改为支持区域里现在登记的"
        if not changes:
            return
        gone = points_of(session, task, PointTask.place_code.in_(removed), PointTask.revoked_at.is_(None))
        kept = points_of(session, task, PointTask.place_code.not_in(removed), _waited_for(), _live())
        _apply(session, task, form, by=by)
        _withdraw(session, task, removed)
        new = _add(session, task, added, named=form.named)
        if new:
            reminders.look_ahead(session, task)
        counts.rewrite(session, task.id)
        event = history.record(session, task, Act.EDIT, by=by, changes=changes)
        if gone:
            sent.gone(session, task, gone, words="点位已从任务中去掉。", grey="已撤销")
        people = publish.recipients(session, [*new, *gone, *kept])
        about = publish.about(task)
        # Each with its own points and buttons: who has an added, a removed and a kept point reads three facts.
        outbox.announce(session, event, tellings.published(about, new, people))
        outbox.announce(session, event, tellings.revoked(about, gone, people))
        outbox.announce(session, event, tellings.edited(about, kept, people))


def _live() -> sa.ColumnElement[bool]:
    return PointTask.revoked_at.is_(None)


def _waited_for() -> sa.ColumnElement[bool]:
    """Not closed, and not 暂不升级 as a whole."""
    return sa.and_(PointTask.closed_at.is_(None), PointTask.items_total > 0)


def _present(session: Session, task: Task) -> dict[str, int]:
    query = sa.select(PointTask.place_code, PointTask.id).where(PointTask.task_id == task.id, _live())
    return {row.place_code: row.id for row in session.execute(query)}


def _refuse_lost_work(session: Session, task: Task, removed: set[str]) -> None:
    query = sa.select(PointTask).where(
        PointTask.task_id == task.id,
        PointTask.place_code.in_(removed),
        sa.or_(
            PointTask.items_done > 0,
            PointTask.closed_at.is_not(None),
            PointTask.rolled_back_at.is_not(None),
            PointTask.latest_note != "",
        ),
    )
    places = [row.place for row in session.execute(query.limit(6)).unique().scalars()]
    names = told_apart((place.name, place.path) for place in places)
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


def _other_patch(session: Session, task: Task, form: publish.PublishForm) -> dict[str, Any]:
    ids = (task.patch_id, _patch_id(form))
    if ids[0] == ids[1]:
        return {}
    patches = [session.get(Patch, one) if one else None for one in ids]
    return {"补丁包": [patch.title if patch else "" for patch in patches]}


def _moves(session: Session, added: set[str], removed: set[str]) -> dict[str, Any]:
    """Added and removed places by name, the first ones of many."""
    found = {}
    for name, codes in (("增加点位", added), ("去掉点位", removed)):
        if codes:
            query = sa.select(Place.name, Place.path).where(among(Place.code, codes)).order_by(Place.code)
            found[name] = points_in_words(told_apart((one.name, one.path) for one in session.execute(query)))
    return found


def _refuse_late_points(form: publish.PublishForm, added: set[str]) -> None:
    """Nobody is handed a task whose deadline has passed already."""
    if added and form.due_at is not None and form.due_at <= clock.now():
        raise BadInput(
            fields={"due_at": f"完成时间 {clock.shown(form.due_at)} 已过，增加点位时请同时改为晚一些的时间。"}
        )


def _renew(session: Session, task: Task, form: publish.PublishForm, *, by: Person) -> int:
    return copies.renew(session, form.place_codes, by=by, task_id=task.id)


def _apply(session: Session, task: Task, form: publish.PublishForm, *, by: Person) -> None:
    """The new values on the task, and on its open rows what follows from them (Q10)."""
    if (form.type, _patch_id(form)) != (task.type, task.patch_id):
        _retype(session, task, form)
    if form.due_at is not None and form.due_at != task.due_at:
        _remember_overdue(session, task, by=by)
        _move_deadline(session, task, form.due_at)
    task.urgency, task.note = form.urgency, form.note
    task.version += 1
    session.flush()


def _retype(session: Session, task: Task, form: publish.PublishForm) -> None:
    """Another type or 补丁包, with the items that it brings; only while no item is 是 (Q40)."""
    if items.any_in(session, task, *(state for state in ItemState if state != ItemState.OPEN)):
        field, what = ("type", "任务类型") if form.type != task.type else ("patch", "补丁包")
        raise BadInput(fields={field: f"已有点位完成了明细，{what}不能再修改。"})
    task.type, task.patch_id = form.type, _patch_id(form)
    items.require_patch(session, task.patch_id)
    session.flush()
    session.expire(task, ["patch"])
    items.replace(session, task)


def _patch_id(form: publish.PublishForm) -> int | None:
    return form.patch_id if items.comes_from_patch(form.type) else None


def _remember_overdue(session: Session, task: Task, *, by: Person) -> None:
    """曾超期: what the new deadline makes on time again stays in the history of the row (Q10)."""
    late = PointTask.overdue_at.is_not(None), PointTask.closed_at.is_(None), _live()
    query = sa.select(PointTask.id, PointTask.due_at).where(PointTask.task_id == task.id, *late)
    facts = {row.id: {"was_due": clock.shown(row.due_at)} for row in session.execute(query)}
    history.record_many(session, PointTask, facts, WAS_OVERDUE, by=by)


def _move_deadline(session: Session, task: Task, due_at: datetime) -> None:
    """Open rows follow; what was 已超期 is on time again, 曾超期 stays in the history."""
    task.due_at = due_at
    task.remind_at, task.nag_at = ladder.next_moment(session, due_at), None
    reminders.drop_held(session, task, reason=f"完成时间改为 {clock.shown(due_at)}，不再提醒")
    plain = sa.and_(PointTask.sent_back_at.is_(None), PointTask.rolled_back_at.is_(None))
    session.execute(
        sa.update(PointTask)
        .where(PointTask.task_id == task.id, _waited_for(), _live())
        .values(
            due_at=due_at,
            next_look_at=due_at,
            overdue_at=None,
            escalated_at=None,
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
            row.overdue_at = row.escalated_at = None  # of an earlier deadline
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
