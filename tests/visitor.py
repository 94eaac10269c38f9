"""A test client whose requests are as separate from the test as a browser's would be."""

import contextvars
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.db import db


class Visitor(FlaskClient):
    """Every request gets an application context of its own.

    Flask would reuse the one that the test has pushed: its `g`, with the person
    who signed in first, and its database session would live on from request to
    request, which hides mistakes.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request; afterwards the test's own session sees what it committed."""
        kwargs.setdefault("buffered", True)
        response: TestResponse = contextvars.Context().run(super().open, *args, **kwargs)
        db.session.rollback()
        return response
