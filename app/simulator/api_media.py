"""Temporary media: media/upload, media/get, and pictures for messages (media/uploadimg)."""

import secrets
from io import BytesIO
from typing import Any
from urllib.parse import quote

from werkzeug.datastructures import FileStorage
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header
from werkzeug.wrappers import Response

from app.simulator.errors import ApiError
from app.simulator.gate import Call, api

MEGABYTE = 1024 * 1024
LARGEST = {"image": 10 * MEGABYTE, "voice": 2 * MEGABYTE, "video": 10 * MEGABYTE, "file": 20 * MEGABYTE}
SMALLEST = 6
LIFETIME = 3 * 86400
PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8")


@api("media/upload", method="POST")
def upload(call: Call) -> dict[str, Any]:
    kind = call.arg("type", missing=40005)
    if kind not in LARGEST:
        raise ApiError(40005)
    body, name, content_type = _uploaded(call)
    _check(kind, body)
    media_id = _keep(call, kind, body, name, content_type)
    return {"type": kind, "media_id": media_id, "created_at": str(int(call.at))}


@api("media/uploadimg", method="POST")
def upload_picture(call: Call) -> dict[str, Any]:
    body, name, content_type = _uploaded(call)
    _check("image", body)
    media_id = _keep(call, "picture", body, name, content_type)
    settings = call.world.settings
    return {"url": f"http://{settings.host}:{settings.port}/media/{media_id}"}


@api("media/get")
def download(call: Call) -> Response:
    with call.world.store.use() as db:
        row = db.execute(
            "SELECT * FROM media WHERE media_id = ?", (call.arg("media_id", missing=41006),)
        ).fetchone()
    if row is None:
        raise ApiError(40007)
    if call.at - row["at"] > LIFETIME:
        raise ApiError(40145)
    return as_file(row)


def as_file(row: Any) -> Response:
    """A stored file as an answer, its Chinese name in RFC 5987 form."""
    answer = Response(row["body"], content_type=row["content_type"])
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(row['filename'])}"
    return answer


def _uploaded(call: Call) -> tuple[bytes, str, str]:
    mimetype, options = parse_options_header(call.content_type)
    if mimetype != "multipart/form-data":
        raise ApiError(44001, "multipart/form-data with a part named media")
    _, _, files = FormDataParser(stream_factory=_in_memory).parse(
        BytesIO(call.raw), mimetype, len(call.raw), options
    )
    part: FileStorage | None = files.get("media") or files.get("fieldNameHere")
    if part is None or not part.filename:
        raise ApiError(44001, "the part should be named media and carry a filename")
    return part.read(), part.filename, part.content_type or "application/octet-stream"


def _in_memory(*_: object, **__: object) -> BytesIO:
    # The default spools to a file that nobody closes; the body is in memory already.
    return BytesIO()


def _check(kind: str, body: bytes) -> None:
    if not body:
        raise ApiError(44001)
    if len(body) < SMALLEST:
        raise ApiError(40006, "more than 5 bytes")
    if len(body) > LARGEST[kind]:
        raise ApiError(45001, f"{len(body)} bytes, {LARGEST[kind]} allowed")
    if kind == "image" and not body.startswith(PICTURES):
        raise ApiError(40123)
    if kind == "voice" and not body.startswith(b"#!AMR"):
        raise ApiError(40004, "amr only")


def _keep(call: Call, kind: str, body: bytes, name: str, content_type: str) -> str:
    media_id = secrets.token_urlsafe(48)
    with call.world.store.use() as db:
        db.execute(
            "INSERT INTO media VALUES (?, ?, ?, ?, ?, ?)", (media_id, kind, name, content_type, body, call.at)
        )
    return media_id
