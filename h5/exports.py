"""导出: lists as Excel files, recorded, a few a minute, and how far a long one is."""

from flask import Blueprint, send_file
from werkzeug.wrappers import Response

from app.errors import NotFound
from app.insight.exports import writing
from app.insight.exports.writing import Exported
from app.work.uploads.names import disposition
from h5.frame.forms import Input
from h5.frame.identity import me
from h5.frame.rights import signed_in

bp = Blueprint("exports", __name__)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


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
