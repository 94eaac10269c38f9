"""`python -m benchmarks`: measure, print one JSON object per line and a table; not 0 where a must is missed."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from flask import Flask

from benchmarks import (
    busy,
    country,
    inbox,
    killed,
    lists,
    overdue,
    publishing,
    sending,
    serving,
    trees,
    upgrading,
)
from benchmarks.report import Report
from benchmarks.stores import Stores
from tests.databases import DIALECTS, close_database, settings_for

FEW, MANY = 10_000, 1_000_000
GROUPS = ("publish", "overdue", "lists", "trees", "callback", "served", "busy", "delivery")


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="性能基准（docs/benchmarks.md）"
    )
    parser.add_argument("--only", help=f"逗号分隔：{'、'.join(GROUPS)}", default=",".join(GROUPS))
    parser.add_argument("--db", choices=DIALECTS, action="append")
    parser.add_argument("--quick", action="store_true", help="只在 1 万行上测，约 2 分钟")
    asked = parser.parse_args()
    wanted = set(asked.only.split(","))
    if unknown := wanted - set(GROUPS):
        parser.error(f"不认识 {'、'.join(sorted(unknown))}")
    report = Report()
    stores = Stores(country.build, say=report.say)
    try:
        for dialect in asked.db or DIALECTS:
            _measure(report, stores, wanted, dialect=dialect, quick=asked.quick)
    finally:
        stores.close()
    print("\n" + report.table())
    for result in report.missed:
        report.say(f"未达标：{result.name}（{result.db}）{result.value:.3g}")
    return 1 if report.missed else 0


def _measure(report: Report, stores: Stores, wanted: set[str], *, dialect: str, quick: bool) -> None:
    with ExitStack() as open_apps:
        few = open_apps.enter_context(_app(stores, dialect, FEW))
        many = None if quick else open_apps.enter_context(_app(stores, dialect, MANY))
        if "callback" in wanted:
            inbox.against_trivial(report, few, dialect=dialect)
        if "lists" in wanted:
            lists.against_trivial(report, many or few, dialect=dialect)
            if many:
                lists.growth(report, few, many, dialect=dialect)
        if "trees" in wanted:
            with stores.open(dialect, 0, build=trees.divisions_alone) as address:
                trees.divisions(report, address, dialect=dialect)
            if many:
                trees.growth(report, few, many, dialect=dialect)
        if "served" in wanted:
            serving.against_trivial(report, many or few, dialect=dialect)
        if "publish" in wanted:
            upgrading.beside_another_writer(report, few, dialect=dialect)
            publishing.against_floor(report, few, dialect=dialect)
            if many:
                publishing.among_many(report, few, many, dialect=dialect)
        if "overdue" in wanted:
            if many:
                overdue.empty(report, few, many, dialect=dialect)
            overdue.against_floor(report, many or few, dialect=dialect)
        if "busy" in wanted:
            busy.beside_a_slow_office(report, few, dialect=dialect)
            busy.beside_writers(report, few, dialect=dialect)
        if "delivery" in wanted:
            killed.mid_batch(report, few, dialect=dialect)
            sending.against_threads(report, few, dialect=dialect)


@contextmanager
def _app(stores: Stores, dialect: str, rows: int) -> Iterator[Flask]:
    """The whole web application on a database with so many rows, its clock standing still."""
    with stores.open(dialect, rows) as address:
        app = country.standing_still(settings_for(address, LOG_LEVEL="ERROR"))
        try:
            yield app
        finally:
            with app.app_context():
                close_database()


if __name__ == "__main__":
    sys.exit(main())
