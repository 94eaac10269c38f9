"""B-C2, B-C3: callbacks while others write for all they are worth, and while WeCom itself is slow."""

import multiprocessing
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from statistics import quantiles
from typing import Any

from flask import Flask

from benchmarks import country, inbox, overdue, publishing
from benchmarks.browser import Answer, Browser
from benchmarks.office import office
from benchmarks.report import Report
from tests.databases import close_database, settings_for

ROUNDS = 3
EVERY_SECONDS = 0.01  # a hundred callbacks a second, twice what a big day brings (R-P5)
SLOW_OFFICE = 10.0  # seconds


def beside_writers(report: Report, app: Flask, *, dialect: str) -> None:
    """B-C2: one process publishes 3,000 points, another marks 10,000 rows overdue, this one takes callbacks."""
    address = app.config["SQLALCHEMY_DATABASE_URI"]
    letters = _letters(app, count(2_000_000))
    answers: list[tuple[float, int]] = []
    for _ in range(ROUNDS):
        with app.app_context():
            task_ids = overdue.publish_overdue()
        with _writers(address) as busy:
            while busy():
                answers.append(_timed(next(letters)))
                time.sleep(EVERY_SECONDS)
        overdue.Pass(app, task_ids).check_and_take_back()
    seconds = sorted(seconds for seconds, _ in answers)
    note = f"{len(answers)} 次回调"
    report.add("B-C2 p99", dialect, quantiles(seconds, n=100)[98] * 1000, note)
    report.add("B-C2 longest", dialect, seconds[-1] * 1000)
    report.add("B-C2 refused", dialect, sum(status != 200 for _, status in answers))


def beside_a_slow_office(report: Report, app: Flask, *, dialect: str) -> None:
    """B-C3: not one call to WeCom while WeCom waits for us."""
    address = app.config["SQLALCHEMY_DATABASE_URI"]
    with office(SLOW_OFFICE) as (api_base, calls):
        own = country.standing_still(settings_for(address, LOG_LEVEL="ERROR", WECOM_API_BASE=api_base))
        letters = _letters(own, count(3_000_000))
        for _ in range(200):
            assert next(letters)().status == 200
        report.add("B-C3", dialect, calls())
        with own.app_context():
            close_database()


def _letters(app: Flask, numbers: Iterator[int]) -> Iterator[Callable[[], Answer]]:
    browser = Browser(app)
    return (inbox.ready(browser, letter) for letter in inbox.sealed(app, numbers))


def _timed(send: Callable[[], Answer]) -> tuple[float, int]:
    start = time.perf_counter()
    answer = send()
    return time.perf_counter() - start, answer.status


@contextmanager
def _writers(address: str) -> Iterator[Callable[[], bool]]:
    """Both at work in processes of their own; the value says whether one still is."""
    context = multiprocessing.get_context("spawn")  # nothing of this process's connections
    go = context.Barrier(3)
    writers = [context.Process(target=work, args=(address, go)) for work in (_publish, _mark)]
    for writer in writers:
        writer.start()
    try:
        go.wait(60)
        yield lambda: any(writer.is_alive() for writer in writers)
    finally:
        for writer in writers:
            writer.join()
            assert writer.exitcode == 0


def _publish(address: str, go: Any) -> None:
    publishing.once(_application(address), ready=go.wait)


def _mark(address: str, go: Any) -> None:
    app = _application(address)
    with app.app_context():
        go.wait()
        overdue.overdue.scan()
        close_database()


def _application(address: str) -> Flask:
    return country.standing_still(settings_for(address, LOG_LEVEL="ERROR"))
