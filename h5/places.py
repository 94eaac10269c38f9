"""What the division tree of the forms is made of; kept by the browser until it changes."""

import gzip
import json
from functools import lru_cache

from flask import Blueprint, Response, request

from app.people import queries as people
from app.people.models import Role
from app.places import queries as places
from h5.rights import needs

bp = Blueprint("places", __name__)

# Those who publish to places, and those who keep 支持区域.
choose_places = needs(
    Role.PUBLISHER, Role.DEPARTMENT_MANAGER, Role.ADMINISTRATOR, Role.REGION_MANAGER, Role.SUPERVISOR
)


@bp.get("/places/picker.json")
@choose_places
def picker() -> Response:
    """`[[code, name, initials], …]` of every present place."""
    body, tag = places.picker()
    return _kept(body, tag)


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
    response = Response(mimetype="application/json")
    response.headers["Cache-Control"] = "private, no-cache"  # ask each time, receive it once
    response.vary.add("Accept-Encoding")
    response.set_etag(tag)
    if _has(tag):
        response.status_code = 304
    elif "gzip" in request.headers.get("Accept-Encoding", ""):
        response.headers["Content-Encoding"] = "gzip"
        response.set_data(_zipped(body))
    else:
        response.set_data(body)
    return response


def _has(tag: str) -> bool:
    return tag in request.if_none_match


@lru_cache(maxsize=4)
def _zipped(body: bytes) -> bytes:
    return gzip.compress(body, 9, mtime=0)
