"""What the facts of a history event say, for people. Pure."""

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
    found = [("", facts["note"])] if facts.get("note") else []
    return found + [(label, facts[name]) for name, label in WORDS.items() if facts.get(name)]


def changed(facts: Mapping[str, Any]) -> Iterator[str]:
    """What was different afterwards."""
    if facts.get("to"):
        yield f"实施人：{facts['from']} → {facts['to']}"
    if facts.get("was_due"):
        yield f"曾超期：原要求完成时间 {facts['was_due']}"
    if facts.get("was"):
        yield f"原结果：{facts['was']}"
    if facts.get("closed_before"):
        yield f"撤销前已办结 {facts['closed_before']} 个点位"
    if facts.get("items"):
        yield "重新打开：" + "、".join(facts["items"])
    changes = facts.get("changes") or []
    if isinstance(changes, list):
        yield from changes
        return
    for name, values in changes.items():
        if isinstance(values, str):
            yield f"{name}：{values}"
        elif name.endswith("点位"):  # as versions before this one wrote it: every code
            yield f"{name} {len(values)} 个"
        else:
            yield f"{name}：{values[0] or '（空）'} → {values[1] or '（空）'}"
