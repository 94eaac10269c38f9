"""The documents, as the guard tests read them."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
AT_THE_TOP = (
    "README.md",
    "README.en.md",
    "CONTRIBUTING.md",
    "CONTRIBUTING.en.md",
    "SECURITY.md",
    "CHANGELOG.md",
)
ALL = (*AT_THE_TOP, *sorted(page.relative_to(ROOT).as_posix() for page in (ROOT / "docs").rglob("*.md")))
ANCHOR = re.compile(r'<a id="([^"]+)">')


def text_of(page: str) -> str:
    """A document by its path below the root."""
    return (ROOT / page).read_text(encoding="utf-8")


def rows_below(header: str, *, page: str) -> list[list[str]]:
    """The cells of the table whose first line is `header`."""
    text = text_of(page)
    lines = text[text.index(header) :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def anchors_of(page: str) -> set[str]:
    """Where a link may lead within a document: its headings, as GitHub spells them, and its anchors."""
    text = text_of(page)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    spelled = {re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in headings}
    return spelled | set(ANCHOR.findall(text))
