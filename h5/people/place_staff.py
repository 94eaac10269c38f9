"""区划: the people of a place (T-02), the way down to it, and the places that lack somebody."""

import re
from dataclasses import dataclass, replace

from flask import Blueprint, flash, g, redirect, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.errors import BadInput, NotFound
from app.people import area_queries, area_rights, areas, queries
from app.people.area_queries import ProvinceGaps
from app.people.models import AREA_ROLES, ROLE_NAMES, Person, Role
from app.places import queries as places
from app.places.models import Place
from app.tasks.publishing import copied_in
from h5.frame.forms import Input
from h5.frame.identity import me
from h5.frame.refusals import refills
from h5.frame.rights import signed_in
from h5.people.people import say_what_changed

bp = Blueprint("place_staff", __name__)

OFFERED = 5  # people shown below a search field
ZERO_PAIRS = re.compile(r"(00)+$")  # 130100 is above everything that begins with 1301


@dataclass(frozen=True)
class Choice:
    """One person in the form of a place: ticked, and marked 主要."""

    id: int
    name: str
    region: str
    has_left: bool = False
    is_ticked: bool = False
    is_first: bool = False


@bp.get("/people/places")
@signed_in
def provinces() -> str:
    """The provinces, and how many of their points lack somebody."""
    return _below(None)


@bp.get("/people/places/<code>")
@signed_in
def place(code: str) -> str:
    """The people of a point, with a form for those who keep them; above the points, what lies below."""
    shown = _place(code)
    if not shown.is_leaf:
        return _below(shown)
    why_not = area_rights.why_not_place(me(), shown)
    return render_template(
        "people/place_staff.html",
        place=shown,
        staff={role: _staff(code, role) for role in AREA_ROLES},
        offered={role: [] if why_not else _offered("", role, shown) for role in AREA_ROLES},
        role_names=ROLE_NAMES,
        why_not=why_not,
        seen=area_queries.staff_seen(code),
        changes=area_queries.changes_of(place_code=code),
        outdated=0 if why_not else copied_in.outdated([code]),
    )


@bp.post("/people/places/<code>/staff")
@signed_in
@refills(place)
def set_staff(code: str) -> Response:
    """Save who serves a point. The hidden `roles` say which lists were on the page at all."""
    _place(code)
    chosen = {Role(role): _chosen(role) for role in request.form.getlist("roles") if role in AREA_ROLES}
    changed = areas.set_staff(code, by=me(), staff=chosen, seen=Input(request.form).text("seen", longest=40))
    say_what_changed(changed)
    return redirect(f"/people/places/{code}")


@bp.post("/people/places/<code>/update-copies")
@signed_in
def update_copies(code: str) -> Response:
    """一并更新未办结任务的抄送人 at one point."""
    _place(code)
    n = copied_in.update_copied_in([code], by=me())
    flash(f"已更新 {n} 条未办结任务的抄送人。")
    return redirect(f"/people/places/{code}")


@bp.get("/people/places/<code>/offered")
@signed_in
def offered(code: str) -> str:
    """People who might serve a point in a role: a fragment for the form's search fields."""
    asked = Input(request.args)
    role, text = asked.text("role", longest=30), asked.text("text", longest=60)
    if role not in AREA_ROLES:
        raise BadInput
    return render_template("people/_offered.html", role=role, people=_offered(text, Role(role), _place(code)))


@bp.get("/people/gaps")
@signed_in
def gaps() -> str:
    """The points that lack 实施人, 主管 or 服务经理, by province; one province at a time is opened."""
    asked = Input(request.args)
    region, opened = asked.text("region", longest=40), asked.text("province", longest=12)
    own = me().region
    if "region" not in request.args and own is not None and not area_rights.edits_all(me()):
        region = own.name
    found = [one for one in area_queries.gaps() if region in ("", one.region)]
    found.sort(key=lambda one: not one.places)  # what needs work comes first
    return render_template(
        "people/gaps.html",
        provinces=found,
        opened=next((one for one in found if one.code == opened), None),
        regions=queries.regions(),
        region=region,
        total=_total(found),
        points=sum(one.points for one in found),
        area_roles=AREA_ROLES,
        role_names=ROLE_NAMES,
    )


def _total(found: list[ProvinceGaps]) -> dict[Role, int]:
    return {role: sum(one.lacking[role] for one in found) for role in AREA_ROLES}


def _below(above: Place | None) -> str:
    below = places.children(above.code if above else None)
    staff = queries.primary_staff([one.code for one in below if one.is_leaf])
    people = {
        one
        for who in staff.values()
        for one in (who.implementer_id, who.supervisor_id, who.service_manager_id)
        if one
    }
    return render_template(
        "people/places.html",
        above=above,
        below=below,
        staff=staff,
        names=queries.names_of(people),
        lacking=_lacking(below),
    )


def _lacking(below: list[Place]) -> dict[str, int]:
    """Code → how many points at or below it lack somebody."""
    gaps = [gap.code for province in area_queries.gaps() for gap in province.places]
    heads = {one.code: one.code if one.is_leaf else ZERO_PAIRS.sub("", one.code) for one in below}
    return {code: sum(gap.startswith(head) for gap in gaps) for code, head in heads.items()}


def _place(code: str) -> Place:
    found = places.place(code)
    if found is None or found.valid_to is not None:
        raise NotFound("没有这个行政区划，可能已经撤并。请从区划列表重新选择。")
    return found


def _staff(code: str, role: Role) -> list[Choice]:
    """Who is registered; in a refused form also whom it would add, everybody as it was ticked there."""
    lines = [line for line in area_queries.staff_of(code) if line.role is role]
    found = [Choice(one.person_id, one.name, one.region, one.has_left, True, one.is_primary) for one in lines]
    form: MultiDict[str, str] | None = g.get("typed")
    if form is None:
        return found
    ticked, first = Input(form).ids(role), Input(form).number_or_none(f"{role}_first")
    added = sorted(ticked - {one.id for one in found})
    found += [_choice(person) for one in added if (person := queries.person(one))]
    return [replace(one, is_ticked=one.id in ticked, is_first=one.id == first) for one in found]


def _offered(text: str, role: Role, place: Place) -> list[Choice]:
    """Who could be added: found by `text`, else those of the place's 大区 who hold the role already."""
    everybody = area_rights.edits_all(me())
    region_id = queries.region_of_province().get(place.province_code)
    here = {line.person_id for line in area_queries.staff_of(place.code) if line.role is role}
    found = queries.search_people(
        text,
        region_id=None if text and everybody else region_id,
        role=None if text and everybody else role,
        limit=OFFERED + len(here),
    )
    return [_choice(person) for person in found.people if person.id not in here][:OFFERED]


def _choice(person: Person) -> Choice:
    region = person.region.name if person.region else ""
    return Choice(person.id, person.name, region, has_left=person.left_at is not None)


def _chosen(role: str) -> list[int]:
    """The ticked people in the order of the page, the one marked 主要 before the others."""
    form = request.form
    ticked = [Input(MultiDict({role: value})).whole_number(role) for value in form.getlist(role)]
    first = Input(form).number_or_none(f"{role}_first")
    return sorted(ticked, key=lambda person_id: person_id != first)
