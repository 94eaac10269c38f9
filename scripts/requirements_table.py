"""Print which tests prove which row (T) and which reading (Q) of the requirement, and which promise (B, R, X).

A test proves a row by carrying its id in the name, such as
`test_an_open_item_is_named_when_closing_is_refused_T52`, and holds a promise of
docs/promises.md by the mark `@pytest.mark.proves("X-A1")`. Exits with 1 where a
row that docs/requirements.md marks as done has no test; with --strict also where one of
MUST_HAVE_TESTS has none.
"""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DONE, OPEN = "✓", "未做"
STATES = (DONE, "已做", "部分", OPEN)  # 已做: it works, and no test names it yet
IDS = re.compile(r"_([TQ])(\d{1,2})(?=_|$)")
PAGE = ROOT / "docs" / "requirements.md"
ROW = re.compile(r'\| <a id="[^"]+"></a>(T-\d\d|Q\d{1,2}) \|')
PROMISES = ROOT / "docs" / "promises.md"
PROMISE = re.compile(r'\| <a id="[^"]+"></a>([BRX]-[A-Z]\d{1,2}) \|')


def _ids(kind: str, *spans: tuple[int, int]) -> tuple[str, ...]:
    return tuple(f"{kind}-{number:02}" for first, last in spans for number in range(first, last + 1))


ALL = _ids("T", (1, 78))
READINGS = _ids("Q", (1, 46), (50, 52), (54, 55))
"""What was read where the requirement says two things or none; Q-47…Q-49 are about other sources than this one."""
OTHER_READINGS = _ids("Q", (47, 49), (53, 53), (56, 62))
MUST_HAVE_TESTS = ALL + READINGS


@dataclass(frozen=True)
class Claim:
    """One row of docs/requirements.md or docs/promises.md: what it says about a requirement, a reading, a promise."""

    id: str  # as `proofs` spells it: T-52, Q-04
    state: str  # of a requirement; empty for a reading
    files: tuple[str, ...]  # test files, below tests/


def proofs(folder: Path = ROOT / "tests") -> dict[str, list[str]]:
    """Every id that a test function names, such as "T-52" → ["tasks/test_implement.py::test_…"]."""
    found: dict[str, list[str]] = {}
    for file in sorted(folder.rglob("test_*.py")):
        for test in _tests(file):
            for kind, number in IDS.findall(test.name):
                found.setdefault(f"{kind}-{number:>02}", []).append(
                    f"{file.relative_to(folder).as_posix()}::{test.name}"
                )
    return found


def holders(folder: Path = ROOT / "tests") -> dict[str, list[str]]:
    """Every promise that a test is marked with, such as "X-A1" → ["crash/test_crash.py::test_…"]."""
    found: dict[str, list[str]] = {}
    for file in sorted(folder.rglob("test_*.py")):
        for test in _tests(file):
            for promise in _marks(test):
                found.setdefault(promise, []).append(f"{file.relative_to(folder).as_posix()}::{test.name}")
    return found


def _marks(test: ast.FunctionDef) -> Iterator[str]:
    for decorator in test.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.proves":
            yield from (ast.literal_eval(argument) for argument in decorator.args)


def _tests(file: Path) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node


def promises(page: Path = PROMISES) -> list[Claim]:
    """The rows of the tables of promises; `state` is what is said to hold them."""
    found = []
    for line in page.read_text(encoding="utf-8").splitlines():
        if row := PROMISE.match(line):
            held_by = line.strip("|").split("|")[-1].strip()
            found.append(Claim(row[1], held_by, tuple(re.findall(r"`([\w/]+\.py)`", held_by))))
    return found


def claims(page: Path = PAGE) -> list[Claim]:
    """The rows of the tables of requirements and of readings, in their order."""
    found = []
    for line in page.read_text(encoding="utf-8").splitlines():
        if row := ROW.match(line):
            kind, number = row[1][0], row[1].lstrip("TQ-")
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            state = cells[3] if kind == "T" else ""
            found.append(Claim(f"{kind}-{number:>02}", state, tuple(re.findall(r"`([^`]+)`", cells[-1]))))
    return found


def missing(tests: dict[str, list[str]], wanted: tuple[str, ...]) -> list[str]:
    """The rows of `wanted` that no test names."""
    return [row for row in wanted if row not in tests]


def main() -> int:
    """Print the table, then what is missing."""
    tests = proofs()
    states = {claim.id: claim.state for claim in claims()}
    for row in MUST_HAVE_TESTS:
        state = states.get(row, OPEN) if row in ALL else ""
        print(f"{row}  {state:<4} {'  '.join(tests.get(row, [])) or '—'}")
    held = holders()
    for promise in promises():
        print(f"{promise.id:<5} {'  '.join(held.get(promise.id, [])) or promise.state}")
    for name, rows in (("rows", ALL), ("readings", READINGS)):
        print(f"\n{sum(row in tests for row in rows)} of {len(rows)} {name} have tests.")
    done = tuple(row for row in ALL if states.get(row) == DONE)
    waiting = [row for row in missing(tests, MUST_HAVE_TESTS) if row not in done]
    if waiting:
        print(f"Still without a test: {' '.join(waiting)}")
    if unproved := missing(tests, done):
        print(f"Said to be done, but no test names them: {' '.join(unproved)}", file=sys.stderr)
    return 1 if unproved or (waiting and "--strict" in sys.argv[1:]) else 0


if __name__ == "__main__":
    sys.exit(main())
