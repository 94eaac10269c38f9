"""反馈 and 办结 for several rows of a task in one go; the answer lists every row."""

from flask import Blueprint, flash, g, redirect, render_template, request
from werkzeug.wrappers import Response

from app.tasks.field import several
from app.tasks.field.several import Answer
from app.tasks.reading import heads
from h5.frame.forms import Input
from h5.frame.identity import me
from h5.frame.refusals import refills
from h5.frame.rights import signed_in
from h5.tasks.tasks import task

bp = Blueprint("several", __name__)


@bp.post("/tasks/<int:task_id>/feed-back")
@signed_in
@refills(task)
def feed_back(task_id: int) -> str | Response:
    """One note for the ticked rows, and with `all_done` every item of theirs becomes 是."""
    heads.head(me(), task_id)
    g.sheet = "several"
    form = Input(request.form)
    note = form.text("note")
    answers = several.feed_back(
        task_id,
        by=me(),
        row_ids=form.ids("row"),
        set_done="all_done" in request.form,
        note=note,
        form_key=form.text("form_key"),
    )
    return _answered(task_id, "反馈", answers, note=note)


@bp.post("/tasks/<int:task_id>/close")
@signed_in
@refills(task)
def close(task_id: int) -> str | Response:
    """办结 the ticked rows that are ready."""
    heads.head(me(), task_id)
    form = Input(request.form)
    answers = several.close(task_id, by=me(), row_ids=form.ids("row"), form_key=form.text("form_key"))
    return _answered(task_id, "办结", answers)


def _answered(task_id: int, act: str, answers: list[Answer], *, note: str = "") -> str | Response:
    """What became of each row; a second tap of the same button leads back to the list."""
    if not answers:
        flash("已经提交过了，下面是现在的状态。")
        return redirect(f"/tasks/{task_id}")
    done = sum(answer.done for answer in answers)
    first_refused = sorted(answers, key=lambda answer: answer.done)
    return render_template(
        "tasks/several.html", task_id=task_id, act=act, answers=first_refused, done=done, note=note
    )
