"""Who is asking: Flask-Login over the session table."""

import hmac
import re
from urllib.parse import quote

from flask import Flask, current_app, request, session
from flask_login import LoginManager, current_user, login_user

from app import clock
from app.errors import NotSignedIn
from app.people import queries, sessions
from app.people.models import Asker, Person
from app.settings import Settings

OWN_PATH = re.compile(r"/(?![/\\])[^\x00-\x20\\\x7f]*")
LONGEST_NEXT = 2000

manager = LoginManager()
# A phone changes its address all day; the session row, not the address, says who it is.
manager.session_protection = None


@manager.user_loader  # type: ignore[untyped-decorator]
def _load(token: str) -> sessions.SignedIn | None:
    return sessions.find(token)


def asker_or_none() -> Asker | None:
    """Who is asking, None where nobody is signed in."""
    return current_user.asker if current_user.is_authenticated else None


def asker() -> Asker:
    """Who is asking, in views that the guard keeps for signed-in people; enough for whatever only reads."""
    found = asker_or_none()
    if found is None:
        raise NotSignedIn
    return found


def me() -> Person:
    """The person asking, with all that acts may need of them."""
    return queries.acting(asker().id)


def sign_in(person: Person) -> None:
    """A new token and an otherwise empty cookie; whoever was signed in here before is signed out.

    The same person coming in again, by a card in the chat, goes on with the
    session they have: pages of theirs are open in other windows.
    """
    before, token = asker_or_none(), session.get("_user_id")
    same = before is not None and before.id == person.id
    if same and token and sessions.lasts(token):
        return
    of_forms = session.get("csrf_token") if same else None
    token = sessions.start(person.id, replacing=token)
    session.clear()
    session["csrf_token"] = of_forms or _secret_of_forms(person)
    session.permanent = True
    login_user(sessions.SignedIn(Asker.of(person), token))
    session.pop("_id", None)  # the fingerprint that session_protection would use


def _secret_of_forms(person: Person) -> str:
    """What CSRF tokens are made of: the same for all windows of a person that sign in at one moment.

    Each has its own round and session and the last cookie stays. With a secret
    for each, the forms in the other windows would count as too old.
    """
    told = f"forms of {person.id} since {clock.today()}"
    key = str(current_app.config["SECRET_KEY"])
    return hmac.digest(key.encode(), told.encode(), "sha256").hex()


def sign_out() -> None:
    """End the row, then forget everything the cookie held: a copy of it is worth nothing."""
    token = session.get("_user_id")
    if token:
        sessions.end(token)
    session.clear()


def login_path(next_path: str | None = None) -> str:
    """The login page that comes back to here."""
    here = next_path or (request.full_path if request.query_string else request.path)
    return "/login" if here == "/" else "/login?next=" + quote(here, safe="/")


def own_path(wanted: str) -> str:
    """`wanted` where it is a path of ours, else the first page (X-S4)."""
    safe = len(wanted) <= LONGEST_NEXT and OWN_PATH.fullmatch(wanted)
    if not safe or wanted.split("?")[0].startswith(("/login", "/logout")):
        return "/"
    return wanted


def init_app(app: Flask) -> None:
    """Cookies: host-bound and Secure wherever people reach us by https."""
    settings: Settings = app.config["SETTINGS"]
    app.config.update(
        SESSION_COOKIE_NAME="__Host-fwrw" if settings.https else "fwrw",
        SESSION_COOKIE_SECURE=settings.https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=sessions.ABSOLUTE,
    )
    # Pages ask `asker` themselves; a page that says that the database is away must not ask it who is there.
    manager.init_app(app, add_context_processor=False)
