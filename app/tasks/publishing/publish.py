"""发布: one task for every chosen place, and everybody told, in one commit."""

from app import clock
from app.db import Session, session, transaction
from app.errors import AsksFirst
from app.locks import hold, repeatable
from app.notices.queue import outbox
from app.people.models import Person
from app.tasks import items, upcoming
from app.tasks.lifecycle import Act
from app.tasks.models import Task
from app.tasks.publishing import again, foreseen, preparing
from app.tasks.publishing.drafts import continued
from app.tasks.publishing.plan import (
    DUE,
    PublishForm,
    PublishPlan,
    check_form,
    plan_for,
    refuse_gaps,
    require_right,
)
from app.tasks.publishing.planned_rows import insert_rows, points_of_plan, rows_of_plan
from app.tasks.telling.about import about_task
from app.tasks.telling.points import Point
from app.work import form_keys, history, questions


def publish(
    form: PublishForm,
    *,
    by: Person,
    form_key: str,
    draft_id: int | None = None,
    confirmed: questions.Confirmed = None,
) -> int:
    """Publish a task to every chosen place; returns the task's id.

    One commit: task, rows, items, counts, history and one message per person
    are seen together or not at all; a large one has its rows written before
    it, out of sight. A repeat with the same `form_key` returns the first task.
    Raises BadInput with a sentence per field (T-34, Q35), NotAllowed without
    发布权, AsksFirst about a deadline far away and places that have the same
    kind of task open, unless `confirmed`.
    """
    require_right(by)
    check_form(form)
    plan = plan_for(form.place_codes, named=form.named)
    prepared = _prepared(form, plan, by=by, confirmed=confirmed)
    try:
        return _publish(
            form, plan, prepared, by=by, form_key=form_key, draft_id=draft_id, confirmed=confirmed
        )
    finally:
        preparing.discard(prepared)


def _prepared(
    form: PublishForm, plan: PublishPlan, *, by: Person, confirmed: questions.Confirmed
) -> preparing.Prepared | None:
    """The rows of a large publish, written already; None where they are few, or will be refused."""
    if not items.comes_from_patch(form.type) or plan.unknown or plan.misnamed or plan.unstaffed:
        return None
    if not preparing.is_large(len(plan.points), items.number_in(form.patch_id)):
        return None
    try:
        _ask(session(), form, by=by, confirmed=confirmed)
    except AsksFirst:
        return None
    values = {"type": form.type, "urgency": form.urgency, "due_at": form.due_at, "patch_id": form.patch_id}
    return preparing.prepare(values, rows_of_plan(plan), by=by)


@repeatable
def _publish(
    form: PublishForm,
    plan: PublishPlan,
    prepared: preparing.Prepared | None,
    *,
    by: Person,
    form_key: str,
    draft_id: int | None,
    confirmed: questions.Confirmed,
) -> int:
    ahead = foreseen.foresee(form, plan, prepared, by=by, draft_id=draft_id)
    with transaction() as current:
        claim = form_keys.claim(current, form_key, by=by, act=Act.PUBLISH)
        if claim.repeated and claim.result:
            return claim.result
        if confirmed is not None:
            # Of two windows of one person the second sees what the first has published.
            hold(current, Person, Person.id == by.id)
            _ask(current, form, by=by, confirmed=confirmed)
        refuse_gaps(plan)
        task = continued(current, form, by=by, draft_id=draft_id)
        task.published_at = clock.now()
        task.draft_places, task.draft_fields = "", None
        if task.due_at is not None:
            task.remind_at = upcoming.first_step(current, [task.due_at], now=clock.now())
        points = _rows_of(current, task, plan, prepared)
        event = history.record(current, task, Act.PUBLISH, by=by, points=len(points))
        outbox.announce(current, event, foreseen.told(current, about_task(task), points, ahead))
        claim.leads_to(task.id)
        return task.id


def _ask(current: Session, form: PublishForm, *, by: Person, confirmed: questions.Confirmed) -> None:
    if confirmed is not None:
        patch_id = form.patch_id if items.comes_from_patch(form.type) else None
        same = again.of_same(current, type_=form.type, patch_id=patch_id, place_codes=form.place_codes, by=by)
        questions.require((*questions.of_far(form.due_at, what=DUE), *same), confirmed)


def _rows_of(
    current: Session, task: Task, plan: PublishPlan, prepared: preparing.Prepared | None
) -> list[Point]:
    if prepared is None:
        return insert_rows(current, task, plan)
    preparing.take_over(current, prepared, task)
    return points_of_plan(prepared.row_ids, plan)
