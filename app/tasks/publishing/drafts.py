"""暂存: what was filled in is kept, shown again and gone on with."""

import sqlalchemy as sa

from app import clock
from app.db import Session, session, transaction
from app.errors import BadInput, Conflict, NotFound
from app.locks import held_one, repeatable
from app.people.models import Person, Who
from app.tasks import items
from app.tasks.access import manages
from app.tasks.lifecycle import Act
from app.tasks.models import Task
from app.tasks.publishing.plan import PublishForm, refuse_unknown_choices, require_right
from app.work import form_keys


@repeatable
def save_draft(form: PublishForm, *, by: Person, form_key: str, draft_id: int | None = None) -> int:
    """暂存: keep what was filled in, tell nobody (T-38); returns the draft's id."""
    require_right(by)
    refuse_unknown_choices(form)
    with transaction() as current:
        claim = form_keys.claim(current, form_key, by=by, act=Act.SAVE_DRAFT)
        if claim.repeated and claim.result:
            return claim.result
        task = continued(current, form, by=by, draft_id=draft_id)
        task.draft_places = ",".join(form.place_codes)
        task.draft_fields = {"due_days": form.due_days, "named": dict(form.named)}
        claim.leads_to(task.id)
        return task.id


def drafts_of(person: Who) -> list[Task]:
    """The person's own 暂存, newest first."""
    query = sa.select(Task).where(
        Task.publisher_id == person.id, Task.published_at.is_(None), Task.prepared_at.is_(None)
    )
    return list(session().execute(query.order_by(Task.id.desc()).limit(50)).scalars())


def draft_of(person: Who, task_id: int) -> Task:
    """One of the person's own drafts; NotFound for anything else."""
    task = session().get(Task, task_id)
    if task is None or task.publisher_id != person.id or task.published_at or task.prepared_at:
        raise NotFound("没有这份暂存，可能已经发布。")
    return task


def form_of(draft: Task) -> PublishForm:
    """Everything that `save_draft` kept of the form."""
    kept = draft.draft_fields or {}
    return PublishForm(
        type=draft.type,
        urgency=draft.urgency,
        due_at=draft.due_at,
        place_codes=tuple(code for code in draft.draft_places.split(",") if code),
        note=draft.note,
        named=kept.get("named", {}),
        due_days=kept.get("due_days"),
        patch_id=draft.patch_id,
        follows_id=draft.follows_id,
    )


def continued(current: Session, form: PublishForm, *, by: Person, draft_id: int | None) -> Task:
    """The draft being continued, or a new task, with the form's values."""
    if draft_id is None:
        task = Task(publisher_id=by.id, created_at=clock.now())
        current.add(task)
    else:
        found = held_one(current, Task, draft_id)
        if found is None or found.publisher_id != by.id:
            raise NotFound
        if found.prepared_at:
            raise NotFound
        if found.published_at:
            raise Conflict("这份暂存已经发布，请到任务列表查看。")
        task = found
    task.type, task.urgency, task.note = form.type, form.urgency, form.note
    task.due_at = clock.as_stored(form.due_at, task.due_at)
    task.department_id = by.department_id
    upgrades = items.comes_from_patch(form.type)
    task.patch_id = items.require_patch(current, form.patch_id) if upgrades else None
    task.follows_id = _followed(current, form.follows_id, by=by) if upgrades else None
    current.flush()
    return task


def _followed(current: Session, task_id: int | None, *, by: Person) -> int | None:
    """The earlier 升级任务 that this one repairs; BadInput for one that is not the publisher's to follow (Q21)."""
    if task_id is None:
        return None
    found = current.get(Task, task_id)
    if found is None or found.published_at is None or found.patch_id is None or not manages(by, found):
        raise BadInput(fields={"follows": "没有这条升级任务，或您无权接续它，请重新选择。"})
    return task_id
