"""The door for other systems: JSON below /api/v1, opened by a bearer token."""

from flask import Flask, request
from werkzeug.wrappers import Response

from app.api import answers, door, patches, tasks

MODULES = (tasks, patches)
"""Modules whose endpoints are served; a new kind of work has its own."""


def init_app(app: Flask) -> None:
    """Attach the endpoints, and answer in JSON wherever an address begins with theirs."""

    @app.before_request
    def answer_for_wrong_addresses() -> Response | None:
        # No blueprint is asked about an address or a method that nothing is registered for.
        if request.routing_exception is not None and request.path.startswith("/api/"):
            return answers.http_error(request.routing_exception)
        return None

    app.register_blueprint(door.bp)
