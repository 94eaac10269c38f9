"""Rooms that all kinds of work share know none of them: neither a word of theirs nor a module."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SHARED = ("app/notices", "app/work", "callbacks", "scheduler", "app/wecom", "app/sheets", "app/places")
SHARED += ("h5/frame", "h5/ledger")
PAGES = tuple(f"h5/{kind}/{room}" for kind in ("templates", "static") for room in ("frame", "ledger"))
WITH_WORDS_OF_THEIRS = ("h5/mine", "h5/places")  # they say what waits, and what places are for
COMMENT = re.compile(r"{#.*?#}|/\*.*?\*/|^ *//[^\n]*", re.DOTALL | re.MULTILINE)
OF_A_KIND = re.compile("点位|实施人|抄送|任务")
PRODUCT = "服务任务"  # the product's own name
KINDS = ("app.tasks", "app.flows", "app.orders")


def modules(rooms: tuple[str, ...] = SHARED) -> Iterator[tuple[str, ast.Module]]:
    """Every module of these rooms; texts of notices are data beside them."""
    for room in rooms:
        for file in sorted((ROOT / room).rglob("*.py")):
            yield str(file.relative_to(ROOT)), ast.parse(file.read_text("utf-8"))


def said(tree: ast.Module) -> Iterator[ast.Constant]:
    """The texts in a module, docstrings aside."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and node.body
        if isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node


def test_no_shared_room_says_a_word_of_a_kind() -> None:
    found = [
        f"{name}:{text.lineno}: {text.value!r}"
        for name, tree in modules()
        for text in said(tree)
        if OF_A_KIND.search(text.value.replace(PRODUCT, ""))
    ]
    assert not found, "\n".join(found)


def test_no_page_of_a_shared_room_says_a_word_of_a_kind() -> None:
    found = []
    for room in PAGES:
        for file in sorted((ROOT / room).rglob("*.*")):
            text = COMMENT.sub("", file.read_text("utf-8")).replace(PRODUCT, "")
            found += [f"{file.relative_to(ROOT)}: {word}" for word in OF_A_KIND.findall(text)]
    assert not found, "\n".join(found)


def test_no_shared_room_imports_a_kind() -> None:
    rooms = SHARED + WITH_WORDS_OF_THEIRS
    found = [
        f"{name}: {node.module}"
        for name, tree in modules(rooms)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(KINDS)
    ]
    found += [
        f"{name}: app.{alias.name}"
        for name, tree in modules(rooms)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "app"
        for alias in node.names
        if f"app.{alias.name}" in KINDS
    ]
    assert not found, "\n".join(found)


# Of rooms where kinds have modules of their own, what all of them share.
AMONG_KINDS = [f"app/api/{name}.py" for name in ("door", "endpoints", "contract", "answers", "openapi")]
AMONG_KINDS += [f"app/insight/{name}.py" for name in ("files", "samples", "search", "timeline", "ledger")]
AMONG_KINDS += ["app/insight/mornings.py", "app/insight/exports/writing.py", "app/people/viewer.py"]


def test_what_kinds_share_in_the_api_and_in_insight_knows_none() -> None:
    found = []
    for name in AMONG_KINDS:
        tree = ast.parse((ROOT / name).read_text("utf-8"))
        words = [text.value.replace(PRODUCT, "") for text in said(tree)]
        modules_of = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        found += [f"{name}: {word!r}" for word in words if OF_A_KIND.search(word)]
        found += [f"{name}: {module}" for module in modules_of if module.startswith(KINDS)]
    assert not found, "\n".join(found)
