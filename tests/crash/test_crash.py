"""A short crash round; `make faults` runs 200 kills on each database."""

from pathlib import Path

import pytest

from tests.crash.power import OwnServer, Press
from tests.crash.round import Round
from tests.databases import Databases, migrate

KILLS = 2
SEED = 20261123


@pytest.mark.proves("R-P1", "R-P2", "X-A1")
def test_nothing_is_lost_half_written_or_twice_at_a_person_over_kills(database_url: str, tmp_path: Path):
    wrong = Round(tmp_path, database_url, seed=SEED).run(kills=KILLS, note=print)

    assert wrong == [], f"python -m tests.crash --kills {KILLS} --seed {SEED} repeats it"


def test_a_press_that_was_answered_survives_the_kill_of_the_programs(databases: Databases, tmp_path: Path):
    address = databases.new("sqlite")

    assert Press(tmp_path, address, seed=SEED).press_and_cut(cut=lambda: None, mend=lambda: None)

    databases.drop(address)


def test_a_press_that_was_answered_survives_the_kill_of_the_database_as_well(tmp_path: Path):
    server = OwnServer()
    try:
        migrate(server.address)

        assert Press(tmp_path, server.address, seed=SEED).press_and_cut(server.cut, server.start)
    finally:
        server.close()
