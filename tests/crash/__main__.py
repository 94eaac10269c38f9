"""`make faults`: kills on each database, then two people at one instant; exits with 1 where anything is wrong."""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.crash.acts import TASKS
from tests.crash.office import OFFICE
from tests.crash.round import Round
from tests.crash.scene import Scene
from tests.crash.together import HEAD, Tally, run
from tests.databases import DIALECTS, Databases, close_database, settings_for
from tests.world import build
from wsgi import create_app

PER_CROWD = 20
SCENES: tuple[Scene[Any], ...] = (TASKS, OFFICE)


def main() -> int:
    """Run, say where we are, list what is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.crash", description="反复杀死进程，两个人同一时刻操作：看有没有丢、半写、重复"
    )
    parser.add_argument("--kills", type=int, default=200, help="每种数据库杀死多少次，0 不做")
    parser.add_argument("--rounds", type=int, default=10, help="每两个操作同时做多少轮，0 不做")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)  # PostgreSQL warns without it
        databases = Databases(Path(folder))
        try:
            for dialect in DIALECTS:
                wrong += killed(databases, dialect, seed=asked.seed, kills=asked.kills)
            tallies = {
                dialect: met(databases, dialect, seed=asked.seed, rounds=asked.rounds) for dialect in DIALECTS
            }
        finally:
            databases.close()
    for dialect, found in tallies.items():
        print("\n".join(table(dialect, found)))
        wrong += [f"{dialect}, seed {asked.seed}: {said}" for tally in found for said in tally.wrong]
    print("\n".join(wrong) or summary(asked.kills, tallies))
    return 1 if wrong else 0


def killed(databases: Databases, dialect: str, *, seed: int, kills: int) -> list[str]:
    """Crowd after crowd, each on a database of its own."""
    wrong = []
    for number in range(0, kills, PER_CROWD):
        wrong += one(databases, dialect, seed=seed + number, kills=min(PER_CROWD, kills - number))
    return wrong


def one(databases: Databases, dialect: str, *, seed: int, kills: int) -> list[str]:
    """One crowd."""
    with database(databases, dialect) as address, tempfile.TemporaryDirectory() as folder:
        found = Round(Path(folder), address, seed=seed).run(
            kills=kills, note=lambda text: print(dialect, text, flush=True)
        )
    return [f"{dialect}, seed {seed}: {said}" for said in found]


def met(databases: Databases, dialect: str, *, seed: int, rounds: int) -> list[Tally]:
    """Every pair of acts, so many rounds each."""
    if not rounds:
        return []
    found = []
    with database(databases, dialect) as address:
        app = create_app(settings_for(address, LOG_LEVEL="WARNING"))
        with app.app_context():
            world = build()
            for scene in SCENES:
                for tally in run(app, world, scene, rounds=rounds, seed=seed):
                    print(dialect, tally.line, flush=True)
                    found.append(tally)
            close_database()
    return found


@contextmanager
def database(databases: Databases, dialect: str) -> Iterator[str]:
    """A fresh one, dropped afterwards."""
    address = databases.new(dialect)
    try:
        yield address
    finally:
        databases.drop(address)


def table(dialect: str, found: list[Tally]) -> list[str]:
    """A line per pair."""
    return [f"{dialect}\t{HEAD}", *(f"{dialect}\t{tally.line}" for tally in found)] if found else []


def summary(kills: int, tallies: dict[str, list[Tally]]) -> str:
    """What there is to say where nothing is wrong."""
    lines = []
    if kills:
        lines.append(f"{kills} kills on each of {', '.join(DIALECTS)}: nothing lost, half-written or twice")
    lines += [
        f"{dialect}: {len(found)} pairs, {sum(tally.rounds for tally in found)} meetings, 0 lost updates, "
        f"0 deadlocks shown, {sum(tally.again for tally in found)} acts done again"
        for dialect, found in tallies.items()
        if found
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
