"""紧急转派: an administrator hands the open rows of somebody on (Q30)."""

from flask import flash, redirect, render_template, request
from werkzeug.wrappers import Response

from app.administration.people import NOT_FOUND
from app.errors import NotFound
from app.people import queries
from app.tasks.field import handing_on
from app.tasks.reading import queries as rows
from h5.frame.forms import Input
from h5.frame.identity import me
from h5.frame.refusals import refills
from h5.frame.rights import administrators
from h5.people.people_editing import bp


@bp.get("/people/<int:person_id>/open-rows")
@administrators
def open_rows(person_id: int) -> str:
    """The open rows of somebody, to be handed on in an emergency, by 大区."""
    found = queries.person(person_id)
    if found is None:
        raise NotFound(NOT_FOUND)
    regions = {region.id: region.name for region in queries.regions()}
    groups = [
        (regions.get(region_id or 0, ""), own, _colleagues(region_id, but=person_id))
        for region_id, own in rows.open_rows_by_region(person_id, by=me()).items()
    ]
    return render_template("tasks/open_rows.html", person=found, groups=groups)


@bp.post("/people/<int:person_id>/hand-on")
@administrators
@refills(open_rows)
def hand_on(person_id: int) -> Response:
    """紧急转派 of the ticked rows."""
    form = Input(request.form)
    number = handing_on.hand_on(
        person_id,
        form.ids("row"),
        by=me(),
        to_id=form.chosen("to", "请选择转派给谁。"),
        reason=form.text("reason"),
        form_key=form.text("form_key"),
    )
    flash(f"已紧急转派 {number} 个点位，新的实施人会收到提醒。")
    return redirect(f"/people/{person_id}/open-rows")


def _colleagues(region_id: int | None, *, but: int) -> list[tuple[int, str]]:
    """Who may take rows on: (id, name with what tells namesakes apart)."""
    found = []
    for one in queries.colleagues(region_id, but=but):
        told_apart_by = one.position or "、".join(one.role_names) or one.userid
        found.append((one.id, f"{one.name}（{told_apart_by}）"))
    return found
