"""编辑任务: change a published task, and tell whom it concerns (T-11, Q40, Q52)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import sqlalchemy as sa

from app import clock
from app.db import Session, among, transaction
from app.errors import BadInput
from app.locks import repeatable
from app.notices.queue import outbox
from app.people.models import Person
from app.places.names import told_apart
from app.tasks import changes, counts, items, labelling, labels, lifecycle, upcoming
from app.tasks.labels import ROLLED_BACK, ItemState
from app.tasks.lifecycle import Act
from app.tasks.loading import hold_rows, open_task, task_facts
from app.tasks.models import PointTask, Task
from app.tasks.publishing import copied_in, edit_plan, new_deadline
from app.tasks.publishing.edit_plan import EditPlan
from app.tasks.publishing.plan import DUE, PublishForm, check_form, plan_for, refuse_gaps
from app.tasks.publishing.planned_rows import insert_rows
from app.tasks.telling import aftercare, tellings
from app.tasks.telling.about import about_task, recipients
from app.tasks.telling.points import Point, point_of, points_of
from app.work import form_keys, history, questions
from app.work.models import HistoryEvent


@repeatable
def edit(
    task_id: int,
    form: PublishForm,
    *,
    by: Person,
    seen_version: int | None,
    form_key: str,
    confirmed: questions.Confirmed = None,
) -> None:
    """Change what the form says otherwise than the task, and nothing else (T-11).

    Deadline, urgency, 说明, points; type and 补丁包 while nothing is done yet. A row
    with a deadline of its own keeps it unless `form.own_due_too`. People of
    added points get T-62 / T-63, of removed ones T-70; a point with progress
    cannot be removed. Whose card says something else now is told of it, in the
    app only if `form.silent`; everyone else who has the task reads of other
    changes in the app, also those copied in since `renew_copied_in`. One
    commit; BadInput names each field, AsksFirst asks about a deadline far away.
    """
    with transaction() as session:
        if form_keys.claim(session, form_key, by=by, act=Act.EDIT).repeated:
            return
        task = open_task(session, task_id, by=by, seen_version=seen_version)
        hold_rows(session, task)
        lifecycle.require_task(Act.EDIT, task_facts(session, task))
        found = edit_plan.plan(session, task, form)
        _refuse(session, task, found)
        if found.due_at != task.due_at:
            questions.require(questions.of_far(found.due_at, what=DUE), confirmed)
        facts = found.facts
        if form.renew_copied_in and (renewed := _renew(session, task, form, by=by)):
            facts["抄送人"] = f"{renewed} 个点位改为支持区域里现在登记的"
            found = replace(edit_plan.plan(session, task, form), facts=facts)
        if not facts:
            return
        gone = points_of(session, task, among(PointTask.place_code, found.removed), _live())
        _apply(session, task, found, by=by)
        _withdraw(session, task, found.removed)
        new = _add(session, task, found.added, named=form.named)
        if new:
            upcoming.look_ahead(session, task)
        counts.rewrite(session, task.id)
        event = history.record(session, task, Act.EDIT, by=by, changes=facts)
        _tell(session, task, found, event, new=new, gone=gone)


def _refuse(session: Session, task: Task, found: EditPlan) -> None:
    """BadInput naming the fields of what cannot be saved."""
    check_form(found.form, unchanged_due=task.due_at)
    _refuse_lost_work(session, task, found.removed)
    _refuse_late_points(found)
    if found.added and items.any_in(session, task, *ROLLED_BACK):
        raise BadInput(fields={"places": "这条升级任务已回退，不能再增加点位。请发布接续的升级任务。"})


def _tell(
    session: Session,
    task: Task,
    found: EditPlan,
    event: HistoryEvent,
    *,
    new: Sequence[Point],
    gone: Sequence[Point],
) -> None:
    """Each group apart, with its own points and buttons: who is in several reads each fact by itself."""
    stay = [row.point for row in found.rows]
    people = recipients(session, [*new, *gone, *stay])
    about = about_task(task)
    pushed, quiet = found.told(about, people)
    changed = outbox.prepare(session, pushed)
    if gone:
        aftercare.gone(session, task, gone, words="点位已从任务中去掉。", grey="已撤销")
    aftercare.edited(session, task, [row.point for row in found.concerned], ringing=changed.ringing)
    outbox.announce(session, event, tellings.published(about, new, people))
    outbox.announce(session, event, tellings.revoked(about, gone, people))
    outbox.announce(session, event, changed)
    outbox.announce(session, event, quiet)


def _live() -> sa.ColumnElement[bool]:
    return PointTask.revoked_at.is_(None)


def _refuse_lost_work(session: Session, task: Task, removed: Collection[str]) -> None:
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


def _refuse_late_points(found: EditPlan) -> None:
    """Nobody is handed a task, or a row its deadline, that has passed already."""
    if found.due_at > clock.now():
        return
    due = clock.shown(found.due_at)
    if found.added:
        raise BadInput(fields={"due_at": f"完成时间 {due} 已过，增加点位时请同时改为晚一些的时间。"})
    if found.moved:
        raise BadInput(
            fields={"due_at": f"完成时间 {due} 已过，请先改为晚一些的时间，再让其他点位与它一致。"}
        )


def _renew(session: Session, task: Task, form: PublishForm, *, by: Person) -> int:
    return copied_in.renew(session, form.place_codes, by=by, task_id=task.id)


def _apply(session: Session, task: Task, found: EditPlan, *, by: Person) -> None:
    """The new values on the task, and on its open rows what follows from them (Q10)."""
    form = found.form
    if (form.type, edit_plan.patch_of(form)) != (task.type, task.patch_id):
        _retype(session, task, form)
    if found.moves_deadlines:
        new_deadline.move(session, task, found.moved, found.due_at, by=by)
    task.urgency, task.note = form.urgency, form.note
    task.version += 1
    session.flush()


def _retype(session: Session, task: Task, form: PublishForm) -> None:
    """Another type or 补丁包, with the items that it brings; only while no item is 是 (Q40)."""
    if items.any_in(session, task, *(state for state in ItemState if state != ItemState.OPEN)):
        field, what = ("type", "任务类型") if form.type != task.type else ("patch", "补丁包")
        raise BadInput(fields={field: f"已有点位完成了明细，{what}不能再修改。"})
    task.type, task.patch_id = form.type, edit_plan.patch_of(form)
    items.require_patch(session, task.patch_id)
    session.flush()
    session.expire(task, ["patch"])
    items.replace(session, task)


def _add(session: Session, task: Task, codes: Collection[str], *, named: Mapping[str, int]) -> list[Point]:
    """Rows for added points; one that was removed before gets its old row back."""
    if not codes:
        return []
    old = PointTask.task_id == task.id, PointTask.place_code.in_(codes), PointTask.revoked_at.is_not(None)
    back = {
        row.place_code: row for row in session.execute(sa.select(PointTask).where(*old)).unique().scalars()
    }
    plan = plan_for(sorted(codes), named=named)
    refuse_gaps(plan)
    for place, who in plan.points:
        if row := back.get(place.code):
            changes.add_again(row, due_at=task.due_at or row.due_at)
            row.implementer_id = who.implementer_id or row.implementer_id
            row.supervisor_id, row.service_manager_id = who.supervisor_id, who.service_manager_id
            row.label = labels.label_of(row)
            row.version += 1
    plan.points = [(place, who) for place, who in plan.points if place.code not in back]
    session.flush()
    counts.clear(session, task.id)
    fresh = insert_rows(session, task, plan) if plan.points else []
    return fresh + [point_of(row) for row in back.values()]


def _withdraw(session: Session, task: Task, removed: Collection[str]) -> None:
    """A removed point keeps its row, revoked, so that history and notices still lead somewhere."""
    session.execute(
        sa.update(PointTask)
        .where(PointTask.task_id == task.id, PointTask.place_code.in_(removed))
        .values(labelling.with_label(revoked_at=clock.now(), next_look_at=None))
        .execution_options(synchronize_session=False)
    )
