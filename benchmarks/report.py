"""What a run prints: one JSON object per line, then a table."""

import json
import sys
from dataclasses import dataclass, field

from benchmarks.goals import GOALS


@dataclass(frozen=True)
class Result:
    """One number, and what it was made from (for the reader, not for the verdict)."""

    name: str
    db: str
    value: float
    note: str = ""

    @property
    def verdict(self) -> str:
        """达到争取值, 达标 or 未达标."""
        goal = GOALS[self.name]
        if not goal.met(self.value, goal.must[self.db]):
            return "未达标"
        return "争取值" if goal.met(self.value, goal.stretch[self.db]) else "达标"


@dataclass
class Report:
    """Collects results; each is printed the moment it is known."""

    results: list[Result] = field(default_factory=list)

    def add(self, name: str, db: str, value: float, note: str = "") -> None:
        """Print one result as a line of JSON."""
        goal = GOALS[name]
        self.results.append(Result(name, db, value, note))
        line = {
            "name": name,
            "db": db,
            "value": float(f"{value:.4g}"),
            "unit": goal.unit,
            "must": goal.must[db],
            "stretch": goal.stretch[db],
        }
        print(json.dumps(line, ensure_ascii=False), flush=True)

    def say(self, text: str) -> None:
        """Progress, for whoever watches; not part of the result."""
        print(text, file=sys.stderr, flush=True)

    def table(self) -> str:
        """Everything measured, as a Markdown table."""
        head = (
            "| 项目 | 数据库 | 测得 | 单位 | 必须 | 争取 | 结论 | 说明 |\n|---|---|---|---|---|---|---|---|"
        )
        return "\n".join([head, *map(_line, self.results)])

    @property
    def missed(self) -> list[Result]:
        """The results that do not reach what they must."""
        return [result for result in self.results if result.verdict == "未达标"]


def _line(result: Result) -> str:
    goal = GOALS[result.name]
    sign = "≥" if goal.at_least else "≤"
    must, stretch = goal.must[result.db], goal.stretch[result.db]
    return (
        f"| {result.name} | {result.db} | {result.value:.3g} | {goal.unit} "
        f"| {sign} {must:g} | {sign} {stretch:g} | {result.verdict} | {result.note} |"
    )
