"""Every route declares its right, and what declares nothing is refused (X-S2, R-P8)."""

import pytest
from flask import Flask

from h5.frame.rights import OPEN, Right
from tests.visitor import Visitor

# Views of other doors check themselves; their right says how.
OWN_CHECKS = {"bearer_token", "open_to_systems"}
OPEN_ROUTES = {
    "static",
    "places.picker",  # the names of the country's divisions, which anybody may know
    "login.login",
    "login.callback",
    "login.logout",
    "login.logged_out",
    "me.choose_look",
    "health.healthz",
    "health.readyz",
    "health.metrics",  # numbers without names, for the machine's own monitor; the proxy keeps others out
}


@pytest.fixture
def database_url(databases: object) -> str:
    """Declarations need no rows."""
    return "sqlite://"


@pytest.mark.proves("X-S2")
def test_every_route_declares_its_right(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        right = getattr(app.view_functions[rule.endpoint], "right", None)
        assert isinstance(right, Right) or right in OWN_CHECKS, f"{rule} declares no right"


def test_only_these_routes_are_open_to_all(app: Flask) -> None:
    open_routes = {name for name, view in app.view_functions.items() if getattr(view, "right", None) is OPEN}
    assert open_routes == OPEN_ROUTES


def test_a_view_that_declares_nothing_is_refused(app: Flask, client: Visitor) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    answer = client.get("/forgotten")
    assert answer.status_code == 403
    assert "secret" not in answer.text


def test_addresses_are_written_with_hyphens_and_no_trailing_slash(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        fixed = "".join(part for part in rule.rule.split("<")[0])
        assert "_" not in fixed
        assert rule.rule == "/" or not rule.rule.endswith("/")
