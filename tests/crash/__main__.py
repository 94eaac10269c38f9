"""`make faults`: two hundred kills on each database, twenty per crowd; exits with 1 where anything is wrong."""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from tests.crash.round import Round
from tests.databases import DIALECTS, Databases

PER_CROWD = 20


def main() -> int:
    """Run, say where we are, list what is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.crash", description="反复杀死进程，看有没有丢、半写、重复"
    )
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)  # PostgreSQL warns without it
        databases = Databases(Path(folder))
        try:
            for dialect in DIALECTS:
                for number in range(0, asked.kills, PER_CROWD):
                    wrong += one(
                        databases,
                        dialect,
                        seed=asked.seed + number,
                        kills=min(PER_CROWD, asked.kills - number),
                    )
        finally:
            databases.close()
    print(
        "\n".join(wrong)
        or f"{asked.kills} kills on each of {', '.join(DIALECTS)}: nothing lost, half-written or twice"
    )
    return 1 if wrong else 0


def one(databases: Databases, dialect: str, *, seed: int, kills: int) -> list[str]:
    """One crowd on a database of its own."""
    address = databases.new(dialect)
    with tempfile.TemporaryDirectory() as folder:
        try:
            found = Round(Path(folder), address, seed=seed).run(
                kills=kills, note=lambda text: print(dialect, text, flush=True)
            )
        finally:
            databases.drop(address)
    return [f"{dialect}, seed {seed}: {said}" for said in found]


if __name__ == "__main__":
    sys.exit(main())
