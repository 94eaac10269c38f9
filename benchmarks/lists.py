"""B-L1…B-L3: a page of 50 rows, signed in, for readers who see a county, a city, … the whole country."""

from collections.abc import Callable

import sqlalchemy as sa
from flask import Flask

from app.db import db
from app.tasks.models import PointTask
from app.tasks.reading import queries
from benchmarks import country
from benchmarks.browser import Browser
from benchmarks.measure import in_turn, watching
from benchmarks.report import Report

LIST = "/tasks?all=1"
READERS = {
    "county": country.COUNTY,
    "city": country.CITY,
    "province": country.PROVINCE,
    "country": country.HEAD,
    "20 scattered counties": country.SCATTERED,
}


def trivial() -> Flask:
    """What a Flask route costs that does nothing."""
    app = Flask("trivial")
    app.add_url_rule("/", view_func=lambda: "ok")
    return app


def against_trivial(report: Report, app: Flask, *, dialect: str) -> None:
    """B-L1 and B-L3."""
    page = _page(app, country.REGION_MANAGER)
    nothing = Browser(trivial()).ready("/")
    times = in_turn({"page": page, "trivial": nothing})
    note = f"{times['page'] * 1000:.2f} ms ÷ {times['trivial'] * 1e6:.0f} µs"
    report.add("B-L1", dialect, times["page"] / times["trivial"], note)
    with app.app_context(), watching(db.engine) as seen:
        page()
    report.add("B-L3 50 rows", dialect, seen.count)
    report.add("B-L3 200 rows", dialect, _statements(app, size=200) + seen.count - _statements(app, size=50))


def growth(report: Report, few: Flask, many: Flask, *, dialect: str) -> None:
    """B-L2: the same page beside a hundred times as many rows."""
    for name, userid in READERS.items():
        _compare(report, f"B-L2 {name}", dialect, *(_page(app, userid) for app in (few, many)))
    last = [_page(app, country.HEAD, after=_fifty_from_the_end(app)) for app in (few, many)]
    _compare(report, "B-L2 last page", dialect, *last)


def _compare(
    report: Report, name: str, dialect: str, few: Callable[[], object], many: Callable[[], object]
) -> None:
    times = in_turn({"few": few, "many": many})
    note = f"{times['many'] * 1000:.2f} ms ÷ {times['few'] * 1000:.2f} ms"
    report.add(name, dialect, times["many"] / times["few"], note)


def _page(app: Flask, userid: str, *, after: int | None = None) -> Callable[[], None]:
    """The request for a page of somebody's rows, with a look at the answer."""
    with app.app_context():
        browser = Browser(app, person_id=country.person(userid).id)
    send = browser.ready(LIST + (f"&after={after}" if after else ""))

    def page() -> None:
        answer = send()
        assert answer.status == 200
        assert answer.body.count(b'<li class="row"') == queries.PAGE

    page()
    return page


def _fifty_from_the_end(app: Flask) -> int:
    with app.app_context(), db.engine.connect() as connection:
        query = sa.select(PointTask.id).order_by(PointTask.id).offset(queries.PAGE).limit(1)
        return connection.execute(query).scalar_one()


def _statements(app: Flask, *, size: int) -> int:
    with app.app_context():
        person = country.person(country.REGION_MANAGER)
        with watching(db.engine) as seen:
            assert len(queries.rows_page(person, size=size).rows) == size
    return seen.count
