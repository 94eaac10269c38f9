"""人员: who is who, and the 支持区域 of a person (T-01)."""

from collections import Counter
from collections.abc import Iterable
from itertools import groupby

from flask import Blueprint, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from app.errors import NotFound
from app.people import area_queries, area_rights, areas, queries
from app.people.area_queries import AreaLine
from app.people.areas import Changed
from app.people.models import AREA_ROLES, ROLE_NAMES, Person, Role
from app.tasks.face import open_rows
from app.tasks.publishing import copied_in
from h5.frame.forms import Input
from h5.frame.identity import me
from h5.frame.refusals import refills
from h5.frame.rights import signed_in
from h5.places.codes import codes_of

bp = Blueprint("people", __name__)

PAGE = 50


@bp.get("/people")
@signed_in
def people() -> str:
    """Everybody, narrowed by what was typed, 角色 and 大区."""
    asked = Input(request.args)
    role, region_id = asked.text("role", longest=30), asked.number_or_none("region")
    skip = asked.number_or_none("skip") or 0
    found = queries.search_people(
        asked.text("q", longest=60),
        region_id=region_id,
        role=Role(role) if role in list(Role) else None,
        left="left" in request.args,
        limit=PAGE,
        skip=skip,
    )
    return render_template(
        "people/people.html",
        found=found,
        places=area_queries.places_per_person([person.id for person in found.people]),
        regions=queries.regions(),
        role_names=ROLE_NAMES,
        region_id=region_id,
        skip=skip,
        size=PAGE,
        administers=me().holds(Role.ADMINISTRATOR),
    )


@bp.get("/people/<int:person_id>")
@signed_in
def person(person_id: int) -> str:
    """One person: facts, and 支持区域信息 with a form for those who keep it."""
    shown = _person(person_id)
    why_not = area_rights.why_not_person(me(), shown)
    lines = area_queries.areas_of(person_id)
    held = {line.role for line in lines} | shown.roles
    roles = [role for role in AREA_ROLES if role in held or (not why_not and area_rights.edits_all(me()))]
    return render_template(
        "people/person.html",
        person=shown,
        areas={role: _by_place([line for line in lines if line.role is role]) for role in roles},
        codes={role: ",".join(line.place_code for line in lines if line.role is role) for role in roles},
        left_behind=Counter(line.role for line in lines if not line.is_point),
        role_names=ROLE_NAMES,
        why_not=why_not,
        seen=area_queries.areas_seen(person_id),
        provinces=area_rights.provinces_of(me()),
        changes=area_queries.changes_of(person_id=person_id),
        outdated=0 if why_not else copied_in.outdated(_kept_places(person_id)),
        administers=me().holds(Role.ADMINISTRATOR),
        open_rows=open_rows(person_id),
    )


@bp.post("/people/<int:person_id>/areas")
@signed_in
@refills(person)
def set_areas(person_id: int) -> Response:
    """Save the places of a person in the roles that the form shows."""
    form = Input(request.form)
    wanted = {role: codes_of(form, role) for role in AREA_ROLES if role in request.form}
    for line in area_queries.areas_of(person_id):
        dropped = line.role in wanted and line.role in request.form.getlist("drop_left_behind")
        if dropped and not line.is_point:
            wanted[line.role] = tuple(code for code in wanted[line.role] if code != line.place_code)
    changed = areas.set_areas(
        person_id,
        by=me(),
        areas=wanted,
        take_over="take_over" in request.form,
        seen=form.text("seen", longest=40),
    )
    say_what_changed(changed)
    return redirect(f"/people/{person_id}")


@bp.post("/people/<int:person_id>/update-copies")
@signed_in
def update_copies(person_id: int) -> Response:
    """一并更新未办结任务的抄送人 at the places of a person, as far as the asker keeps them."""
    area_rights.require_person(me(), _person(person_id))
    n = copied_in.update_copied_in(_kept_places(person_id), by=me())
    flash(f"已更新 {n} 条未办结任务的抄送人。")
    return redirect(f"/people/{person_id}")


def say_what_changed(changed: Changed) -> None:
    """After saving: what changed, and the open rows with it where the form asked for that."""
    if not changed.places:
        flash("没有变化。")
        return
    flash(f"支持区域已保存，涉及 {len(changed.places)} 个点位，之后发布的任务按新的登记。")
    if "update_copies" in request.form and changed.copied_in:
        n = copied_in.update_copied_in(changed.copied_in, by=me())
        flash(f"{n} 条未办结任务的抄送人已一并更新。")


def _person(person_id: int) -> Person:
    found = queries.person(person_id)
    if found is None:
        raise NotFound("没有这个人员，请从人员列表重新选择。")
    return found


def _kept_places(person_id: int) -> set[str]:
    return area_rights.kept_by(me(), area_queries.concerned(person_id))


def _by_place(lines: Iterable[AreaLine]) -> list[tuple[str, list[AreaLine]]]:
    """The places under the names of what they lie in."""
    return [(parents, list(below)) for parents, below in groupby(lines, key=lambda line: line.parents)]
