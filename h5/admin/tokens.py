"""接口令牌: administrators make them for other systems, see when they were used, and end them."""

from flask import Blueprint, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from app.insight import kinds
from app.people import queries as people
from app.work import api_tokens
from app.work.api_tokens import LONGEST_NAME
from h5.frame.forms import Input
from h5.frame.identity import me
from h5.frame.refusals import refills
from h5.frame.rights import administrators

bp = Blueprint("tokens", __name__)


@bp.get("/admin/tokens")
@administrators
def page() -> str:
    """Every token, and a form for one more."""
    return _shown()


@bp.post("/admin/tokens")
@administrators
@refills(page)
def create() -> str:
    """Make a token. It stands in this answer and nowhere else, so there is no redirect."""
    form = Input(request.form)
    name = form.text("name", longest=LONGEST_NAME)
    token = api_tokens.create(
        name,
        by=me(),
        scopes=request.form.getlist("scope"),
        offered=kinds.scopes(),
        region_id=form.number_or_none("region"),
        form_key=form.text("form_key"),
    )
    return _shown(token=token, name=name)


@bp.post("/admin/tokens/<int:token_id>/revoke")
@administrators
def revoke(token_id: int) -> Response:
    """End a token."""
    api_tokens.revoke(token_id, by=me())
    flash("令牌已停用，使用它的系统从现在起会被拒绝。")
    return redirect("/admin/tokens")


def _shown(**fresh: str) -> str:
    return render_template(
        "admin/tokens.html",
        tokens=api_tokens.everyone(),
        regions=people.regions(),
        scope_names=kinds.scopes(),
        longest=LONGEST_NAME,
        **fresh,
    )
