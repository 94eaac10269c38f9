"""The main navigation: a bar below on a phone, a column on a desktop."""

from functools import lru_cache

from flask import current_app
from jinja2 import Environment
from markupsafe import Markup

from app.people.models import Who
from app.people.queries import may_publish

# The first that the address begins with; the to-do page is "/" alone.
SECTIONS = {
    "/tasks/new": "publish",
    "/tasks": "tasks",
    "/point-tasks": "tasks",
    "/messages": "messages",
    "/people": "people",
    "/me": "me",
    "/admin": "me",
    "/deliveries": "me",
}


def main_tabs(path: str, who: Who) -> Markup:
    """The bar for `who`, the page at `path` marked in it."""
    here = "todo" if path == "/" else next((name for at, name in SECTIONS.items() if path.startswith(at)), "")
    return _drawn(current_app.jinja_env, here, may_publish(who))


@lru_cache(maxsize=64)  # the same for everybody who may publish, and for everybody else
def _drawn(env: Environment, here: str, publishes: bool) -> Markup:
    return Markup(env.get_template("frame/_tabs.html").render(here=here, publishes=publishes))  # noqa: S704 (a template of ours)
