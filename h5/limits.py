"""A brake on flooding for people, see app.work.rates.

Where the database is too busy to count, the request goes on.
"""

from typing import Any

from flask import Flask, Response, current_app, request
from flask_limiter import Limiter

from app.work.rates import DatabaseStorage
from h5.identity import person_or_none
from h5.rights import Right

WRITES = "60 per minute"  # of one person, over all pages
LOGINS = "300 per minute"  # from one address: a whole office may share it
FAILED_LOGINS = "10 per minute"


def _who() -> str:
    person = person_or_none()
    return f"person {person.id}" if person is not None else _address()


def _address() -> str:
    return f"address {request.remote_addr}"


def _is_no_write() -> bool:
    """Reading is free, and other doors have limits of their own."""
    view = current_app.view_functions.get(request.endpoint or "")
    return request.method in ("GET", "HEAD", "OPTIONS") or not isinstance(getattr(view, "right", None), Right)


def _failed(response: Response) -> bool:
    return response.status_code >= 400


limiter = Limiter(
    _who,
    storage_uri=f"{DatabaseStorage.STORAGE_SCHEME[0]}://",
    strategy="fixed-window",
    application_limits=[WRITES],
    application_limits_exempt_when=_is_no_write,
    swallow_errors=True,
)


@limiter.request_filter
def _reads_a_page() -> bool:
    """Spares pages that are only read the search for limits that concern them; logins and exports have some."""
    view = current_app.view_functions.get(request.endpoint or "")
    reads = request.method in ("GET", "HEAD", "OPTIONS") and isinstance(getattr(view, "right", None), Right)
    return reads and request.blueprint != "login" and not request.path.endswith("/export")


logins: Any = limiter.limit(LOGINS, key_func=_address)
failed_logins: Any = limiter.limit(FAILED_LOGINS, key_func=_address, deduct_when=_failed)


def init_app(app: Flask) -> None:
    """Count after the guard knows who is there."""
    limiter.init_app(app)
