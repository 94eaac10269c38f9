"""The composition root of the web process: core + doors."""

from flask import Flask

import callbacks
import h5
from app import api
from app.cli import register_commands
from app.core import create_core
from app.settings import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """The whole web application; `gunicorn "wsgi:create_app()"`."""
    app = create_core(settings)
    h5.init_app(app)
    api.init_app(app)
    register_commands(app)
    callbacks.init_app(app)
    return app
