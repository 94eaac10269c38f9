"""docs/stand-in.md says what is there, and its example works."""

import json
import re
from pathlib import Path

from app.simulator.gate import APIS
from app.simulator.organisation import read_organisation
from tests.simulator.conftest import StandIn

ROOT = Path(__file__).parents[2]
MANUAL = (ROOT / "docs" / "stand-in.md").read_text(encoding="utf-8")


def test_the_manual_names_every_call(stand_in: StandIn) -> None:
    assert set(APIS) <= set(re.findall(r"`([a-z_]+(?:/[a-z_]+)?)`", MANUAL))


def test_the_company_of_the_manual_can_be_started(tmp_path: Path) -> None:
    example = re.search(r"```json\n(.*?)```", MANUAL, re.DOTALL)
    assert example
    file = tmp_path / "company.json"
    file.write_text(example[1], encoding="utf-8")
    company = read_organisation(file)

    assert (company.corp, len(company)) == (json.loads(example[1])["corp"]["name"], 2)
    assert company.roles() == ["实施人"]
    assert company.places() == ["总部", "华北大区"]


def test_every_picture_of_the_manual_is_there_in_both_looks() -> None:
    shown = set(re.findall(r"pictures/(simulator-[a-z-]+)\.png", MANUAL))
    taken = {file.stem for file in (ROOT / "docs" / "pictures").glob("simulator-*.png")}

    assert shown <= taken
    assert {name.replace("-light", "-dark") for name in taken} == {
        one for one in taken if one.endswith("-dark")
    }
