"""The README says what the product does; whatever can be compared is compared."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from app.settings import Settings
from app.tasks.lifecycle import MANAGING, RULES, TASK_RULES, Part
from scripts import requirements_table as table

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = ("README.md", "README.en.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "docs/operations.md")
PROOFS = table.proofs()  # reads every test file, so only once
OF_THE_PROCESSES = {"PORT", "WEB_CONCURRENCY", "SIMULATOR_PORT", "SIMULATOR_DB", "SIMULATOR_SEED"}


def rows_below(header: str) -> list[list[str]]:
    """The cells of the table whose first line is `header`."""
    lines = README[README.index(header) :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def settings_table() -> dict[str, str]:
    return {name.strip("`"): default.strip("`") for name, default, _ in rows_below("| 变量 | 默认 | 说明 |")}


def test_the_settings_are_those_of_the_program_and_of_the_example():
    example = set(re.findall(r"^(?:# )?([A-Z_]+)=", (ROOT / ".env.example").read_text("utf-8"), re.MULTILINE))

    assert set(settings_table()) == set(Settings.model_fields) | OF_THE_PROCESSES
    assert set(settings_table()) == example


def test_the_defaults_are_those_of_the_program():
    said = settings_table()
    for name, field in Settings.model_fields.items():
        if field.is_required():
            assert said[name] == "", f"{name} has no default"
        elif str(ROOT) in str(field.default):
            assert str(field.default).endswith("/" + said[name]), name
        else:
            assert said[name].replace("空", "") == str(field.default), name


def test_the_rights_are_the_rules_table():
    said = {}
    header = "| 操作 | " + " | ".join(_columns()) + " | 通知 |"
    for name, *ticks, tells in rows_below(header):
        who = {Part(column) for column, tick in zip(_columns(), ticks, strict=True) if tick == "✓"}
        said[name] = (who, tuple(tells.split()))

    rules = {rule.name: (set(rule.who), rule.tells) for rule in RULES.values()}
    rules |= {rule.name: (set(MANAGING), rule.tells) for rule in TASK_RULES.values()}
    assert said == rules


def _columns() -> list[str]:
    return [str(part) for part in Part]


def test_the_words_of_the_glossary_exist_in_the_code():
    code = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "app").rglob("*.py"))
    words = [
        cell.strip("`")
        for row in rows_below("| 中文 | 代码 | | 中文 | 代码 |")
        for cell in row
        if cell.startswith("`")
    ]

    assert len(words) > 20
    assert [word for word in words if not re.search(rf"\b{word}\b", code)] == []


def test_every_row_of_the_requirement_is_in_the_table_once():
    assert [claim.id for claim in table.claims()] == list(table.ALL)
    assert {claim.state for claim in table.claims()} <= set(table.STATES)


@pytest.mark.parametrize(
    "claim", [claim for claim in table.claims() if claim.state == table.DONE], ids=lambda claim: claim.id
)
def test_a_row_that_is_done_has_a_test_that_names_it(claim):
    files = {test.split("::")[0] for test in PROOFS.get(claim.id, [])}

    assert claim.files, f"{claim.id}: name a test file"
    assert set(claim.files) <= files


def test_every_reading_has_a_test_that_names_it():
    assert table.missing(PROOFS, table.READINGS) == []


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


@pytest.mark.parametrize("page", PAGES)
def test_links_and_pictures_lead_to_files(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)]+)\)|(?:src|srcset)=\"([^\"]+)\"", text)
    for target in (a or b for a, b in targets):
        path, _, heading = target.partition("#")
        if path.startswith("https://"):
            continue
        file = ((ROOT / page).parent / path) if path else ROOT / page
        assert file.exists(), f"{page}: {target}"
        if heading:
            assert re.search(rf"^#+ {heading}$", file.read_text("utf-8"), re.MULTILINE), f"{page}: {target}"


def test_every_make_target_and_flask_command_that_pages_name_exists():
    text = "\n".join((ROOT / page).read_text(encoding="utf-8") for page in PAGES)
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    code = "\n".join(file.read_text("utf-8") for file in (ROOT / "app").rglob("*.py"))
    code += (ROOT / "scheduler" / "commands.py").read_text(encoding="utf-8")

    assert set(re.findall(r"\bmake ([a-z-]+)", text)) <= targets
    for group in set(re.findall(r"\bflask ([a-z]+)", text)) - {"db"}:
        assert re.search(rf"(AppGroup|command)\(\s*\"{group}\"", code), group


def test_never_promises_what_a_line_can_break():
    text = "\n".join((ROOT / page).read_text(encoding="utf-8") for page in PAGES).lower()

    assert "exactly once" not in text
    assert "恰好一次" not in text
