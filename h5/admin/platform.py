"""平台设置: what the platform is called in notices."""

from flask import Blueprint, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from app.db import session
from app.work import platform
from h5.frame.forms import Input
from h5.frame.identity import me
from h5.frame.refusals import refills
from h5.frame.rights import administrators

bp = Blueprint("platform", __name__)


@bp.get("/admin/settings")
@administrators
def settings() -> str:
    """Every setting with its present value and its default."""
    return render_template(
        "admin/platform.html",
        settings=platform.SETTINGS,
        values=platform.values(session()),
        defaults=platform.defaults(),
        seen=platform.seen(),
        changes=platform.changes(),
    )


@bp.post("/admin/settings")
@administrators
@refills(settings)
def save() -> Response:
    """Change them for everybody."""
    form = Input(request.form)
    changed = platform.save(
        {name: form.text(name) for name in platform.SETTINGS}, by=me(), seen=form.text("seen", longest=40)
    )
    flash(f"已保存{'、'.join(changed)}，之后的通知都用新的名称。" if changed else "没有变化。")
    return redirect("/admin/settings")
