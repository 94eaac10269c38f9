"""What the facts of an event of published work say besides what every event says. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.work import words

LABELS = {
    "explanation": "回退说明",
    "reason": "原因",
    "impact": "影响范围",
    "repair": "修复情况",
    "new_due": "新的完成时间",
    "until": "暂停至",
}
"""Facts that are people's own words."""


def said(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(what it is, people's own words)."""
    return words.said(facts, LABELS)


def changed(facts: Mapping[str, Any]) -> Iterator[str]:
    """What was different afterwards."""
    if facts.get("to"):
        yield f"实施人：{facts['from']} → {facts['to']}"
    if facts.get("was_due"):
        yield f"曾超期：原要求完成时间 {facts['was_due']}"
    if facts.get("closed_before"):
        yield f"撤销前已办结 {facts['closed_before']} 个点位"
    if facts.get("items"):
        yield "重新打开：" + "、".join(facts["items"])
    others = dict(facts)
    if isinstance(facts.get("changes"), dict):
        others["changes"] = {}
        for name, values in facts["changes"].items():
            if name.endswith("点位") and not isinstance(values, str):
                yield f"{name} {len(values)} 个"  # as versions before this one wrote it: every code
            else:
                others["changes"][name] = values
    yield from words.changed(others)


def summed(facts: Mapping[str, Any]) -> list[str]:
    """How many rows the act was about, for who reads of it away from them."""
    points = facts.get("points")
    return [f"{points} 个点位"] if points else []
