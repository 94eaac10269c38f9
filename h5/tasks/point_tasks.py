"""One row: what there is to do at one place, and the buttons to do it."""

from flask import Blueprint, flash, g, redirect, render_template, request
from werkzeug.wrappers import Response

from app.tasks.field import handing_on, implement
from app.tasks.lifecycle import Act
from app.tasks.managing import supervise, who_saw
from app.tasks.reading import queries
from app.tasks.telling import departed
from h5.files import takes_files, uploads
from h5.frame.forms import Input
from h5.frame.identity import me
from h5.frame.refusals import refills
from h5.frame.rights import signed_in
from h5.tasks import row_page, timeline

bp = Blueprint("point_tasks", __name__)


@bp.get("/point-tasks/<int:point_task_id>")
@signed_in
def point_task(point_task_id: int) -> str:
    """The facts, the items, the notes, what happened, and exactly the buttons of the RULES table."""
    person = me()
    row = queries.point_task(person, point_task_id)
    story = timeline.story_of(row)
    doing = row_page.doing_of(row, person)
    page = render_template(
        "tasks/point_task.html",
        row=row,
        facts=row_page.facts_of(row),
        lines=row_page.lines_of(row, doing),
        doing=doing,
        told=row_page.told_of(row),
        story=story,
        newest=timeline.latest(story.entries) if g.get("conflict") else None,
    )
    who_saw.row_opened(row, by=person)  # after all else: it ends the session's read
    return page


@bp.get("/point-tasks/<int:point_task_id>/notes")
@signed_in
def notes(point_task_id: int) -> str:
    """补丁说明 of every module of a row, whole, however long they are (T-22)."""
    return render_template("tasks/notes.html", row=queries.point_task(me(), point_task_id))


@bp.post("/point-tasks/<int:point_task_id>/feed-back")
@signed_in
@refills(point_task)
@takes_files
def feed_back(point_task_id: int) -> Response:
    """反馈: save 是/否, the note and files. `items` says that the boxes were on the page at all."""
    form = Input(request.form)
    implement.feed_back(
        point_task_id,
        by=me(),
        done_item_ids=form.ids("item") if "items" in request.form else None,
        note=form.text("note"),
        seen_version=form.whole_number("version"),
        form_key=form.text("form_key"),
        files=uploads(request.files),
        cannot_meet="cannot_meet" in request.form if "asks_deadline" in request.form else None,
    )
    return _done(point_task_id, "反馈已保存，发布人可以看到。")


@bp.post("/point-tasks/<int:point_task_id>/close")
@signed_in
@refills(point_task)
def close(point_task_id: int) -> Response:
    """办结."""
    form = Input(request.form)
    implement.close(
        point_task_id, by=me(), seen_version=form.whole_number("version"), form_key=form.text("form_key")
    )
    return _done(point_task_id, "已办结。")


@bp.post("/point-tasks/<int:point_task_id>/transfer")
@signed_in
@refills(point_task)
def transfer(point_task_id: int) -> Response:
    """转派 to somebody of the same 大区."""
    g.sheet = Act.TRANSFER
    form = Input(request.form)
    handing_on.transfer(
        point_task_id,
        by=me(),
        to_id=form.chosen("to", "请选择转派给谁。"),
        reason=form.text("reason"),
        seen_version=form.whole_number("version"),
        form_key=form.text("form_key"),
    )
    return _done(point_task_id, "已转派，新的实施人会收到提醒。")


@bp.post("/point-tasks/<int:point_task_id>/urge")
@signed_in
@refills(point_task)
def urge(point_task_id: int) -> Response:
    """催办 the people of this row."""
    unreached = supervise.urge(point_task_id, by=me(), form_key=Input(request.form).text("form_key"))
    if unreached:
        return _done(point_task_id, f"已提醒抄送人。{departed.sentence(unreached, may_transfer=False)}。")
    return _done(point_task_id, "已催办，实施人和抄送人会收到提醒。")


@bp.post("/point-tasks/<int:point_task_id>/send-back")
@signed_in
@refills(point_task)
def send_back(point_task_id: int) -> Response:
    """打回 a closed row, with reason and impact."""
    g.sheet = Act.SEND_BACK
    form = Input(request.form)
    supervise.send_back(
        point_task_id,
        by=me(),
        item_ids=form.ids("item"),
        reason=form.text("reason"),
        impact=form.text("impact"),
        repair=form.text("repair"),
        new_due_at=form.moment("due_at"),
        seen_version=form.whole_number("version"),
        form_key=form.text("form_key"),
        confirmed=form.several("confirmed"),
    )
    return _done(point_task_id, "已打回，实施人和抄送人会收到提醒。")


def _done(point_task_id: int, sentence: str) -> Response:
    flash(sentence)
    return redirect(f"/point-tasks/{point_task_id}")
