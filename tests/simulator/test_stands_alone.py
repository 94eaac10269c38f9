"""The stand-in knows nothing of the product."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from app.simulator.organisation import read_organisation
from app.simulator.settings import read_settings

ROOT = Path(__file__).parents[2]
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


def test_nothing_of_ours_is_loaded_when_it_runs() -> None:
    script = (
        "import sys, app.simulator.__main__;"
        "ours = ('app.', 'h5', 'callbacks', 'scheduler', 'wechatpy', 'sqlalchemy');"
        "print([one for one in sys.modules if one.startswith(ours) and not one.startswith('app.simulator')])"
    )
    told = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert told.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "不完整"),
        ("[]", "不完整"),
        ('{"members": []}', "没有成员"),
        ('{"members": [{"userid": "a"}]}', "name"),
        ('{"members": [{"userid": "a", "name": "甲"}, {"userid": "A", "name": "乙"}]}', "userid 重复：A"),
        ('{"members": [{"userid": "a", "name": "甲", "department": [7]}]}', "没有这些部门：7"),
    ],
)
def test_what_is_wrong_with_an_organisation_file_is_said(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "company.json"
    file.write_text(content, encoding="utf-8")
    command = [sys.executable, "-m", "app.simulator", "--organisation", str(file), "--port", "1"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert (told.returncode, said in told.stderr) == (2, True)
    assert "Traceback" not in told.stderr


def test_a_company_of_two_lines_is_enough_to_start_with(tmp_path: Path) -> None:
    file = tmp_path / "company.json"
    file.write_text('{"members": [{"userid": "LiLei", "name": "李雷"}]}', encoding="utf-8")
    member = read_organisation(file).find("lilei")

    assert member is not None
    assert (member.pinyin, member.initials, member.department) == ("lilei", "ll", (1,))
    assert "lilei" in member.search_text


@pytest.mark.parametrize(
    ("name", "value"),
    [("SIMULATOR_PORT", "eight"), ("WECOM_ENCODING_AES_KEY", "short"), ("PUBLIC_BASE_URL", "127.0.0.1:8000")],
)
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name):
        read_settings({name: value})
