"""docs/requirements.md: every row and reading once, with the tests that prove it."""

import subprocess
import sys

import pytest

from scripts import requirements_table as table
from tests.guardrails.pages import ROOT

PROOFS = table.proofs()  # reads every test file, so only once
CLAIMS = table.claims()


def test_every_row_and_reading_is_in_the_tables_once():
    rows = [claim.id for claim in CLAIMS if claim.id in table.ALL]
    readings = [claim.id for claim in CLAIMS if claim.id not in table.ALL]

    assert rows == list(table.ALL)
    assert sorted(readings) == sorted(table.READINGS + table.OTHER_READINGS)
    assert {claim.state for claim in CLAIMS if claim.id in table.ALL} <= set(table.STATES)


@pytest.mark.parametrize(
    "claim", [claim for claim in CLAIMS if claim.state == table.DONE], ids=lambda claim: claim.id
)
def test_a_row_that_is_done_has_a_test_that_names_it(claim):
    assert claim.files, f"{claim.id}: name a test file"


def test_the_tests_of_a_row_or_reading_name_it():
    for claim in CLAIMS:
        files = {test.split("::")[0] for test in PROOFS.get(claim.id, [])}
        assert set(claim.files) <= files, claim.id


def test_every_reading_has_a_test_that_names_it_and_the_page_says_which():
    assert table.missing(PROOFS, table.READINGS) == []
    assert [claim.id for claim in CLAIMS if claim.id in table.READINGS and not claim.files] == []


def test_ids_in_test_names_are_rows_or_readings_of_the_requirement():
    assert PROOFS.keys() <= {*table.ALL, *table.READINGS, *table.OTHER_READINGS}


def test_the_table_of_tests_can_be_printed():
    printed = subprocess.run(
        [sys.executable, "scripts/requirements_table.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert printed.returncode == 0, printed.stderr
    assert "T-52  ✓" in printed.stdout
