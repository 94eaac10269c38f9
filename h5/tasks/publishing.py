"""发布任务 and 编辑任务: one form, three acts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import Blueprint, flash, g, redirect, render_template, request
from werkzeug.wrappers import Response

from app import clock
from app.db import session
from app.errors import BadInput
from app.people.models import Role
from app.places.names import told_apart
from app.tasks.labels import TaskType, Urgency
from app.tasks.patches import queries as patch_queries
from app.tasks.publishing import copied_in, drafts, edit_plan, publish
from app.tasks.publishing import edit as editing
from app.tasks.publishing import preview as previewing
from app.tasks.publishing.edit_preview import EditPreview, of_edit
from app.tasks.publishing.new_deadline import OpenRow
from app.tasks.reading import heads
from h5.frame.forms import Input, typed
from h5.frame.identity import me
from h5.frame.refusals import refills
from h5.frame.rights import needs, signed_in
from h5.places.codes import without_scripts
from h5.tasks import publish_form, timeline
from h5.tasks.publish_form import Shown

bp = Blueprint("publishing", __name__)

may_publish = needs(Role.PUBLISHER, Role.DEPARTMENT_MANAGER)
MOST_NAMED = 3
TYPES = (
    (TaskType.EMERGENCY, "emergency"),
    (TaskType.DATA_RUN, "data_run"),
    (TaskType.BIG_EVENT, "big_event"),
    (TaskType.UPGRADE, "upgrade"),
)
Told = previewing.PublishPreview | EditPreview


@dataclass(frozen=True)
class Form:
    """What the page of the form shows: of a new task, of a draft, or of the published task `head`.

    `outdated` are the points whose 抄送人 are registered differently now, `own_due` the open rows with a time of
    their own.
    """

    shown: Shown
    told: Told | None
    draft_id: int | None = None
    head: heads.TaskHead | None = None
    outdated: int = 0
    own_due: Sequence[OpenRow] = ()

    @property
    def own_due_words(self) -> str:
        """长安区 2026-12-05 23:59、…等3个."""
        names = told_apart((row.point.place_name, row.point.path) for row in self.own_due)
        first = list(zip(names, self.own_due, strict=True))[:MOST_NAMED]
        said = "、".join(f"{name} {clock.shown(row.due_at)}" for name, row in first)
        more = len(self.own_due) > MOST_NAMED
        return said + (f"等 {len(self.own_due)} 个" if more else "")


@bp.get("/tasks/new")
@may_publish
def new() -> str:
    """An empty form, the draft named by `draft`, one begun by `patch` or `follows`, or what was just refused."""
    draft_id = Input(request.values).number_or_none("draft")
    if draft_id is None or g.get("typed"):
        return _page(Form(publish_form.begun(), _told_again(), draft_id=draft_id))
    kept = drafts.form_of(drafts.draft_of(me(), draft_id))
    told = previewing.preview(kept, by=me()) if kept.place_codes else None
    return _page(Form(publish_form.of_draft(kept), told, draft_id=draft_id))


@bp.post("/tasks/new")
@may_publish
@refills(new)
def submit() -> Response:
    """发布 or 暂存, as the pressed button says."""
    form = Input(request.form)
    filled = publish_form.filled(form)
    draft_id = form.number_or_none("draft")
    key = form.text("form_key")
    if request.form.get("act") == "draft":
        drafts.save_draft(filled, by=me(), form_key=key, draft_id=draft_id)
        flash("已暂存，还没有通知任何人。")
        return redirect("/tasks")
    task_id = publish.publish(
        filled, by=me(), form_key=key, draft_id=draft_id, confirmed=form.several("confirmed")
    )
    flash(f"已发布到 {len(filled.place_codes)} 个点位，正在通知实施人和抄送人。")
    return redirect(f"/tasks/{task_id}")


@bp.get("/tasks/<int:task_id>/edit")
@signed_in
def edit(task_id: int) -> str:
    """The same form with the values of a published task (T-11)."""
    head, codes = heads.for_edit(me(), task_id)
    return _page(
        Form(
            publish_form.of_task(head, codes),
            _told_again(),
            head=head,
            outdated=copied_in.outdated(codes, task_id=task_id),
            own_due=edit_plan.own_deadlines(session(), task_id),
        )
    )


@bp.post("/tasks/<int:task_id>/edit")
@signed_in
@refills(edit)
def save(task_id: int) -> Response:
    """Change a published task; those concerned are told."""
    form = Input(request.form)
    editing.edit(
        task_id,
        publish_form.filled(form),
        by=me(),
        seen_version=form.whole_number("version"),
        form_key=form.text("form_key"),
        confirmed=form.several("confirmed"),
    )
    flash("已保存修改。")
    return redirect(f"/tasks/{task_id}")


@bp.get("/tasks/deadline")
@may_publish
def deadline() -> str:
    """“N 个工作日内” as the moment it means, while it is being typed: a fragment for htmx."""
    days = request.args.get("days") or request.args.get("due_days", "")
    return render_template("tasks/_deadline.html", due=publish_form.deadline(days))


@bp.get("/tasks/modules")
@may_publish
def modules() -> str:
    """The items that the chosen 补丁包 brings, while it is being chosen: a fragment for htmx (T-27)."""
    patch_id = Input(request.args).number_or_none("patch")
    patch = patch_queries.patch(patch_id) if patch_id else None
    return render_template("tasks/_patch_modules.html", patch=patch)


@bp.post("/tasks/preview")
@may_publish
def preview() -> str:
    """Who would be told what, for the form as it stands: a fragment for htmx; nothing is written."""
    told = _preview(Input(request.form))
    template = "tasks/_edit_told.html" if isinstance(told, EditPreview) else "tasks/_told.html"
    return render_template(template, told=told)


def _page(form: Form) -> str:
    patch_id, follows_id = publish_form.chosen(form.shown)
    patches = patch_queries.choices(patch_id)
    head = form.head
    return render_template(
        "tasks/publish.html",
        form=form,
        head=head,
        told=form.told,
        shown_first=replace(form.shown, patch_id=patch_id, follows_id=follows_id),
        patch_choices=[(one.id, f"{one.title} · {one.test_state}") for one in patches],
        patch=next((patch for patch in patches if patch.id == patch_id), None),
        types=[(name, name, picture) for name, picture in TYPES],
        upgrade=TaskType.UPGRADE,
        urgencies=list(Urgency),
        due=publish_form.deadline(typed("due_days", form.shown.due_days)),
        newest=timeline.latest(timeline.of_task(head.id)) if head and g.get("conflict") else None,
        plain_places=without_scripts() if "plain" in request.args else [],
    )


def _preview(form: Input) -> Told:
    filled, task_id = publish_form.filled(form), form.number_or_none("task")
    if task_id is not None:
        return of_edit(task_id, filled, by=me())
    return previewing.preview(filled, by=me())


def _told_again() -> Told | None:
    """For a refused form: the gaps and the texts again, with the colleagues that were chosen."""
    try:
        return _preview(Input(request.form)) if g.get("typed") else None
    except BadInput:
        return None  # its sentence stands at its field already
