"""补丁包: the register, one package, and the form that adds one."""

from itertools import zip_longest

from flask import Blueprint, flash, g, redirect, render_template, request
from werkzeug.wrappers import Response

from app import clock
from app.tasks.labels import TrialState
from app.tasks.models import Patch
from app.tasks.patches import queries as patch_queries
from app.tasks.patches import registering
from app.tasks.patches.registering import PatchPackage
from h5.frame.forms import Input, cleaned
from h5.frame.identity import me
from h5.frame.refusals import refills
from h5.frame.rights import View, needs

bp = Blueprint("patches", __name__)

keeps_patches = needs(*registering.KEEPERS)
PAGE = 50
FIRST_ROWS = 3
DOOR = "登记页"


def takes_a_package(view: View) -> View:
    """Mark a POST view whose body may be as large as the largest package."""
    view.largest_body = registering.LARGEST_BODY  # type: ignore[attr-defined]
    return view


@bp.get("/patches")
@keeps_patches
def register() -> str:
    """Every package, the newest first."""
    asked = Input(request.args)
    text, skip = asked.text("q", longest=100), asked.number_or_none("skip") or 0
    found = patch_queries.patches(text, limit=PAGE, skip=skip)
    return render_template("tasks/patches.html", found=found, text=text, skip=skip, size=PAGE)


@bp.get("/patches/<int:patch_id>")
@keeps_patches
def patch(patch_id: int) -> str:
    """One package: what came with it, and how many tasks took it."""
    found = patch_queries.patch(patch_id)
    return render_template("tasks/patch.html", patch=found, used=patch_queries.uses(patch_id))


@bp.get("/patches/new")
@keeps_patches
def new() -> str:
    """An empty form; one filled with the package named by `from`; or what was just refused."""
    source_id = Input(request.args).number_or_none("from")
    source = patch_queries.patch(source_id) if source_id else None
    return render_template(
        "tasks/patch_form.html",
        source=source,
        sent_at=clock.local(source.sent_at).strftime("%Y-%m-%dT%H:%M") if source and source.sent_at else "",
        rows=_rows(source),
        states=list(TrialState),
        most=registering.MOST_MODULES,
        longest_note=registering.LONGEST_NOTE,
    )


@bp.post("/patches/new")
@keeps_patches
@takes_a_package
@refills(new)
def save() -> str | Response:
    """Register what was filled in; `act=more` shows the form again with more module fields."""
    if request.form.get("act") == "more":
        g.typed = request.form
        return new()
    form = Input(request.form)
    patch_id, is_new = registering.register(
        PatchPackage(
            name=form.text("name"),
            version=form.text("version"),
            modules=tuple((name, note) for name, note in _typed_rows() if name or note),
            test_state=form.text("test_state", longest=20),
            sent_by=form.text("sent_by"),
            sent_at=form.moment("sent_at"),
        ),
        by=me(),
        sender=DOOR,
    )
    flash("已登记，发布升级任务时可以选择。" if is_new else "已登记过这个版本，内容以这次为准。")
    return redirect(f"/patches/{patch_id}")


def _rows(source: Patch | None) -> list[tuple[str, str]]:
    """The module fields of the form: what was typed or what the source has, and a few empty ones."""
    stored = [(module.name, module.note) for module in source.modules] if source else []
    rows = _typed_rows() if g.get("typed") else stored
    more = request.form.get("act") == "more" or not rows
    return rows + [("", "")] * (FIRST_ROWS if more else 0)


def _typed_rows() -> list[tuple[str, str]]:
    names, notes = request.form.getlist("module"), request.form.getlist("module_note")
    return [(cleaned(name), cleaned(note)) for name, note in zip_longest(names, notes, fillvalue="")]
