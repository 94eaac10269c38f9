"""The stand-in knows nothing of the product."""

import ast
from pathlib import Path

import pytest

from app.simulator.settings import read_settings

FOLDER = Path(__file__).parents[2] / "app" / "simulator"
FOREIGN = ("wechatpy", "sqlalchemy", "requests", "h5", "callbacks", "scheduler")


def imported(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    plain = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    return plain | {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


def test_nothing_of_ours_is_imported() -> None:
    names = {name for path in FOLDER.glob("*.py") for name in imported(path)}

    assert not {name for name in names if name.startswith("app") and not name.startswith("app.simulator")}
    assert not {name for name in names if name.split(".")[0] in FOREIGN}


@pytest.mark.parametrize(
    ("name", "value"),
    [("SIMULATOR_PORT", "eight"), ("WECOM_ENCODING_AES_KEY", "short"), ("PUBLIC_BASE_URL", "127.0.0.1:8000")],
)
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name):
        read_settings({name: value})
