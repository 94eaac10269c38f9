"""Photos and documents: sent to those who may see what they belong to, and taken in with a form."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint, Flask, current_app, flash, redirect, request, send_file
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.wrappers import Response

from app.insight import files
from app.work import attachments
from app.work.models import Attachment
from app.work.uploads.cleaning import Upload
from h5.frame.identity import me
from h5.frame.rights import signed_in

bp = Blueprint("attachments", __name__)
View = TypeVar("View", bound=Callable[..., Any])

LARGEST_BODY = 25 * 1024 * 1024  # bytes of one form with files; the proxy's limit is the same
# Whatever a file may hold: opened by itself it runs nothing, loads nothing and sends nothing.
HARMLESS = "default-src 'none'; sandbox"


@bp.get("/attachments/<uid>")
@signed_in
def attachment(uid: str) -> Response:
    """The file itself: a picture opens, a document is saved."""
    return _sent(files.found(uid, by=me()), thumb=False)


@bp.get("/attachments/<uid>/thumb")
@signed_in
def thumb(uid: str) -> Response:
    """The small copy of a picture."""
    return _sent(files.found(uid, by=me()), thumb=True)


@bp.post("/attachments/<uid>/take-back")
@signed_in
def take_back(uid: str) -> Response:
    """撤回附件: the wrong photo goes, by who uploaded it."""
    page = files.take_back(uid, by=me())
    flash("附件已撤回。")
    return redirect(page)


def takes_files(view: View) -> View:
    """Mark a POST view whose form brings files, so that its body may be as large as that needs."""
    view.largest_body = LARGEST_BODY  # type: ignore[attr-defined]
    return view


def uploads(files: MultiDict[str, FileStorage], name: str = "files") -> list[Upload]:
    """The files chosen in the fields called `name`; a field left empty sends a file without a name."""
    return [Upload(file.filename or "", file.stream) for file in files.getlist(name) if file.filename]


def init_app(app: Flask) -> None:
    """Let the bodies of marked views through; to be called before anything reads a form."""

    @app.before_request
    def allow_larger_body() -> None:
        view = current_app.view_functions.get(request.endpoint or "")
        request.max_content_length = getattr(view, "largest_body", app.config["MAX_CONTENT_LENGTH"])


def _sent(found: Attachment, *, thumb: bool) -> Response:
    served = attachments.served(found, thumb=thumb)
    response = send_file(served.path, mimetype=served.mime, etag=served.path.name, last_modified=None)
    response.headers["Content-Disposition"] = served.disposition
    response.headers["Content-Security-Policy"] = HARMLESS
    # Asked for each time, so that rights are checked; received once, as the lines in the counties are thin.
    response.headers["Cache-Control"] = "private, no-cache"
    return response
