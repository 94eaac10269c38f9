"""The XML of callbacks: what WeCom would write, node by node."""

from collections.abc import Mapping, Sequence
from typing import Any


def event_xml(event: str, *, corp_id: str, userid: str, at: float, agent_id: int | None, **nodes: Any) -> str:
    """One event; nested mappings become nested nodes, sequences become repeated ones."""
    return message_xml(
        "event", corp_id=corp_id, userid=userid, at=at, agent_id=agent_id, Event=event, **nodes
    )


def message_xml(
    kind: str, *, corp_id: str, userid: str, at: float, agent_id: int | None, **nodes: Any
) -> str:
    head = {"ToUserName": corp_id, "FromUserName": userid, "CreateTime": int(at), "MsgType": kind}
    tail = {} if agent_id is None else {"AgentID": agent_id}
    return f"<xml>{_nodes({**head, **nodes, **tail})}</xml>"


def envelope_xml(encrypted: str, *, corp_id: str, agent_id: int | None) -> str:
    """The outer body of a callback, as posted."""
    app = {} if agent_id is None else {"AgentID": str(agent_id)}
    return f"<xml>{_nodes({'ToUserName': corp_id, **app, 'Encrypt': encrypted})}</xml>"


def selected_items(chosen: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """What a member ticked in a card: question key → option ids."""
    return {
        "SelectedItem": [
            {"QuestionKey": question, "OptionIds": {"OptionId": list(options)}}
            for question, options in chosen.items()
        ]
    }


def _nodes(tree: Mapping[str, Any]) -> str:
    return "".join(_node(name, value) for name, value in tree.items())


def _node(name: str, value: Any) -> str:
    if isinstance(value, Mapping):
        return f"<{name}>{_nodes(value)}</{name}>"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "".join(_node(name, one) for one in value)
    if isinstance(value, int | float):
        return f"<{name}>{value}</{name}>"
    # A CDATA section ends at the first ]]>, so that text is split over two sections.
    safe = str(value).replace("]]>", "]]]]><![CDATA[>")
    return f"<{name}><![CDATA[{safe}]]></{name}>"
