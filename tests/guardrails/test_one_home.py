"""A condition is knowledge like a rule: it is spelled in one place, under a name."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
OURS = [
    file for top in ("app", "h5", "callbacks", "scheduler") for file in sorted((ROOT / top).rglob("*.py"))
]
SPELLED = {
    # A row that waits for somebody: PointTask.is_open and what is made of it.
    r"closed_at\.is_\(None\)|closed_at IS NULL|closed_at is None": {"app/tasks/models.py"},
    # What a message is stands in its columns, not in the spelling of its wording's key.
    r"wording\.(startswith|endswith|like|partition|split)\(": set(),
}


def test_conditions_with_a_name_are_not_spelled_out_elsewhere() -> None:
    found = [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()}"
        for pattern, homes in SPELLED.items()
        for file in OURS
        if str(file.relative_to(ROOT)) not in homes
        for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1)
        if re.search(pattern, line)
    ]
    assert not found, "\n".join(found)
