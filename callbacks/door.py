"""GET and POST /callbacks/wecom: verify, store once, answer; everything else is the inbox job's.

A door of its own in front of the pages: whoever knocks here has no session, no
cookie and no role, only WeCom's signature, so nothing that pages need is asked
of it, and it answers in a third of the time (B-C1).
"""

import logging
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, NamedTuple

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Request

from app import outage
from app.wecom.inbound import LARGEST_BODY, TOO_LARGE, Hostile, Inbound
from callbacks import inbox

log = logging.getLogger(__name__)

PATH = "/callbacks/wecom"
METHODS = ("GET", "HEAD", "POST")
HEADERS = (("Content-Type", "text/plain; charset=utf-8"), ("X-Content-Type-Options", "nosniff"))


class Answer(NamedTuple):
    """What WeCom gets: next to nothing."""

    status: int = 200
    text: str = ""
    headers: tuple[tuple[str, str], ...] = ()


STORED = Answer()


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
        answer = self._answer(Request(environ))
        body = b"" if environ["REQUEST_METHOD"] == "HEAD" else answer.text.encode()
        start_response(
            f"{answer.status:d} {HTTPStatus(answer.status).phrase}",
            [*HEADERS, *answer.headers, ("Content-Length", str(len(body)))],
        )
        return [body]

    def _answer(self, request: Request) -> Answer:
        try:
            if request.method == "POST":
                return self._receive(request)
            if request.method in METHODS:
                return Answer(text=self._inbound.echo(request.args))
        except Hostile as error:
            # One line in the log and a status; a forger learns nothing more.
            log.warning("callback refused: %s", error)
            return Answer(error.status)
        return Answer(405, headers=(("Allow", ", ".join(METHODS)),))

    def _receive(self, request: Request) -> Answer:
        """Store an event. 200 says that it is stored; WeCom repeats whatever was not answered so (X-C9)."""
        event = self._inbound.open(request.args, _body(request))
        try:
            inbox.store(event, into=self._engine)
        except SQLAlchemyError as error:
            log.error("callback not stored: %s", outage.reason_of(error))
            return Answer(503, headers=(("Retry-After", str(outage.SECONDS)),))
        return STORED


def _body(request: Request) -> bytes:
    # One byte more: a body without a stated length is cut there in silence, and Inbound sees that it is too long.
    request.max_content_length = LARGEST_BODY + 1
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise Hostile("body too large", TOO_LARGE) from None
