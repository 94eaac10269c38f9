"""What a publisher does with a whole task: 一键催办, 任务撤销, 暂停提醒 and 恢复提醒."""

from flask import Blueprint, current_app, flash, g, redirect, render_template, request
from werkzeug.wrappers import Response

from app import clock
from app.errors import BadInput
from app.tasks.lifecycle import Act
from app.tasks.managing import pausing, supervise, urging
from app.tasks.managing.urging import Whom
from app.tasks.reading import heads
from app.tasks.telling import departed
from h5.frame.forms import Input
from h5.frame.identity import me
from h5.frame.refusals import refills
from h5.frame.rights import signed_in
from h5.tasks.tasks import task

bp = Blueprint("supervising", __name__)

WHOM = {Whom.ALL: "全部未办结", Whom.NOT_AT_WORK: "不催已在处理的", Whom.UNSEEN: "只催未见的"}


@bp.get("/tasks/<int:task_id>/urge")
@signed_in
def urge_page(task_id: int) -> str:
    """Who would be urged now, who is left alone and why, and the very texts."""
    chosen = request.form.get("whom") or request.args.get("whom")
    whom = Whom(chosen) if chosen in list(Whom) else Whom.ALL
    preview = urging.preview(task_id, by=me(), whom=whom)
    offered = {
        Whom.ALL: True,
        Whom.NOT_AT_WORK: preview.at_work,
        Whom.UNSEEN: preview.unseen and preview.seen,
    }
    return render_template(
        "tasks/urge.html",
        head=heads.head(me(), task_id),
        preview=preview,
        whom=whom,
        choices=[(one, name) for one, name in WHOM.items() if offered[one] or one is whom],
        minutes=current_app.config["URGE_COOLDOWN_MINUTES"],
    )


@bp.post("/tasks/<int:task_id>/urge")
@signed_in
@refills(urge_page)
def urge_all(task_id: int) -> Response:
    """一键催办: everyone with an unfinished row, one message per person."""
    form = Input(request.form)
    whom = form.text("whom") or Whom.ALL
    if whom not in list(Whom):
        raise BadInput("请选择催办哪些人。")
    urged = supervise.urge_all(task_id, by=me(), form_key=form.text("form_key"), whom=Whom(whom))
    skipped = f"，{urged.cooling} 人刚催办过，没有重复打扰" if urged.cooling else ""
    held = f"现在是免打扰时间，{clock.shown(urged.held_until)[11:]} 后送达。" if urged.held_until else ""
    flash(f"已催办 {urged.people} 人，每人一条提醒{skipped}。{held}")
    if urged.departed:
        flash(departed.sentence(urged.departed, may_transfer=False) + "。")
    return redirect(f"/tasks/{task_id}")


@bp.post("/tasks/<int:task_id>/revoke")
@signed_in
@refills(task)
def revoke(task_id: int) -> Response:
    """任务撤销: all rows at once, everybody is told."""
    g.sheet = Act.REVOKE
    form = Input(request.form)
    rows = supervise.revoke(
        task_id,
        by=me(),
        reason=form.text("reason"),
        seen_version=form.whole_number("version"),
        form_key=form.text("form_key"),
    )
    flash(f"已撤销 {rows} 个点位的任务，实施人和抄送人会收到提醒。")
    return redirect(f"/tasks/{task_id}")


@bp.post("/tasks/<int:task_id>/pause-reminders")
@signed_in
@refills(task)
def pause_reminders(task_id: int) -> Response:
    """暂停提醒: the clock says nothing of the task up to a day."""
    g.sheet = Act.PAUSE_REMINDERS
    form = Input(request.form)
    pausing.pause_reminders(
        task_id,
        by=me(),
        to=clock.local(form.day("pause_to")).date() if form.text("pause_to") else None,
        reason=form.text("pause_reason"),
        seen_version=form.whole_number("version"),
        form_key=form.text("form_key"),
    )
    flash("已暂停自动提醒。催办、打回等人的操作照常通知。")
    return redirect(f"/tasks/{task_id}")


@bp.post("/tasks/<int:task_id>/resume-reminders")
@signed_in
@refills(task)
def resume_reminders(task_id: int) -> Response:
    """恢复提醒: from the next working hour on."""
    form = Input(request.form)
    pausing.resume_reminders(
        task_id, by=me(), seen_version=form.whole_number("version"), form_key=form.text("form_key")
    )
    flash("已恢复自动提醒；暂停期间该说的，在下一个工作时间合成一条。")
    return redirect(f"/tasks/{task_id}")
