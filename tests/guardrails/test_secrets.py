"""Whoever guesses a secret learns nothing from how long the answer takes: held over the syntax tree."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SECRET = re.compile(r"(^|_)(signature|secret|password|hash)$")


def compared(tree: ast.AST) -> Iterator[ast.expr]:
    """Both sides of every == and != that Python itself carries out."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq):
            sides = [node.left, *node.comparators]
            if not any(map(is_column, sides)):
                yield from sides


def is_column(side: ast.expr) -> bool:
    """A column of a table: the database looks up a hash, of which no guess tells anything."""
    return (
        isinstance(side, ast.Attribute)
        and isinstance(side.value, ast.Name)
        and side.value.id.strip("_")[:1].isupper()
    )


def name_of(side: ast.expr) -> str:
    return str(getattr(side, "attr", getattr(side, "id", "")))


@pytest.mark.proves("X-S18")
def test_secrets_are_compared_without_telling_how_far_they_agree() -> None:
    found = [
        f"{file.relative_to(ROOT)}:{side.lineno} {name_of(side)}"
        for top in ("app", "h5", "callbacks")
        for file in sorted((ROOT / top).rglob("*.py"))
        if "simulator" not in file.parts
        for side in compared(ast.parse(file.read_text(encoding="utf-8")))
        if SECRET.search(name_of(side))
    ]

    assert found == []
    keepers = ("app/wecom/inbound.py", "app/people/rounds.py", "app/work/api_tokens.py")
    assert all("compare_digest(" in (ROOT / keeper).read_text(encoding="utf-8") for keeper in keepers)
