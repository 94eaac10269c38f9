"""What ties a login round to one browser: a small cookie of its own for each round.

Several windows that are restored at once begin their rounds at the same
moment. In one common cookie the last answer would overwrite what the others
had set.
"""

import re
import secrets
from hashlib import sha256

from flask import current_app, request
from werkzeug.wrappers import Response

from app import clock
from app.people import rounds

MOST = 16  # cookies travel with every request; whoever has more windows begins the oldest round anew
VALUE = re.compile(r"(\d{10,12})\.([\w-]{16,64})", re.ASCII)


def new_secret() -> str:
    """What only the browser of one round will hold."""
    return secrets.token_urlsafe(24)


def give(response: Response, state: str, secret: str) -> Response:
    """Let the browser keep the secret of this round as long as the round may take."""
    for name in _too_many():
        _forget(response, name)
    value = f"{int(clock.now().timestamp())}.{secret}"
    age = int(rounds.ATTEMPT.total_seconds())
    response.set_cookie(
        _name(state), value, max_age=age, secure=_secure(), httponly=True, samesite="Lax", path="/"
    )
    return response


def secret_of(state: str) -> str:
    """The secret that this browser holds for the round; empty where it holds none."""
    found = VALUE.fullmatch(request.cookies.get(_name(state), ""))
    return found[2] if found else ""


def drop(response: Response, state: str) -> Response:
    """The round is over: what it left in the browser is worth nothing any more."""
    if _name(state) in request.cookies:
        _forget(response, _name(state))
    return response


def _too_many() -> list[str]:
    """The oldest ones, so that with the new one there are no more than MOST."""
    begun = {}
    for name, value in request.cookies.items():
        if name.startswith(_prefix()):
            found = VALUE.fullmatch(value)
            begun[name] = int(found[1]) if found else 0
    oldest_first = sorted(begun, key=lambda name: begun[name])
    return oldest_first[: max(0, len(begun) - MOST + 1)]


def _forget(response: Response, name: str) -> None:
    response.delete_cookie(name, secure=_secure(), httponly=True, samesite="Lax", path="/")


def _prefix() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}-round-"


def _name(state: str) -> str:
    return _prefix() + sha256(state.encode()).hexdigest()[:16]


def _secure() -> bool:
    return bool(current_app.config["SESSION_COOKIE_SECURE"])
