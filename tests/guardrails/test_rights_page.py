"""docs/rights.md is the table of rules that the program reads."""

from app.tasks.lifecycle import RULES, TASK_RULES, Part
from tests.guardrails.pages import rows_below

COLUMNS = [str(part) for part in Part]


def test_the_rights_are_the_rules_table():
    said = {}
    header = "| 操作 | " + " | ".join(COLUMNS) + " | 通知 |"
    for name, *ticks, tells in rows_below(header, page="docs/rights.md"):
        who = {Part(column) for column, tick in zip(COLUMNS, ticks, strict=True) if tick == "✓"}
        said[name] = (who, tuple(tells.split()))

    rules = {rule.name: (set(rule.who), rule.tells) for rule in RULES.values()}
    rules |= {rule.name: (set(rule.who), rule.tells) for rule in TASK_RULES.values()}
    assert said == rules
