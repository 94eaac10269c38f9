"""What the code records in the history has a name in 操作日志."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from app.insight.audit import acts
from app.insight.audit_subjects import kind_names

ROOT = Path(__file__).resolve().parents[2]
NTH_IS_ACT = {"record": 2, "record_once": 2, "note": 3, "record_many": 3}
LOOKS_LIKE_AN_ACT = re.compile(r"[a-z]+(_[a-z]+)*")


def recordings() -> Iterator[tuple[ModuleType, ast.Call, str]]:
    """Every call that appends to the history: its module, itself, and which function it calls."""
    for path in sorted((ROOT / "app").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and ast.unparse(call.func).startswith("history."):
                name = ast.unparse(call.func).partition(".")[2]
                if name in NTH_IS_ACT:
                    yield import_module(".".join(path.relative_to(ROOT).with_suffix("").parts)), call, name


def said_in(module: ModuleType, argument: ast.expr) -> list[Any]:
    """What an argument may be; where a variable of the function decides, any constant of its module."""
    known = vars(module)
    own = [value for name, value in known.items() if name.isupper() and isinstance(value, str)]
    found: list[Any] = []
    for node in ast.walk(argument):
        match node:
            case ast.Constant(value=said):
                found.append(said)
            case ast.Attribute(value=ast.Name(id=owner), attr=name) if owner in known:
                found.append(getattr(known[owner], name))
            case ast.Name(id=name):
                found += [known[name]] if name in known else filter(LOOKS_LIKE_AN_ACT.fullmatch, own)
    return found


def test_every_act_that_is_recorded_has_a_name() -> None:
    found = {
        str(act)
        for module, call, name in recordings()
        for act in said_in(module, call.args[NTH_IS_ACT[name]])
        if isinstance(act, str)
    }

    assert {"publish", "roll_back", "retry", "change_wording", "create_region", "import"} <= found
    assert found - acts().keys() == set()


def test_every_kind_that_is_recorded_without_its_row_has_a_name() -> None:
    kinds = {
        getattr(kind, "__tablename__", kind)
        for module, call, name in recordings()
        if name in ("note", "record_many") and ast.unparse(call.args[1]) in vars(module)
        for kind in said_in(module, call.args[1])
    }

    assert {"point_task", "delivery"} <= kinds
    assert kinds - kind_names().keys() == set()
