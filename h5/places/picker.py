"""What the division tree of the forms is made of; kept by the browser until it changes."""

import gzip
import json
from functools import lru_cache

from flask import Blueprint, Response, request

from app.people import queries as people
from app.people.models import Role
from app.places.picker import picker as whole_tree
from h5.frame.rights import needs, open_to_all

bp = Blueprint("places", __name__)

# Those who publish to places, and those who keep 支持区域.
choose_places = needs(
    Role.PUBLISHER, Role.DEPARTMENT_MANAGER, Role.ADMINISTRATOR, Role.REGION_MANAGER, Role.SUPERVISOR
)


@bp.get("/places/picker.json")
@open_to_all
def picker() -> Response:
    """Every present place, see `app.places.picker`: public knowledge, so nobody is looked up.

    With `v`, the mark of the content, it is kept for a year and never asked
    for again; a worker answers from memory (B-T2).
    """
    wanted = request.args.get("v", "")
    try:
        response = _kept(_marked(wanted), wanted)
    except LookupError:
        return _kept(*whole_tree())
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@bp.app_template_global()
def picker_address() -> str:
    """Where the present tree is found; it changes with the content."""
    return f"/places/picker.json?v={whole_tree()[1]}"


@lru_cache(maxsize=2)
def _marked(tag: str) -> bytes:
    """The tree with this mark; LookupError, which is not remembered, for any but the present one."""
    body, present = whole_tree()
    if tag != present:
        raise LookupError(tag)
    return body


@bp.get("/places/staffing.json")
@choose_places
def staffing() -> Response:
    """`{leaf code: [实施人, 主管, 服务经理]}` by name."""
    tag = people.staffing_version()
    return _kept(b"" if _has(tag) else _staffing(tag), tag)


@lru_cache(maxsize=2)
def _staffing(_version: str) -> bytes:
    return json.dumps(people.staffing(), ensure_ascii=False, separators=(",", ":")).encode()


def _kept(body: bytes, tag: str) -> Response:
    """304 for a browser that has it; else the body, zipped once per content."""
    headers = {
        "Cache-Control": "private, no-cache",  # ask each time, receive it once
        "Vary": "Accept-Encoding",
        "ETag": f'"{tag}"',
    }
    if _has(tag):
        return Response(status=304, headers=headers)
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        body, headers["Content-Encoding"] = _zipped(body), "gzip"
    return Response(body, headers=headers, mimetype="application/json")


def _has(tag: str) -> bool:
    return f'"{tag}"' in request.headers.get("If-None-Match", "")  # weak or one of several, too


@lru_cache(maxsize=4)
def _zipped(body: bytes) -> bytes:
    return gzip.compress(body, 9, mtime=0)
