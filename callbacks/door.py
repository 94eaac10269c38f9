"""GET and POST /callbacks/wecom: verify, store once, answer; everything else is the inbox job's.

A door of its own in front of the pages: whoever knocks here has no session, no
cookie and no role, only WeCom's signature, so nothing that pages need is asked
of it, and it answers in a third of the time (B-C1).
"""

import logging
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Request, Response

from app.wecom.inbound import LARGEST_BODY, TOO_LARGE, Hostile, Inbound
from callbacks import inbox

log = logging.getLogger(__name__)

PATH = "/callbacks/wecom"
METHODS = ("GET", "HEAD", "POST")


class Door:
    """The WSGI application of the callback address; every other path goes on to `pages`."""

    def __init__(self, pages: Any, *, inbound: Inbound, engine: Engine) -> None:
        self._pages = pages
        self._inbound = inbound
        self._engine = engine

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """One request."""
        if environ.get("PATH_INFO") != PATH:
            answered: Iterable[bytes] = self._pages(environ, start_response)
            return answered
        return self._answer(Request(environ))(environ, start_response)

    def _answer(self, request: Request) -> Response:
        try:
            if request.method == "POST":
                return self._receive(request)
            if request.method in METHODS:
                return _said(self._inbound.echo(request.args))
        except Hostile as error:
            # One line in the log and a status; a forger learns nothing more.
            log.warning("callback refused: %s", error)
            return _said("", status=error.status)
        return _said("", status=405, Allow=", ".join(METHODS))

    def _receive(self, request: Request) -> Response:
        """Store an event. 200 says that it is stored; WeCom repeats whatever was not answered so (X-C9)."""
        event = self._inbound.open(request.args, _body(request))
        try:
            inbox.store(event, into=self._engine)
        except SQLAlchemyError as error:
            log.error("callback not stored: %s", type(error).__name__)
            return _said("", status=503, **{"Retry-After": "5"})
        return _said("")


def _body(request: Request) -> bytes:
    # One byte more: a body without a stated length is cut there in silence, and Inbound sees that it is too long.
    request.max_content_length = LARGEST_BODY + 1
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise Hostile("body too large", TOO_LARGE) from None


def _said(text: str, *, status: int = 200, **headers: str) -> Response:
    headers["X-Content-Type-Options"] = "nosniff"
    return Response(text, status, headers, content_type="text/plain; charset=utf-8")
