"""发布任务 and 编辑任务: one form, three acts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

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
from app.tasks.publishing.plan import PublishForm
from app.tasks.reading import heads
from app.work import calendar, calendar_days
from h5.frame.forms import Input, typed
from h5.frame.identity import me
from h5.frame.refusals import refills
from h5.frame.rights import needs, signed_in
from h5.places.codes import codes_of, leaves, without_scripts
from h5.tasks import timeline

bp = Blueprint("publishing", __name__)

may_publish = needs(Role.PUBLISHER, Role.DEPARTMENT_MANAGER)
MOST_NAMED = 3
WEEKDAYS = "一二三四五六日"
TYPES = (
    (TaskType.EMERGENCY, "emergency"),
    (TaskType.DATA_RUN, "data_run"),
    (TaskType.BIG_EVENT, "big_event"),
    (TaskType.UPGRADE, "upgrade"),
)


@dataclass(frozen=True)
class Shown:
    """What the form's fields hold before anything is typed, as their HTML values."""

    type: str = ""
    urgency: str = Urgency.NORMAL
    due_at: str = ""
    places: str = ""
    note: str = ""
    due_days: str = ""
    patch_id: int | None = None
    follows_id: int | None = None


@bp.get("/tasks/new")
@may_publish
def new() -> str:
    """An empty form, the draft named by `draft`, one begun by `patch` or `follows`, or what was just refused."""
    draft_id = Input(request.values).number_or_none("draft")
    if draft_id is None or g.get("typed"):
        return _form(_begun(), draft_id=draft_id, told=_told_again())
    kept = drafts.form_of(drafts.draft_of(me(), draft_id))
    told = previewing.preview(kept, by=me()) if kept.place_codes else None
    return _form(_shown(kept), draft_id=draft_id, told=told)


@bp.post("/tasks/new")
@may_publish
@refills(new)
def submit() -> Response:
    """发布 or 暂存, as the pressed button says."""
    form = Input(request.form)
    filled = _filled(form)
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
    patch_id = head.patch.id if head.patch else None
    shown = Shown(
        head.type, head.urgency, _html_time(head.due_at), ",".join(codes), head.note, patch_id=patch_id
    )
    return _form(
        shown,
        head=head,
        told=_told_again(),
        outdated=copied_in.outdated(codes, task_id=task_id),
        own_due=edit_plan.own_deadlines(session(), task_id),
    )


