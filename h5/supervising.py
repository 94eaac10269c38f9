"""What a publisher does with a whole task: 一键催办 and 任务撤销."""

from flask import Blueprint, flash, g, redirect, request
from werkzeug.wrappers import Response

from app.tasks import supervise
from app.tasks.lifecycle import Act
from h5.forms import Input
from h5.identity import me
from h5.refusals import refills
from h5.rights import signed_in
from h5.tasks import task

bp = Blueprint("supervising", __name__)


@bp.post("/tasks/<int:task_id>/urge")
@signed_in
@refills(task)
def urge_all(task_id: int) -> Response:
    """一键催办: everyone with an unfinished row, one message per person."""
    rows = supervise.urge_all(task_id, by=me(), form_key=Input(request.form).text("form_key"))
    flash(f"已催办 {rows} 个未办结的点位，每人一条提醒。")
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
