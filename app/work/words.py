"""What the facts of a history event say, for people. Pure.

An event says by itself what people wrote (`said`: label and text) and what was different afterwards (`changes`).
A kind of work that keeps words as facts of their own names them itself, see `faces.Subject`.
"""

from collections.abc import Iterator, Mapping
from typing import Any


def said(facts: Mapping[str, Any], labels: Mapping[str, str] | None = None) -> list[tuple[str, str]]:
    """(what it is, people's own words); a note has no label. `labels` name facts that are words, in this order."""
    lines = []
    if facts.get("note"):
        lines.append(("", facts["note"]))
    for name, label in (labels or {}).items():
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
