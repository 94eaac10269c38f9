"""A signed-in browser inside the process: requests straight to WSGI, with no client's cost on top."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from werkzeug.test import EnvironBuilder, run_wsgi_app

from app.people import sessions
from tests.visitor import Visitor

CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"|data-csrf="([^"]+)"')


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes


class Browser:
    """One person's cookies for one application."""

    def __init__(self, app: Flask, *, person_id: int | None = None) -> None:
        self.app = app
        self.cookie = ""
        self.csrf = ""
        if person_id is not None:
            self._sign_in(person_id)

    def get(self, path: str) -> Answer:
        """One page, through the whole application."""
        return self.ready(path)()

    def post(self, path: str, form: dict[str, Any]) -> Answer:
        """One submitted form."""
        body = urlencode(form).encode()
        kind = "application/x-www-form-urlencoded"
        return self.ready(path, method="POST", body=body, content_type=kind)()

    def ready(
        self, path: str, *, method: str = "GET", body: bytes = b"", content_type: str | None = None
    ) -> Callable[[], Answer]:
        """The request, built beforehand; calling it costs what the application costs."""
        headers = {"Cookie": self.cookie} if self.cookie else {}
        builder = EnvironBuilder(path=path, method=method, headers=headers, content_type=content_type)
        environ = builder.get_environ()
        environ["CONTENT_LENGTH"] = str(len(body))
        wsgi = self.app.wsgi_app

        def send() -> Answer:
            chunks, status, answered = run_wsgi_app(
                wsgi, environ | {"wsgi.input": BytesIO(body)}, buffered=True
            )
            return Answer(int(status[:3]), dict(answered), b"".join(chunks))

        return send

    def _sign_in(self, person_id: int) -> None:
        """What the login page does at its end, then a page for the CSRF token."""
        with self.app.app_context():
            token = sessions.start(person_id)
        client = Visitor(self.app)
        with client.session_transaction() as kept:
            kept["_user_id"] = token
        page = client.get("/me").get_data(as_text=True)
        name = self.app.config["SESSION_COOKIE_NAME"]
        found = client.get_cookie(name)
        token_found = CSRF.search(page)
        assert found is not None
        assert token_found is not None, page[:500]
        self.cookie = f"{name}={found.value}"
        self.csrf = token_found[1] or token_found[2]
