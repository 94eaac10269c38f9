"""Puts the stand-in together as a Flask app, and serves it."""

import logging
from functools import partial
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from flask import Flask, Response, abort, current_app, redirect, request
from gunicorn.app.base import BaseApplication
from werkzeug.wrappers import Response as AnyResponse

from app.simulator import (
    api_agent,
    api_contacts,
    api_login,
    api_media,
    api_messages,
    api_updates,
    api_workbench,
    desk,
    gate,
    oauth,
    passive,
    phone,
    tokens,
)
from app.simulator.settings import Settings
from app.simulator.world import build_world

# Importing these modules registers their calls at the gate.
API_MODULES = (
    api_agent,
    api_contacts,
    api_login,
    api_media,
    api_messages,
    api_updates,
    api_workbench,
    tokens,
)
THREADS = 48


def create_app(settings: Settings) -> Flask:
    """One stand-in; its state lives in `app.extensions["simulator"]`."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 32 * 1024 * 1024
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    here = app.extensions["simulator"] = build_world(settings)
    here.callbacks.on_reply = partial(passive.carry_out, here)
    app.wsgi_app = gate.front(here, app.wsgi_app)  # type: ignore[assignment,method-assign]
    for part in (oauth, phone, desk):
        app.register_blueprint(part.bp)
    app.before_request(_one_name)
    app.before_request(_only_from_here)
    policy = _content_policy(settings)

    @app.after_request
    def protect(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    return app


def serve(settings: Settings) -> None:
    """Serve until interrupted: one process, many threads, no request log (it would print corpsecret)."""
    options = {
        "bind": f"{settings.host}:{settings.port}",
        "workers": 1,
        "threads": THREADS,
        "worker_class": "gthread",
        "keepalive": 75,
        "graceful_timeout": 1,
        "loglevel": "error",
        "accesslog": None,
        "control_socket_disable": True,
    }
    logging.getLogger("gunicorn.error").setLevel(logging.ERROR)
    _Server(settings, options).run()


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn tells no types
    def __init__(self, settings: Settings, options: dict[str, Any]) -> None:
        self._settings = settings
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        # Built in the worker, after the fork: SQLite connections must not cross it.
        return create_app(self._settings)


def _content_policy(settings: Settings) -> str:
    app = settings.app_origin
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        f"img-src 'self' data: blob: {app}; media-src 'self'; frame-src 'self' {app}; "
        f"form-action 'self' {app}; base-uri 'none'; frame-ancestors 'self'"
    )


def _one_name() -> AnyResponse | None:
    """localhost and 127.0.0.1 have separate cookies, and the app under test knows one of them only."""
    here = urlsplit(request.host_url)
    wanted = urlsplit(current_app.extensions["simulator"].settings.public_base_url).hostname
    browsing = request.headers.get("Sec-Fetch-Mode") == "navigate"
    if not browsing or request.method != "GET" or {here.hostname, wanted} != {"localhost", "127.0.0.1"}:
        return None
    return redirect(
        urlunsplit((here.scheme, f"{wanted}:{here.port}", request.path, request.query_string.decode(), ""))
    )


def _only_from_here() -> None:
    """Pages of other origins, the framed app among them, may not pull levers here."""
    origin = request.headers.get("Origin")
    if request.method == "POST" and origin and origin not in ("null", request.host_url.rstrip("/")):
        abort(403)
