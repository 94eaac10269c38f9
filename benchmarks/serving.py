"""B-L1, B-T1, B-C1 as requests per second: the product behind a sync worker, against a route that does nothing."""

from collections.abc import Iterator
from itertools import count

from flask import Flask

from benchmarks import country, inbox
from benchmarks.browser import Browser
from benchmarks.lists import LIST, trivial
from benchmarks.measure import alternate
from benchmarks.report import Report
from benchmarks.served import asked, request, served

TIMES = 100
TREE = "/tasks/tree"


def against_trivial(report: Report, app: Flask, *, dialect: str) -> None:
    """All three, alternately; a request has a connection of its own, on both sides."""
    settings = app.config["SETTINGS"]
    with app.app_context():
        cookie = Browser(app, person_id=country.person(country.REGION_MANAGER).id).cookie
    pages = {name: [request(path, headers=f"Cookie: {cookie}\r\n")] * TIMES for name, path in PAGES.items()}
    events = inbox.sealed(app, count(1_000_000))
    with served(trivial) as nothing, served(lambda: country.standing_still(settings)) as product:
        times = alternate(
            {
                "trivial": lambda: asked(nothing, [request("/")] * TIMES),
                "B-C1 served": lambda: asked(product, _posted(events)),
                **{name: _asking(product, wanted) for name, wanted in pages.items()},
            }
        )
    for name in ("B-C1 served", *PAGES):
        note = f"{times['trivial'] * 1e6:.0f} µs ÷ {times[name] * 1e6:.0f} µs"
        report.add(name, dialect, times["trivial"] / times[name], note)


PAGES = {"B-L1 served": LIST, "B-T1 served": TREE}


def _asking(port: int, wanted: list[bytes]):  # type: ignore[no-untyped-def]
    return lambda: asked(port, wanted)


def _posted(events: Iterator[inbox.Letter]) -> Iterator[bytes]:
    for _ in range(TIMES):
        path, body = next(events)
        yield request(path, method="POST", headers="Content-Type: text/xml\r\n", body=body)
