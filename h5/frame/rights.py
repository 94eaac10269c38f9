"""Who may open which page: every view declares it, what declares nothing is refused.

A view carries its right as `view.right`; `guard` is the one place that
enforces it, and checks the CSRF token of whoever was let in. Views of other
doors check themselves and carry a word that says how, such as
"bearer_token". Rights to single rows are not here: every use case and every
query asks `access.py` of its kind.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, current_app, redirect, request
from flask_wtf import CSRFProtect
from werkzeug.wrappers import Response

from app.errors import NotAllowed, NotSignedIn
from app.people.models import ROLE_NAMES, Role, Who
from h5.frame import identity

csrf = CSRFProtect()
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Right:
    """`roles` is empty where every signed-in person may."""

    name: str
    roles: frozenset[Role] = frozenset()

    def admits(self, person: Who | None) -> bool:
        """True where this person, or nobody, may open the page."""
        if self is OPEN:
            return True
        return person is not None and person.holds(*(self.roles or Role))


OPEN = Right("open_to_all")
SIGNED_IN = Right("signed_in")


def open_to_all(view: View) -> View:
    """For everybody, signed in or not."""
    return _declare(view, OPEN)


def signed_in(view: View) -> View:
    """For everyone who has a role."""
    return _declare(view, SIGNED_IN)


def needs(*roles: Role) -> Callable[[View], View]:
    """For those who hold one of `roles`."""
    right = Right("+".join(sorted(roles)), frozenset(roles))
    return lambda view: _declare(view, right)


administrators = needs(Role.ADMINISTRATOR)


def _declare(view: View, right: Right) -> View:
    view.right = right  # type: ignore[attr-defined]
    return view


def guard() -> Response | None:
    """Before every request: let in, send to the login page, or refuse."""
    if request.endpoint is None:
        return None  # no such address: the 404 page answers
    right = getattr(current_app.view_functions[request.endpoint], "right", None)
    if isinstance(right, str):
        return None
    if not isinstance(right, Right):
        raise NotAllowed
    if right is not OPEN and not right.admits(identity.asker_or_none()):
        return _turned_away(right)
    csrf.protect()
    return None


def _turned_away(right: Right) -> Response:
    person = identity.asker_or_none()
    if person is None and request.method in ("GET", "HEAD"):
        return redirect(identity.login_path())
    if person is None:
        raise NotSignedIn
    if not person.roles:
        raise NotAllowed("您还没有被分配角色，请联系管理员。")
    names = "、".join(name for role, name in ROLE_NAMES.items() if role in right.roles)
    raise NotAllowed(f"这一页只有{names}可以打开。")


def init_app(app: Flask) -> None:
    """Guard every route of the application, also those added later."""
    app.config.update(
        WTF_CSRF_CHECK_DEFAULT=False,  # `guard` asks, after it knows who is there
        WTF_CSRF_TIME_LIMIT=None,  # a token lives as long as the session it is signed for
    )
    csrf.init_app(app)
    app.before_request(guard)
