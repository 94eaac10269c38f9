"""Break the pure rules in every small way and see that a test notices; `make mutants` runs it.

Each survivor is either mended by a test or named in docs/mutants.md with the reason why it does no harm: by its
function and the changed lines, since its number moves with every change of the code.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
MUTMUT = str(Path(sys.executable).with_name("mutmut"))
PAGE = ROOT / "docs" / "mutants.md"
NAMED = re.compile(r"^\| `(?P<function>[\w.]+)` \| `(?P<before>.*?)` \| `(?P<after>.*?)` \|", re.MULTILINE)
HARMLESS = ("killed", "timeout")  # a loop without an end is noticed, too


class Mutant(NamedTuple):
    """One change of one function that no test noticed."""

    function: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"| `{self.function}` | `{self.before}` | `{self.after}` |"


def named() -> set[Mutant]:
    """Those of which the page says why they do no harm."""
    return {Mutant(*found) for found in NAMED.findall(PAGE.read_text(encoding="utf-8"))}


def survivors() -> list[Mutant]:
    """Those that every test let pass, or that no test ran."""
    said = _mutmut("results")
    keys = re.findall(r"^\s+(\S+): (.+)$", said, re.MULTILINE)
    return [_read(key) for key, fate in keys if fate not in HARMLESS]


def _read(key: str) -> Mutant:
    """The mutant that mutmut calls so: app.tasks.labels.x_progress__mutmut_3."""
    lines = _mutmut("show", key).splitlines()
    module, _, name = key.rpartition(".")
    function = f"{module}.{re.sub(r'^x_?|__mutmut_[0-9]+$', '', name).replace('ǁ', '.').strip('.')}"
    changed = [line for line in lines if line[:1] in "+-" and not line.startswith(("+++", "---"))]
    return Mutant(function, *(_side(changed, sign) for sign in "-+"))


def _side(lines: list[str], sign: str) -> str:
    return " ".join(line[1:].strip() for line in lines if line.startswith(sign)).replace("|", "¦")


def _mutmut(*words: str) -> str:
    done = subprocess.run([MUTMUT, *words], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout


def main() -> int:
    """Run it from the beginning; 1 where a survivor is not named, or a name is out of date."""
    shutil.rmtree(ROOT / "mutants", ignore_errors=True)
    subprocess.run([MUTMUT, "run"], cwd=ROOT, check=True)
    alive, known = set(survivors()), named()
    for mutant in sorted(alive - known):
        print(f"不被任何测试发现：{mutant}")
    for mutant in sorted(known - alive):
        print(f"docs/mutants.md 里多余：{mutant}")
    return 1 if alive != known else 0


if __name__ == "__main__":
    sys.exit(main())
