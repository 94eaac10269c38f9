"""A brake on flooding for people, see app.work.rates.

Where the database is too busy to count, the request goes on.
"""

import logging

from flask import Flask, current_app, request
from flask_limiter import Limiter

from app.outage import is_outage
from app.work.rates import DatabaseStorage
from h5.frame.identity import asker_or_none
from h5.frame.rights import Right

WRITES = "60 per minute"  # of one person, over all pages
LOGINS = "3000 per minute"  # from one address: a carrier or a company's proxy puts all counties behind one
UNKNOWN_LOGINS = "10 per minute"  # from one address, with states that we never gave
EXPORTS = "5 per minute"  # of one person, whatever the list (X-S14)


def _who() -> str:
    person = asker_or_none()
    return f"person {person.id}" if person is not None else _address()


def _address() -> str:
    return f"address {request.remote_addr}"


def _is_no_write() -> bool:
    """Reading is free, and other doors have limits of their own."""
    view = current_app.view_functions.get(request.endpoint or "")
    return request.method in ("GET", "HEAD", "OPTIONS") or not isinstance(getattr(view, "right", None), Right)


class _InOneLine(logging.Filter):
    """Without a trace where the database is away: there is nothing to mend at the brake."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and is_outage(error):
            record.exc_info, record.levelno, record.levelname = None, logging.WARNING, "WARNING"
        return True


limiter = Limiter(
    _who,
    storage_uri=f"{DatabaseStorage.STORAGE_SCHEME[0]}://",
    strategy="fixed-window",
    application_limits=[WRITES],
    application_limits_exempt_when=_is_no_write,
    swallow_errors=True,
)


logins = limiter.limit(LOGINS, key_func=_address)
# Not of the view: a guess is told from a login before it is counted, and a login is never refused for guesses.
unknown_logins = limiter.limit(UNKNOWN_LOGINS, key_func=_address)
exports_limit = limiter.shared_limit(EXPORTS, scope="exports")


def init_app(app: Flask) -> None:
    """Count after the guard knows who is there."""
    if not any(isinstance(one, _InOneLine) for one in limiter.logger.filters):
        limiter.logger.addFilter(_InOneLine())
    limiter.init_app(app)
