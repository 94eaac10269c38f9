"""各点位版本: which version of every module each county runs now."""

from flask import Blueprint, render_template, request

from app.people import queries as people
from app.tasks import patch_queries, versions
from app.tasks.filters import Filter
from h5.forms import Input
from h5.identity import me
from h5.narrowing import NOWHERE, place_named
from h5.rights import signed_in

bp = Blueprint("versions", __name__)


@bp.get("/versions")
@signed_in
def page() -> str:
    """A line per place and module, narrowed by 大区, 区划 and 补丁包."""
    asked = Input(request.args)
    region_id, patch_id = asked.number_or_none("region"), asked.number_or_none("patch")
    text, skip = asked.text("place", longest=100), asked.number_or_none("skip") or 0
    place = place_named(text) if text else None
    code = place[0] if place else NOWHERE
    found = versions.running(
        me(),
        narrowed=Filter(region_id=region_id, place_code=code if text else ""),
        patch_id=patch_id,
        limit=versions.PAGE + 1,
        skip=skip,
    )
    return render_template(
        "versions.html",
        lines=found[: versions.PAGE],
        more=len(found) > versions.PAGE,
        size=versions.PAGE,
        skip=skip,
        unknown=text if text and place is None else "",
        regions=people.regions(),
        patches=patch_queries.choices(patch_id),
        asked={"region": region_id or "", "patch": patch_id or "", "place": text},
    )
