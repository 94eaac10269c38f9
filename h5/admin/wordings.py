"""通知模板: the texts that people read in WeCom, kept by an administrator (T-62…T-74)."""

from itertools import groupby

from flask import Blueprint, flash, g, redirect, render_template, request
from werkzeug.wrappers import Response

from app.insight import samples
from app.notices.wordings import placeholders, reading, rewording
from app.notices.wordings.catalogue import compiled
from app.notices.wordings.reading import Kept
from h5.frame.forms import Input
from h5.frame.identity import me
from h5.frame.refusals import refills
from h5.frame.rights import administrators

bp = Blueprint("wordings", __name__)


@bp.get("/admin/wordings")
@administrators
def wordings() -> str:
    """Every text by the act it tells of."""
    acts = groupby(reading.every(), key=lambda kept: kept.now.act)
    return render_template(
        "admin/wordings.html", acts=[(act, list(texts)) for act, texts in acts], typo=placeholders.TYPO
    )


@bp.get("/admin/wordings/<key>")
@administrators
def wording(key: str) -> str:
    """One text: the form, what is wrong with it, how it reads on real work, its history."""
    shipped = rewording.shipped(key)
    kept = next(one for one in reading.every() if one.shipped is shipped)
    text = Input(request.form).text("text") if g.get("typed") is not None else kept.now.text
    tasks = samples.latest(key)
    task_id = Input(request.values).number_or_none("task") or (tasks[0][0] if tasks else None)
    return render_template(
        "admin/wording.html",
        kept=kept,
        text=text,
        offered=placeholders.offered(shipped),
        checked=placeholders.check(shipped, text),
        longest=rewording.LONGEST,
        version=reading.version(key),
        tasks=tasks,
        task_id=task_id,
        sample=_sample(kept, text, task_id),
        last_sent=reading.last_sent(key),
        changes=reading.changes(key),
    )


@bp.post("/admin/wordings/<key>/preview")
@administrators
def preview(key: str) -> str:
    """The same page with the text as it is being typed; nothing is written."""
    g.typed = request.form
    return wording(key)


@bp.post("/admin/wordings/<key>")
@administrators
@refills(wording)
def change(key: str) -> Response:
    """Save the text; the next act uses it."""
    form = Input(request.form)
    changed = rewording.change(
        key,
        text=form.text("text"),
        leave_out="leave_out" in request.form,
        by=me(),
        seen_version=form.whole_number("version"),
    )
    flash("已保存，之后的通知都用新的内容。" if changed else "没有变化。")
    return redirect(f"/admin/wordings/{key}")


@bp.post("/admin/wordings/<key>/reset")
@administrators
@refills(wording)
def reset(key: str) -> Response:
    """Bring the shipped text back."""
    changed = rewording.reset(key, by=me(), seen_version=Input(request.form).whole_number("version"))
    flash("已恢复原文。" if changed else "现在用的就是原文。")
    return redirect(f"/admin/wordings/{key}")


def _sample(kept: Kept, text: str, task_id: int | None) -> samples.Sample | None:
    return samples.sample(compiled(kept.shipped.key, kept.shipped.source, text), task_id)
