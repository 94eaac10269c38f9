"""What the facts of a history event say, for people. Pure.

An event says by itself what people wrote (`said`: label and text) and what was different afterwards (`changes`);
the names below are those that events before had for the same.
"""

from collections.abc import Iterator, Mapping
from typing import Any

WORDS = {
    "explanation": "回退说明",
    "reason": "原因",
    "impact": "影响范围",
    "repair": "修复情况",
    "new_due": "新的完成时间",
    "until": "暂停至",
}


def said(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(what it is, people's own words); a note has no label."""
    lines = []
    if facts.get("note"):
        lines.append(("", facts["note"]))
    for name, label in WORDS.items():
        if facts.get(name):
            lines.append((label, facts[name]))
    lines += [(label, text) for label, text in facts.get("said", ())]
    return lines


def changed(facts: Mapping[str, Any]) -> Iterator[str]:
    """What was different afterwards."""
    if facts.get("was"):
        yield f"原结果：{facts['was']}"
    changes = facts.get("changes") or []
    if isinstance(changes, list):
        yield from changes
        return
    for name, values in changes.items():
        if isinstance(values, str):
            yield f"{name}：{values}"
        else:
            yield f"{name}：{values[0] or '（空）'} → {values[1] or '（空）'}"
