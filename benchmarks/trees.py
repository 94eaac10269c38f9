"""B-T1: the tree of tasks from its summary table. B-T2: the tree of divisions, which every form needs whole."""

import gzip
from collections.abc import Callable

from flask import Flask

from app import clock
from app.core import create_core
from app.places import editions, importing
from app.places.picker import picker
from app.tasks.reading.tree import tree_months
from benchmarks import country
from benchmarks.lists import trivial
from benchmarks.measure import alternate, in_turn
from benchmarks.report import Report
from benchmarks.served import asked, request, served
from tests.databases import close_database, settings_for
from wsgi import create_app

ASKED = 300


def growth(report: Report, few: Flask, many: Flask, *, dialect: str) -> None:
    """B-T1: the newest tasks with their counts, beside a hundred times as many rows."""
    times = in_turn({"few": _tasks(few), "many": _tasks(many)})
    note = f"{times['many'] * 1000:.2f} ms ÷ {times['few'] * 1000:.2f} ms"
    report.add("B-T1 1M to 10k rows", dialect, times["many"] / times["few"], note)


def _tasks(app: Flask) -> Callable[[], object]:
    with app.app_context():
        head = country.person(country.HEAD)

    def ask() -> object:
        with app.app_context():
            return tree_months(head)

    return ask


def divisions(report: Report, address: str, *, dialect: str) -> None:
    """B-T2: what a browser gets that has no tree yet, and what one that asks whether it changed."""
    settings = settings_for(address, LOG_LEVEL="ERROR")
    core = create_core(settings)
    clock.tell(lambda: country.NOW)  # again: an application in demo mode sets it
    with core.app_context():
        body, mark = picker()
        close_database()
    report.add("B-T2 zipped", dialect, len(gzip.compress(body, 9)) / 1024)
    path = f"/places/picker.json?v={mark}"
    with served(trivial) as nothing, served(lambda: create_app(settings)) as product:
        for name, headers, status in (
            ("B-T2 whole tree", "Accept-Encoding: gzip\r\n", b"200"),
            ("B-T2 not modified", f'If-None-Match: "{mark}"\r\n', b"304"),
        ):
            jobs = {
                "product": _job(product, path, headers, status),
                "trivial": _job(nothing, "/", "", b"200"),
            }
            times = alternate(jobs)
            note = f"{times['trivial'] * 1e6:.0f} µs ÷ {times['product'] * 1e6:.0f} µs"
            report.add(name, dialect, times["trivial"] / times["product"], note)


def _job(port: int, path: str, headers: str, status: bytes) -> Callable[[], float]:
    wanted = [request(path, headers=headers)] * ASKED
    return lambda: asked(port, wanted, status=status)


def divisions_alone(address: str, _rows: int) -> None:
    """A database with the country's divisions and nothing else."""
    core = create_core(settings_for(address, LOG_LEVEL="ERROR"))
    clock.tell(lambda: country.NOW)
    with core.app_context():
        importing.import_edition(editions.read(importing.DEFAULT_FILE))
        close_database()
