"""升级回退: the planner of point × module, and the act."""

from flask import Blueprint, flash, g, redirect, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.tasks.labels import ITEM_WORDS, ItemState
from app.tasks.lifecycle import TASK_RULES, Act
from app.tasks.reading import heads
from app.tasks.rollback import preview, rolling_back
from app.tasks.rollback.preview import RollbackPreview
from h5.frame.forms import Input
from h5.frame.identity import me
from h5.frame.refusals import refills
from h5.frame.rights import signed_in

bp = Blueprint("rolling_back", __name__)


@bp.get("/tasks/<int:task_id>/roll-back")
@signed_in
def planner(task_id: int) -> str:
    """Choose modules and see what happens to whom; also without scripts, by asking again."""
    head = heads.managed(me(), task_id)
    plan = _plan(task_id, request.form if g.get("typed") else request.args)
    why_not = TASK_RULES[Act.ROLL_BACK].obstacle(head.facts)
    return render_template("tasks/roll_back.html", head=head, plan=plan, why_not=why_not, **_shared())


@bp.get("/tasks/<int:task_id>/roll-back/plan")
@signed_in
def plan(task_id: int) -> str:
    """The consequences of what is ticked, while it is being ticked: a fragment for htmx."""
    plan = _plan(task_id, request.args)
    return render_template("tasks/_roll_back_plan.html", plan=plan, **_shared())


@bp.post("/tasks/<int:task_id>/roll-back")
@signed_in
@refills(planner)
def roll_back(task_id: int) -> Response:
    """Roll the ticked modules back; everybody concerned is told."""
    form = Input(request.form)
    done = rolling_back.roll_back(
        task_id,
        by=me(),
        module_ids=form.ids("module"),
        reason=form.text("reason"),
        due_at=form.moment("due_at"),
        seen_version=form.whole_number("version"),
        form_key=form.text("form_key"),
        confirmed=form.several("confirmed"),
    )
    if done is None:
        flash("已经提交过了，下面是现在的状态。")
    else:
        flash(f"已回退：{done.to_restore} 个点位须还原，{done.frozen} 个点位暂不升级，相关人员会收到通知。")
    return redirect(f"/tasks/{task_id}")


def _plan(task_id: int, asked: MultiDict[str, str]) -> RollbackPreview:
    form = Input(asked)
    return preview.preview(
        me(), task_id, module_ids=form.ids("module"), region_id=form.number_or_none("region")
    )


def _shared() -> dict[str, object]:
    return {"item_words": ITEM_WORDS, "ItemState": ItemState}
