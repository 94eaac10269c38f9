"""我的: who I am here, and how I like the pages."""

from flask import Blueprint, current_app, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from app.notices.queue import choices
from app.notices.wordings import kinds
from h5 import kinds as kinds_of_work
from h5.frame import look
from h5.frame.identity import me
from h5.frame.rights import open_to_all, signed_in

bp = Blueprint("me", __name__)


@bp.get("/me")
@signed_in
def page() -> str:
    """Name, roles, 大区; 深色, 字号, 关怀模式, 推送; the way out."""
    person = me()
    return render_template(
        "mine/me.html",
        person=person,
        themes=look.THEMES,
        sizes=look.SIZES,
        chosen=look.look(),
        links=kinds_of_work.links(person),
        always=kinds.ALWAYS,
        choices=kinds.CHOICES,
        muted=choices.muted(person),
    )


@bp.post("/me/push")
@signed_in
def choose_push() -> Response:
    """Which copies ring in WeCom; what somebody must do always does."""
    choices.choose(me(), pushed=set(request.form.getlist("push")))
    flash("已保存推送设置。")
    return redirect("/me")


@bp.post("/me/look")
@open_to_all
def choose_look() -> Response:
    """Remember the chosen look in this browser."""
    form = request.form
    chosen = look.Look(
        form.get("theme", "auto") if form.get("theme") in look.THEMES else "auto",
        form.get("size", "normal") if form.get("size") in look.SIZES else "normal",
        "care" in form,
    )
    response = redirect("/me")
    look.remember(response, chosen, secure=current_app.config["SETTINGS"].https)
    return response
