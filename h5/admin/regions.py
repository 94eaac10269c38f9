"""大区 with their provinces, and departments."""

from flask import Blueprint, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from app.administration import facts, regions
from app.db import session
from app.errors import NotFound
from app.people import queries
from app.people.models import Department, Region
from app.places import queries as places
from h5.frame.forms import Input
from h5.frame.identity import me
from h5.frame.refusals import refills
from h5.frame.rights import administrators
from h5.places.codes import codes_of

bp = Blueprint("regions", __name__)


@bp.get("/admin/regions")
@administrators
def listed() -> str:
    """Every 大区 and department, and the provinces that belong nowhere."""
    owned = queries.region_of_province()
    return render_template(
        "admin/regions.html",
        regions=facts.of_regions(session()),
        departments=facts.of_departments(session()),
        head_offices=queries.head_offices(),
        loose=[province.name for province in places.children(None) if province.code not in owned],
    )


@bp.get("/admin/regions/new")
@administrators
def new_region() -> str:
    """An empty form."""
    return _region_form(None)


@bp.post("/admin/regions/new")
@administrators
@refills(new_region)
def create_region() -> Response:
    """Add a 大区."""
    return _save_region(None)


@bp.get("/admin/regions/<int:region_id>")
@administrators
def region(region_id: int) -> str:
    """One 大区: its name and its provinces."""
    found = queries.region(region_id)
    if found is None:
        raise NotFound(regions.NOT_FOUND)
    return _region_form(found)


@bp.post("/admin/regions/<int:region_id>")
@administrators
@refills(region)
def save_region(region_id: int) -> Response:
    """Change a 大区."""
    return _save_region(region_id)


@bp.get("/admin/departments/new")
@administrators
def new_department() -> str:
    """An empty form."""
    return _department_form(None)


@bp.post("/admin/departments/new")
@administrators
@refills(new_department)
def create_department() -> Response:
    """Add a department."""
    return _save_department(None)


@bp.get("/admin/departments/<int:department_id>")
@administrators
def department(department_id: int) -> str:
    """One department: its name, and whether it is the head office."""
    found = queries.department(department_id)
    if found is None:
        raise NotFound(regions.NOT_FOUND)
    return _department_form(found)


@bp.post("/admin/departments/<int:department_id>")
@administrators
@refills(department)
def save_department(department_id: int) -> Response:
    """Change a department."""
    return _save_department(department_id)


def _region_form(shown: Region | None) -> str:
    owned = queries.region_of_province()
    return render_template(
        "admin/region.html",
        region=shown,
        provinces=places.children(None),
        owned=owned,
        names=dict(queries.regions()),
        mine={code for code, region_id in owned.items() if shown and region_id == shown.id},
        seen=regions.regions_seen(),
    )


def _department_form(shown: Department | None) -> str:
    return render_template("admin/department.html", department=shown, seen=regions.departments_seen())


def _save_region(region_id: int | None) -> Response:
    form = Input(request.form)
    regions.save_region(
        region_id,
        name=form.text("name"),
        provinces=codes_of(form, "provinces"),
        by=me(),
        seen=form.text("seen", longest=40),
        form_key=form.text("form_key"),
    )
    flash("已保存，之后发布的任务按新的划分。")
    return redirect("/admin/regions")


def _save_department(department_id: int | None) -> Response:
    form = Input(request.form)
    regions.save_department(
        department_id,
        name=form.text("name"),
        is_head_office="is_head_office" in request.form,
        by=me(),
        seen=form.text("seen", longest=40),
        form_key=form.text("form_key"),
    )
    flash("已保存。")
    return redirect("/admin/regions")
