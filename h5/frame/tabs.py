"""The main navigation: a bar below on a phone, a column on a desktop."""

from collections.abc import Callable
from functools import lru_cache

from flask import current_app
from jinja2 import Environment
from markupsafe import Markup

from app.people.models import Who
from h5.frame.faces import Tab

MOST_ON_A_PHONE = 4


def navigation(tabs: tuple[Tab, ...]) -> Callable[[str, Who], Markup]:
    """What draws the bar for somebody who looks at the page of an address: that page is marked in it."""

    def main_tabs(path: str, who: Who) -> Markup:
        shown = tuple(tab for tab in tabs if tab.shown(who))
        return _drawn(current_app.jinja_env, _here(path, tabs), shown)

    return main_tabs


def _here(path: str, tabs: tuple[Tab, ...]) -> str:
    """The tab of the longest address that `path` begins with; the first page is "/" alone."""
    if path == "/":
        return next((tab.name for tab in tabs if tab.path == "/"), "")
    sections = [(section, tab.name) for tab in tabs for section in (tab.path, *tab.sections)]
    around = [pair for pair in sections if pair[0] != "/" and path.startswith(pair[0])]
    return max(around, key=lambda pair: len(pair[0]), default=("", ""))[1]


@lru_cache(maxsize=64)  # the same for everybody who sees the same tabs
def _drawn(env: Environment, here: str, tabs: tuple[Tab, ...]) -> Markup:
    most_willing = sorted((tab for tab in tabs if tab.gives_way), key=lambda tab: tab.gives_way, reverse=True)
    wide_only = most_willing[: max(0, len(tabs) - MOST_ON_A_PHONE)]
    template = env.get_template("frame/_tabs.html")
    return Markup(template.render(here=here, tabs=tabs, wide_only=wide_only))  # noqa: S704 (a template of ours)