@bp.post("/tasks/<int:task_id>/edit")
@signed_in
@refills(edit)
def save(task_id: int) -> Response:
    """Change a published task; those concerned are told."""
    form = Input(request.form)
    editing.edit(
        task_id,
        _filled(form),
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
    return render_template("tasks/_deadline.html", **_resolved(_working_days(days)))


@bp.get("/tasks/modules")
@may_publish
def modules() -> str:
    """The items that the chosen 补丁包 brings, while it is being chosen: a fragment for htmx (T-27)."""
    patch_id = Input(request.args).number_or_none("patch")
    return render_template(
        "tasks/_patch_modules.html", patch=patch_queries.patch(patch_id) if patch_id else None
    )


@bp.post("/tasks/preview")
@may_publish
def preview() -> str:
    """Who would be told what, for the form as it stands: a fragment for htmx; nothing is written."""
    told = _preview(Input(request.form))
    return render_template(
        "tasks/_edit_told.html" if isinstance(told, EditPreview) else "tasks/_told.html", told=told
    )


def _form(
    shown: Shown,
    *,
    told: previewing.PublishPreview | EditPreview | None,
    draft_id: int | None = None,
    head: heads.TaskHead | None = None,
    outdated: int = 0,
    own_due: Sequence[OpenRow] = (),
) -> str:
    patch_id, follows_id = _chosen(shown)
    patches = patch_queries.choices(patch_id)
    return render_template(
        "tasks/publish.html",
        shown_first=shown,
        patch_choices=[(one.id, f"{one.title} · {one.test_state}") for one in patches],
        patch_id=patch_id,
        patch=next((patch for patch in patches if patch.id == patch_id), None),
        follows_id=follows_id,
        upgrade=TaskType.UPGRADE,
        draft_id=draft_id,
        head=head,
        outdated=outdated,
        own_due=own_due,
        own_due_words=_in_words(own_due),
        newest=timeline.latest(timeline.of_task(head.id)) if head and g.get("conflict") else None,
        types=[(name, name, picture) for name, picture in TYPES],
        urgencies=list(Urgency),
        told=told,
        due=_resolved(_working_days(typed("due_days", shown.due_days))),
        plain_places=without_scripts() if "plain" in request.args else [],
    )


def _chosen(shown: Shown) -> tuple[int | None, int | None]:
    """The 补丁包 and the earlier task: as just typed, else as the form begins."""
    if not g.get("typed"):
        return shown.patch_id, shown.follows_id
    form = Input(request.form)
    try:
        return form.number_or_none("patch"), form.number_or_none("follows")
    except BadInput:
        return None, None


def _filled(form: Input) -> PublishForm:
    return PublishForm(
        type=form.text("type", longest=20),
        urgency=form.text("urgency", longest=20),
        due_at=_due(form),
        due_days=_days_of(form),
        place_codes=leaves(codes_of(form, "places")),
        note=form.text("note"),
        renew_copied_in="renew_copied_in" in request.form,
        own_due_too="own_due_too" in request.form,
        silent="silent" in request.form,
        patch_id=form.number_or_none("patch"),
        follows_id=form.number_or_none("follows"),
        named={
            name.removeprefix("name-"): form.whole_number(name)
            for name in request.form
            if name.startswith("name-") and request.form[name]
        },
    )


def _due(form: Input) -> datetime | None:
    """The moment chosen, or the end of the N-th working day from now (Q12)."""
    if form.text("due_by", longest=10) != "days":
        return form.moment("due_at")
    days = _days_of(form)
    return _after_working_days(days) if days else None


def _days_of(form: Input) -> int | None:
    by_days = form.text("due_by", longest=10) == "days"
    return _working_days(request.form.get("due_days", "")) if by_days else None


def _working_days(text: str) -> int | None:
    days = int(text) if text.isascii() and text.isdigit() and len(text) <= 3 else 0
    return days if 1 <= days <= calendar.MOST_DAYS else None


def _after_working_days(days: int) -> datetime:
    overrides = calendar_days.overrides(session())
    return calendar.after_working_days(days, since=clock.now(), overrides=overrides)


def _resolved(days: int | None) -> dict[str, object]:
    """What `_deadline.html` shows."""
    if days is None:
        return {"due_at": None, "most": calendar.MOST_DAYS}
    due_at = _after_working_days(days)
    years = range(clock.local(clock.now()).year, clock.local(due_at).year + 1)
    return {
        "due_at": due_at,
        "most": calendar.MOST_DAYS,
        "weekday": WEEKDAYS[clock.local(due_at).weekday()],
        "estimated": not all(calendar.is_announced(year) for year in years),
    }


def _preview(form: Input) -> previewing.PublishPreview | EditPreview:
    filled, task_id = _filled(form), form.number_or_none("task")
    if task_id is not None:
        return of_edit(task_id, filled, by=me())
    return previewing.preview(filled, by=me())


def _in_words(own_due: Sequence[OpenRow]) -> str:
    """长安区 2026-12-05 23:59、…等3个."""
    names = told_apart((row.point.place_name, row.point.path) for row in own_due)
    first = list(zip(names, own_due, strict=True))[:MOST_NAMED]
    said = "、".join(f"{name} {clock.shown(row.due_at)}" for name, row in first)
    return said + (f"等 {len(own_due)} 个" if len(own_due) > MOST_NAMED else "")


def _told_again() -> previewing.PublishPreview | EditPreview | None:
    """For a refused form: the gaps and the texts again, with the colleagues that were chosen."""
    try:
        return _preview(Input(request.form)) if g.get("typed") else None
    except BadInput:
        return None  # its sentence stands at its field already


def _html_time(moment: datetime | None) -> str:
    return clock.local(moment).strftime("%Y-%m-%dT%H:%M") if moment else ""


def _begun() -> Shown:
    """A form begun from a 补丁包, or to follow a rolled back 升级任务 (Q21); empty after a refusal."""
    asked = Input(request.args)
    patch_id, follows_id = asked.number_or_none("patch"), asked.number_or_none("follows")
    if g.get("typed") or not (patch_id or follows_id):
        return Shown()
    return Shown(
        type=TaskType.UPGRADE,
        places=",".join(heads.rolled_back_places(me(), follows_id)) if follows_id else "",
        patch_id=patch_id,
        follows_id=follows_id,
    )


def _shown(form: PublishForm) -> Shown:
    """A draft as it was filled in: “N 个工作日内” counts from today again."""
    return Shown(
        form.type,
        form.urgency,
        "" if form.due_days else _html_time(form.due_at),
        ",".join(form.place_codes),
        form.note,
        due_days=str(form.due_days or ""),
        patch_id=form.patch_id,
        follows_id=form.follows_id,
    )
