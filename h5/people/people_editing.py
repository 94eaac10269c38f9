"""人员 in the hands of an administrator: new, corrected, disabled, enabled again, imported."""

import tempfile
from io import BytesIO
from pathlib import Path

from flask import Blueprint, flash, redirect, render_template, request, send_file
from werkzeug.wrappers import Response

from app.administration import importing, people
from app.administration.people import PersonForm
from app.errors import BadInput, NotFound
from app.people import queries, template
from app.people.models import ROLE_NAMES, Person, Role
from app.places import queries as places
from app.tasks.telling import departed
from h5.files import takes_files
from h5.frame.forms import Input
from h5.frame.identity import me
from h5.frame.refusals import refills
from h5.frame.rights import administrators
from h5.people.people import person as person_page

bp = Blueprint("people_editing", __name__)

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TEMPLATE_NAME = "人员和支持区域导入模板.xlsx"


@bp.get("/people/new")
@administrators
def new() -> str:
    """An empty form."""
    return _form(None)


@bp.post("/people/new")
@administrators
@refills(new)
def create() -> Response:
    """Add somebody; their page follows, where 支持区域 can be given."""
    form = Input(request.form)
    person_id = people.create(form.text("userid"), _filled(form), by=me(), form_key=form.text("form_key"))
    flash("已新增，可以接着登记支持区域。")
    return redirect(f"/people/{person_id}")


@bp.get("/people/<int:person_id>/edit")
@administrators
def edit(person_id: int) -> str:
    """The form with what is stored."""
    found = queries.person(person_id)
    if found is None:
        raise NotFound(people.NOT_FOUND)
    return _form(found)


@bp.post("/people/<int:person_id>/edit")
@administrators
@refills(edit)
def save(person_id: int) -> Response:
    """Correct somebody."""
    form = Input(request.form)
    changed = people.edit(person_id, _filled(form), by=me(), seen=form.text("seen", longest=40))
    flash("已保存。" if changed else "没有变化。")
    return redirect(f"/people/{person_id}")


@bp.post("/people/<int:person_id>/disable")
@administrators
@refills(person_page)
def disable(person_id: int) -> Response:
    """停用: signed out at once, told of nothing more."""
    waiting = people.disable(person_id, by=me(), tells=departed.tell)
    if waiting is None:
        flash("这个人员已经是停用状态。")
    else:
        flash("已停用，登录立即失效，不再收到提醒。")
    if waiting:
        flash(f"名下还有 {waiting} 个点位未办结，已提醒主管和发布人；需要时可在这里紧急转派。")
    return redirect(f"/people/{person_id}")


@bp.post("/people/<int:person_id>/enable")
@administrators
@refills(person_page)
def enable(person_id: int) -> Response:
    """恢复: with the roles and places of before."""
    enabled = people.enable(person_id, by=me())
    flash("已恢复，角色和支持区域与停用前相同。" if enabled else "这个人员没有停用。")
    return redirect(f"/people/{person_id}")


@bp.get("/people/template")
@administrators
def workbook() -> Response:
    """The workbook to fill in, with every point in it."""
    content = BytesIO()
    template.write(content, points=places.leaves())
    content.seek(0)
    return send_file(content, mimetype=SHEET, as_attachment=True, download_name=TEMPLATE_NAME)


@bp.get("/people/import")
@administrators
def import_form() -> str:
    """Choose a file."""
    return render_template("people/people_import.html", report=None)


@bp.post("/people/import")
@administrators
@takes_files
@refills(import_form)
def import_file() -> tuple[str, int]:
    """Check the file and, where 导入 was pressed and nothing is wrong, write it; the report row by row."""
    report = _imported(
        dry_run=request.form.get("act") != "import", with_hidden=request.form.get("with_hidden") == "1"
    )
    page = render_template("people/people_import.html", report=report)
    refused = report.problems or (request.form.get("act") == "import" and not report.written)
    return page, BadInput.status if refused else 200


def _imported(*, dry_run: bool, with_hidden: bool) -> importing.Report:
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        raise BadInput(fields={"file": "请选择填好的 .xlsx 文件。"})
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        upload.save(file)
        file.flush()
        try:
            return importing.import_file(Path(file.name), by=me(), dry_run=dry_run, with_hidden=with_hidden)
        except BadInput as wrong:  # no workbook at all: said beside the field
            raise BadInput(fields={"file": str(wrong)}) from None


def _form(person: Person | None) -> str:
    return render_template(
        "people/person_form.html",
        person=person,
        roles=[(str(role), name) for role, name in ROLE_NAMES.items()],
        regions=queries.regions(),
        departments=queries.departments(),
        seen=people.seen(person.id) if person else "",
    )


def _filled(form: Input) -> PersonForm:
    return PersonForm(
        name=form.text("name"),
        position=form.text("position"),
        mobile=form.text("mobile", longest=30),
        department_id=form.number_or_none("department"),
        region_id=form.number_or_none("region"),
        roles=frozenset(Role(role) for role in request.form.getlist("roles") if role in list(Role)),
    )
