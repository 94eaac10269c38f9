"""The app's menu and its tile on the workbench (D 92535)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.wecom.client import Calls
from app.wecom.plain import cut_bytes

MOST_FIGURES = 4
MOST_USERIDS = 1000
LONGEST_FIGURE_BYTES = 64


@dataclass(frozen=True, slots=True)
class Figure:
    """A number on the tile, its caption, and the page it opens."""

    caption: str
    value: str
    url: str


def set_menu(calls: Calls, agent_id: int, buttons: Sequence[Mapping[str, Any]]) -> None:
    """Replace the menu under the chat; at most 3 buttons with 5 below each."""
    calls.post("menu/create", {"button": list(buttons)}, {"agentid": agent_id})


def show_figures(calls: Calls, agent_id: int, defaults: Sequence[Figure]) -> None:
    """Make the tile show key figures; `defaults` are seen by members without figures of their own."""
    payload = {"agentid": agent_id, "replace_user_data": True, **_figures(defaults)}
    calls.post("agent/set_workbench_template", payload)


def set_figures(calls: Calls, agent_id: int, userids: Sequence[str], figures: Sequence[Figure]) -> None:
    """Give these members the same figures."""
    for start in range(0, len(userids), MOST_USERIDS):
        part = list(userids[start : start + MOST_USERIDS])
        payload = {"agentid": agent_id, "userid_list": part, "data": _figures(figures)}
        calls.post("agent/batch_set_workbench_data", payload)


def _figures(figures: Sequence[Figure]) -> dict[str, Any]:
    if len(figures) > MOST_FIGURES:
        raise ValueError(f"{len(figures)} figures")
    items = [
        {
            "key": cut_bytes(figure.caption, LONGEST_FIGURE_BYTES),
            "data": cut_bytes(figure.value, LONGEST_FIGURE_BYTES),
            "jump_url": figure.url,
        }
        for figure in figures
    ]
    return {"type": "keydata", "keydata": {"items": items}}
