"""What people read is never branched on: pages, styles and scripts ask facts, names of states, or tones."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

H5 = Path(__file__).resolve().parents[2] / "h5"
FILES = sorted(
    path
    for ending in ("html", "py", "css", "js")
    for path in H5.rglob(f"*.{ending}")
    if "vendor" not in path.parts
)
CHINESE = re.compile("[\u4e00-\u9fff]")
CHOOSING = {"select", "reject", "selectattr", "rejectattr"}
IN_A_STYLE = re.compile(r"\[[^\]]*[\u4e00-\u9fff][^\]]*\][^{}]*{")
IN_A_SCRIPT = re.compile(r"[!=]==? *[\"'`][^\"'`]*[\u4e00-\u9fff]|[\u4e00-\u9fff][^\"'`]*[\"'`] *[!=]==?")


def in_template(text: str) -> Iterator[int]:
    """Lines where a template decides by a word of Chinese."""
    tree = Environment(autoescape=True).parse(text)
    decisions: list[nodes.Node] = list(tree.find_all((nodes.Compare, nodes.Test)))
    decisions += [one.test for one in tree.find_all((nodes.If, nodes.CondExpr, nodes.For)) if one.test]
    decisions += [one for one in tree.find_all(nodes.Filter) if one.name in CHOOSING]
    for decision in decisions:
        if any(is_chinese(word.value) for word in decision.find_all(nodes.Const)):
            yield decision.lineno


def in_module(text: str) -> Iterator[int]:
    """Lines where a module does."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Compare | ast.MatchValue):
            words = [word.value for word in ast.walk(node) if isinstance(word, ast.Constant)]
            if any(is_chinese(word) for word in words):
                yield node.lineno


def is_chinese(value: object) -> bool:
    return isinstance(value, str) and bool(CHINESE.search(value))


def decided(file: Path) -> list[int]:
    """Lines of a file of any kind that decide by a word of Chinese."""
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".html":
        return sorted(set(in_template(text)))
    if file.suffix == ".py":
        return sorted(set(in_module(text)))
    pattern = IN_A_STYLE if file.suffix == ".css" else IN_A_SCRIPT
    return [text.count("\n", 0, found.start()) + 1 for found in pattern.finditer(text)]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(H5).as_posix())
def test_nothing_is_decided_by_what_people_read(file):
    assert decided(file) == []


def test_a_decision_by_a_label_would_be_noticed(tmp_path):
    examples = {
        "a.html": "{% if row.label == '已超期' %}x{% endif %}",
        "b.html": "{{ rows|selectattr('label', 'equalto', '打回')|list }}",
        "c.html": "{{ 'x' if sums['未见'] }}",
        "d.py": "if row.label in ('打回', '正常'): pass",
        "e.css": "p,\n[value='升级任务'] b {",
        "f.js": "if (label === '正常') go();",
    }
    for name, text in examples.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert [name for name in examples if not decided(tmp_path / name)] == []
