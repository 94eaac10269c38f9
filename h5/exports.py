"""导出: lists as Excel files, recorded, a few a minute, and how far a long one is."""

from flask import Blueprint, request, send_file
from werkzeug.wrappers import Response

from app.errors import NotFound
from app.insight.exports import writing
from app.insight.exports.tasks import Listed, export_rows
from app.insight.exports.writing import Exported
from app.work.uploads.names import disposition
from h5.frame.forms import Input
from h5.frame.identity import me
from h5.frame.limits import exports_limit
from h5.frame.rights import signed_in
from h5.tasks import filters

bp = Blueprint("exports", __name__)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


# GET, although it is recorded: the downloads of phones ask for the address again, without a form.
@bp.get("/tasks/export")
@signed_in
@exports_limit
def rows() -> Response:
    """The rows of the open list, all pages of it: the address is that of the list."""
    asked = Input(request.args)
    narrowed = filters.of_address(request.args, asked)
    listed = Listed(
        asked.number_or_none("task"), "mine" in request.args, filters.filter_of(narrowed), narrowed.sort
    )
    return sent(export_rows(listed, by=me(), narrowed=narrowed.sentence, key=key_of(asked)))


@bp.get("/exports/<key>")
@signed_in
def progress(key: str) -> dict[str, int]:
    """How far a long export is; for the page that waits for it."""
    found = writing.progress(key, by=me())
    if found is None:
        raise NotFound
    return {"done": found[0], "total": found[1]}


def key_of(asked: Input) -> str | None:
    """The word by which the page will ask how far the file is."""
    return asked.text("key", longest=64) or None


def sent(exported: Exported) -> Response:
    """The file, to be saved under its Chinese name."""
    response = send_file(exported.file, mimetype=XLSX)
    response.content_length = exported.size
    response.headers["Content-Disposition"] = disposition(exported.name, inline=False)
    response.headers["Cache-Control"] = "no-store"
    return response
