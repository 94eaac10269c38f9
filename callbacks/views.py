"""GET and POST /callbacks/wecom: verify, store once, answer; everything else is the inbox job's."""

import logging
from collections.abc import Callable
from typing import cast

from flask import Blueprint, Response, current_app, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import RequestEntityTooLarge

from app.wecom.inbound import LARGEST_BODY, TOO_LARGE, Hostile, Inbound
from callbacks import inbox

log = logging.getLogger(__name__)
bp = Blueprint("callbacks", __name__)


def signed_by_wecom(view: Callable[..., Response]) -> Callable[..., Response]:
    """The view's right: whoever holds our callback token."""
    view.right = "wecom_signature"  # type: ignore[attr-defined]
    return view


@bp.get("/callbacks/wecom")
@signed_by_wecom
def prove() -> Response:
    """Prove to WeCom that this address is ours."""
    return _answered(_inbound().echo(request.args))


@bp.post("/callbacks/wecom")
@signed_by_wecom
def receive() -> Response:
    """Store an event. 200 says that it is stored; WeCom repeats whatever was not answered so (X-C9)."""
    try:
        inbox.store(_inbound().open(request.args, _body()))
    except SQLAlchemyError as error:
        log.error("callback not stored: %s", type(error).__name__)
        return _answered("", status=503)
    return _answered("")


@bp.errorhandler(Hostile)
def refuse(error: Hostile) -> Response:
    """One line in the log and a status; a forger learns nothing more."""
    log.warning("callback refused: %s", error)
    return _answered("", status=error.status)


def _body() -> bytes:
    # One byte more: a body without a stated length is cut there in silence, and Inbound sees that it is too long.
    request.max_content_length = LARGEST_BODY + 1
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise Hostile("body too large", TOO_LARGE) from None


def _answered(text: str, *, status: int = 200) -> Response:
    response = Response(text, status, content_type="text/plain; charset=utf-8")
    response.headers["X-Content-Type-Options"] = "nosniff"
    if status == 503:
        response.headers["Retry-After"] = "5"
    return response


def _inbound() -> Inbound:
    return cast(Inbound, current_app.extensions["wecom_inbound"])
