"""Whoever meets an id or a document in the code finds it in docs/."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.guardrails.pages import ALL, ROOT, anchors_of

FOLDERS = ("app", "h5", "callbacks", "scheduler", "migrations", "tests", "benchmarks", "scripts")
KINDS = {".py", ".html", ".js", ".css", ".toml"}
ANY = r"(?:T-\d\d|Q\d{1,2}|[AFG]-\d{1,3}|[BRXWM]-[A-Z]?\d{1,3}|D \d{5})"
ID = re.compile(rf"(?<![\w-]){ANY}(?![\w-])")
ALONE = re.compile(
    rf'(?:#|"""|//)\s*\(?{ANY}\)?\.?\s*(?:"""|$)', re.MULTILINE
)  # a comment that gives no reason
DOCUMENT = re.compile(r"[\w./-]*\b[\w-]+\.md\b")
SECTION = re.compile(r"§\s*\d")


def files(folder: str) -> Iterator[Path]:
    for file in sorted((ROOT / folder).rglob("*")):
        if file.suffix in KINDS and "vendor" not in file.parts and file != Path(__file__):
            yield file


def found(pattern: re.Pattern[str], folder: str) -> dict[str, str]:
    """What matches in the files of `folder`: match → one file that has it."""
    matches = {}
    for file in files(folder):
        for match in pattern.findall(file.read_text(encoding="utf-8")):
            matches[match] = file.relative_to(ROOT).as_posix()
    return matches


@pytest.fixture(scope="module")
def anchors() -> set[str]:
    pages = [page for page in ALL if page.startswith("docs/")]
    return set().union(*(anchors_of(page) for page in pages))


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_id_in_the_code_has_an_anchor_in_the_documents(folder, anchors):
    ids = found(ID, folder)

    assert {name: file for name, file in ids.items() if name.replace(" ", "-") not in anchors} == {}


def test_an_id_without_an_anchor_would_be_noticed(anchors):
    assert {"T-01", "Q16", "X-S1", "B-L1", "R-P16", "D-90236"} <= anchors
    assert ID.findall("see Q99 (X-Z9, T-79), AES-256, M12 4, D 90236") == ["Q99", "X-Z9", "T-79", "D 90236"]


@pytest.mark.parametrize("folder", FOLDERS)
def test_documents_that_the_code_names_are_in_the_house(folder):
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "app").rglob("*.md")]
    names = {page.name for page in pages}

    for name, file in found(DOCUMENT, folder).items():
        assert (ROOT / name).exists() or name in names, f"{file}: {name}"


@pytest.mark.parametrize("folder", FOLDERS)
def test_reasons_stand_in_words_before_the_id_of_a_page_of_ours(folder):
    assert found(SECTION, folder) == {}
    assert found(ALONE, folder) == {}
