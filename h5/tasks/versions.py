"""各点位版本: which version of every module each county runs now."""

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from app.insight.exports.tasks import export_versions
from app.people import queries as people
from app.tasks.filters import Filter
from app.tasks.patches import queries as patch_queries
from app.tasks.reading import versions
from h5.exports import key_of, sent
from h5.frame.forms import Input
from h5.frame.identity import me
from h5.frame.limits import exports_limit
from h5.frame.named import NOWHERE, place_named
from h5.frame.rights import signed_in

bp = Blueprint("versions", __name__)


@dataclass(frozen=True)
class Asked:
    """What the address narrows the lines to; `place` as it was typed."""

    filter: Filter
    region_id: int | None
    patch_id: int | None
    place: str

    @property
    def fields(self) -> dict[str, int | str]:
        """The same as fields of an address."""
        return {"region": self.region_id or "", "patch": self.patch_id or "", "place": self.place}

    @property
    def sentence(self) -> str:
        """The same in words: 大区 华北大区，补丁包 征管补丁 3.2.1."""
        regions = [region.name for region in people.regions() if region.id == self.region_id]
        patches = [one.title for one in patch_queries.choices(self.patch_id) if one.id == self.patch_id]
        named = {"大区": regions, "补丁包": patches, "区划": [self.place] if self.place else []}
        return "，".join(f"{name} {texts[0]}" for name, texts in named.items() if texts)


@bp.get("/versions")
@signed_in
def page() -> str:
    """A line per place and module, narrowed by 大区, 区划 and 补丁包."""
    form = Input(request.args)
    asked, skip = _asked(form), form.number_or_none("skip") or 0
    found = versions.running(
        me(), narrowed=asked.filter, patch_id=asked.patch_id, limit=versions.PAGE + 1, skip=skip
    )
    return render_template(
        "tasks/versions.html",
        lines=found[: versions.PAGE],
        more=len(found) > versions.PAGE,
        size=versions.PAGE,
        skip=skip,
        unknown=asked.place if asked.filter.place_code == NOWHERE else "",
        regions=people.regions(),
        patches=patch_queries.choices(asked.patch_id),
        asked=asked.fields,
        export_url="/versions/export?" + urlencode(asked.fields),
    )


# GET, although it is recorded, as every download.
@bp.get("/versions/export")
@signed_in
@exports_limit
def export() -> Response:
    """The lines of the open page, all pages of it: the address is that of the page."""
    form = Input(request.args)
    asked = _asked(form)
    file = export_versions(asked.filter, asked.patch_id, by=me(), narrowed=asked.sentence, key=key_of(form))
    return sent(file)


def _asked(form: Input) -> Asked:
    region_id, text = form.number_or_none("region"), form.text("place", longest=100)
    place = place_named(text) if text else None
    code = place[0] if place else NOWHERE
    narrowed = Filter(region_id=region_id, place_code=code if text else "")
    return Asked(narrowed, region_id, form.number_or_none("patch"), text)
