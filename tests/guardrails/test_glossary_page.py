"""docs/glossary.md: the words of the code are those of the people who use it."""

import re

from tests.guardrails.pages import ROOT, rows_below


def test_the_words_of_the_glossary_exist_in_the_code():
    code = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "app").rglob("*.py"))
    words = [
        cell.strip("`")
        for row in rows_below("| 中文 | 代码 | | 中文 | 代码 |", page="docs/glossary.md")
        for cell in row
        if cell.startswith("`")
    ]

    assert len(words) > 20
    assert [word for word in words if not re.search(rf"\b{word}\b", code)] == []
