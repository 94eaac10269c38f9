"""A short crash round; `make faults` runs 200 kills on each database."""

from pathlib import Path

from tests.crash.round import Round

KILLS = 2
SEED = 20261123


def test_nothing_is_lost_half_written_or_twice_at_a_person_over_kills(database_url: str, tmp_path: Path):
    wrong = Round(tmp_path, database_url, seed=SEED).run(kills=KILLS, note=print)

    assert wrong == [], f"python -m tests.crash --kills {KILLS} --seed {SEED} repeats it"
