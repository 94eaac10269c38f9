"""Rows of the store as the desk tells them."""

import json
from typing import Any

from app.simulator.errors import meaning


def message(row: dict[str, Any]) -> dict[str, Any]:
    """One row of a chat: `state` is delivered, recalled or dropped."""
    state = "dropped" if row["dropped"] else "recalled" if row["recalled"] else "delivered"
    return {
        "msgid": row["msgid"],
        "msgtype": row["msgtype"],
        "direction": row["direction"],
        "body": row["content"],
        "time": row["at"],
        "state": state,
        "reason": row["dropped"] or "",
        "read": row["read"],
        "button": row["button"],
        "replaced": row["replaced"],
        "task_id": row["task_id"],
    }


def call(row: Any) -> dict[str, Any]:
    """One API call, its JSON opened and its code in words."""
    code = row["errcode"]
    return dict(row) | {
        "query": json.loads(row["query"]),
        "body": _json_or_text(row["body"]),
        "answer": _json_or_text(row["answer"]),
        "meaning": meaning(code) if code is not None else "",
    }


def _json_or_text(text: str) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text
