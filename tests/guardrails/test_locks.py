"""What app.locks promises holds only where nobody goes round it: held over the syntax tree."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

LOCKING = {
    "app/locks.py",
    # Columns, read by the very statement that locks them and passes over what others hold.
    "app/work/queues.py",
    "app/notices/ledger/totals.py",
    "app/people/administrators.py",  # rows without an id of their own, read again after the act
}
ONCE = {
    # Signs of life: what cannot be noted now is noted next time.
    ("app/people/sessions.py", "_touch"),
    ("app/work/api_tokens.py", "_touch"),
}


def trees() -> Iterator[tuple[str, ast.Module]]:
    for top in ("app", "h5", "callbacks", "scheduler"):
        for file in sorted((ROOT / top).rglob("*.py")):
            yield str(file.relative_to(ROOT)), ast.parse(file.read_text(encoding="utf-8"))


def named(node: ast.AST) -> str:
    if isinstance(node, ast.Call):
        return named(node.func)
    return getattr(node, "id", getattr(node, "attr", getattr(node, "arg", None))) or ""


def opens_transaction(function: ast.FunctionDef) -> bool:
    return any(
        named(item.context_expr) == "transaction"
        for node in ast.walk(function)
        if isinstance(node, ast.With)
        for item in node.items
    )


def test_every_lock_is_taken_where_rows_are_read_anew() -> None:
    locking = {
        path for path, tree in trees() for node in ast.walk(tree) if named(node).startswith("with_for_update")
    }

    assert locking == LOCKING


def test_every_transaction_runs_again_where_the_database_cuts_it_off() -> None:
    not_again = {
        (path, node.name)
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and opens_transaction(node)
        if "repeatable" not in map(named, node.decorator_list)
    }

    assert not_again == ONCE


def test_what_can_run_again_is_not_given_what_can_be_read_once() -> None:
    used_up = {
        f"{path}: {node.name}({argument.arg})"
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and "repeatable" in map(named, node.decorator_list)
        for argument in [*node.args.args, *node.args.kwonlyargs]
        if argument.annotation
        and {"Iterable", "Iterator", "Generator"} & set(map(named, ast.walk(argument.annotation)))
    }

    assert used_up == set()
