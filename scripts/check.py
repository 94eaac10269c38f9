"""The quick look before a commit: format, lint, types, and the SQLite tests nearest to what changed.

`make check` runs it; what it leaves out (PostgreSQL, browsers, whole journeys,
killed processes) `make test` runs.
"""

import ast
import subprocess
import sys
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
PLACES = ("app", "h5", "callbacks", "scheduler", "migrations", "scripts", "tests")
MOST_FILES = 8  # as many test files as two cores run in half a minute
ALWAYS = ("tests/guardrails/test_imports.py",)
SLOW = {"playwright", "playwright.sync_api", "subprocess", "tests.h5.chromium", "tests.crash"}
"""A test file that imports one of these starts browsers or processes."""


def changed() -> list[str]:
    """What differs from the last commit, or where nothing does, what that commit changed."""
    present = _git("diff", "--name-only", "HEAD") + _git("ls-files", "--others", "--exclude-standard")
    return present or _git("diff", "--name-only", "HEAD~1", "HEAD")


def _git(*words: str) -> list[str]:
    found = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True)
    return found.stdout.split()


def nearest_tests(files: Iterable[str], *, most: int = MOST_FILES) -> list[str]:
    """The test files that import a changed module soonest, the nearest first; changed tests come first of all."""
    imports = {path: _imports(ROOT / path) for path in _python_files()}
    importers: Mapping[str, list[str]] = _importers(imports)
    reached: dict[str, int] = {}
    waiting = deque((file, 0) for file in files)
    while waiting:
        file, distance = waiting.popleft()
        if file in reached:
            continue
        reached[file] = distance
        waiting.extend((other, distance + 1) for other in importers[file])
    tests = [file for file in reached if Path(file).name.startswith("test_")]
    tests += [test for file in files for test in _mirror(file) if test not in tests]
    quick = [file for file in tests if (ROOT / file).exists() and not imports[file] & SLOW]
    mirrored = {test for file in files for test in _mirror(file)}
    quick.sort(key=lambda test: (reached.get(test, 0) > 0, test not in mirrored, reached.get(test, 0), test))
    return quick[:most]


def _mirror(file: str) -> list[str]:
    """app/tasks/publishing/edit.py → tests/tasks/test_edit.py, where that is there."""
    path = Path(file)
    folders = path.parent.parts[1:] if path.parts[0] == "app" else path.parent.parts
    # The tests of a room's modules stand beside those of the whole.
    near = [Path("tests", *folders[:depth], f"test_{path.stem}.py") for depth in range(len(folders), -1, -1)]
    return [test.as_posix() for test in near if (ROOT / test).exists()][:1]


def _python_files() -> list[str]:
    return [
        file.relative_to(ROOT).as_posix() for place in PLACES for file in sorted((ROOT / place).rglob("*.py"))
    ]


def _imports(path: Path) -> set[str]:
    """The names of modules that a file imports; of `from x import y` both x and x.y."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _importers(imports: Mapping[str, set[str]]) -> Mapping[str, list[str]]:
    """File → the files that import it."""
    by_name = {_module(path): path for path in imports}
    found: dict[str, list[str]] = defaultdict(list)
    for path, names in imports.items():
        for name in names & by_name.keys():
            found[by_name[name]].append(path)
    return found


def _module(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _run(*words: str) -> bool:
    return subprocess.run(words, cwd=ROOT, check=False).returncode == 0


def main() -> int:
    """Run every step, also behind one that failed; 1 where one did."""
    files = changed()
    tests = list(dict.fromkeys([*ALWAYS, *nearest_tests(files)]))
    steps = (
        (str(BIN / "ruff"), "format", "--check", "--quiet", "."),
        (str(BIN / "ruff"), "check", "--quiet", "."),
        (str(BIN / "mypy"),),
        (str(BIN / "pytest"), "--quick", "--quiet", "-n", "2", "--dist", "loadgroup", *tests),
    )
    results = [_run(*step) for step in steps]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
