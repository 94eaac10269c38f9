"""The app's place on the workbench: template, and data for each member."""

import json
from typing import Any

from app.simulator.errors import ApiError
from app.simulator.gate import Call, api
from app.simulator.organisation import Member
from app.simulator.world import World

KINDS = ("keydata", "image", "list", "webview", "normal")
PER_MINUTE = 10
PERSONS_PER_MINUTE = 100_000


@api("agent/set_workbench_template", method="POST")
def set_template(call: Call) -> dict[str, Any]:
    _own_agent(call)
    content = _checked(call.body)
    with call.world.store.use() as db:
        db.execute("INSERT OR REPLACE INTO document VALUES ('workbench', ?)", (json.dumps(content),))
        if call.body.get("replace_user_data"):
            db.execute("DELETE FROM workbench_data")
    call.world.surroundings += 1
    return {}


@api("agent/get_workbench_template", method="POST")
def get_template(call: Call) -> dict[str, Any]:
    _own_agent(call)
    return _template(call.world) or {"type": "normal"}


@api("agent/set_workbench_data", method="POST")
def set_data(call: Call) -> dict[str, Any]:
    _own_agent(call)
    userid = call.body.get("userid")
    member = call.world.in_corp(userid) if isinstance(userid, str) else None
    if member is None:
        raise ApiError(40003)
    call.world.rationed.take(f"workbench:{member.userid}", call.at, most=PER_MINUTE, period=60)
    _keep(call, [member], _for_template(call, call.body))
    return {}


@api("agent/batch_set_workbench_data", method="POST")
def set_data_of_many(call: Call) -> dict[str, Any]:
    _own_agent(call)
    userids = call.body.get("userid_list")
    if not isinstance(userids, list) or not userids:
        raise ApiError(40031)
    if len(userids) > 1000:
        raise ApiError(40032)
    found = [member for one in userids if (member := call.world.in_corp(str(one)))]
    if not found:
        raise ApiError(40031)
    data = call.body.get("data")
    if not isinstance(data, dict):
        raise ApiError(94012)
    call.world.rationed.take(
        "workbench:batch", call.at, most=PERSONS_PER_MINUTE, period=60, amount=len(userids)
    )
    _keep(call, found, _for_template(call, data))
    return {}


@api("agent/get_workbench_data", method="POST")
def get_data(call: Call) -> dict[str, Any]:
    _own_agent(call)
    member = call.world.in_corp(str(call.body.get("userid")))
    if member is None:
        raise ApiError(40003)
    shown = workbench_of(call.world, member.userid)
    return shown or {"type": "normal"}


def workbench_of(here: World, userid: str) -> dict[str, Any] | None:
    """What this member sees: their own data, else the template; None where nothing is set."""
    template = _template(here)
    if template is None:
        return None
    with here.store.use() as db:
        row = db.execute("SELECT body FROM workbench_data WHERE userid = ?", (userid,)).fetchone()
    own: dict[str, Any] | None = json.loads(row["body"]) if row else None
    return own if own and own["type"] == template["type"] else template


def _template(here: World) -> dict[str, Any] | None:
    with here.store.use() as db:
        row = db.execute("SELECT body FROM document WHERE name = 'workbench'").fetchone()
    return json.loads(row["body"]) if row else None


def _own_agent(call: Call) -> None:
    agent_id = call.body.get("agentid")
    if agent_id is None:
        raise ApiError(41011)
    if agent_id != call.world.settings.agent_id:
        raise ApiError(301002)
    if not call.world.switches["custom_workbench"]:
        raise ApiError(94000)


def _for_template(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    template = _template(call.world)
    if template is None:
        raise ApiError(94008)
    content = _checked(body)
    if content["type"] != template["type"]:
        raise ApiError(94001, f"the template is {template['type']}")
    if content["type"] == "webview":
        height = template["webview"].get("height")
        if content["webview"].get("height", height) != height:
            raise ApiError(94016)
    return content


def _keep(call: Call, members: list[Member], content: dict[str, Any]) -> None:
    text = json.dumps(content, ensure_ascii=False)
    with call.world.store.use() as db:
        db.executemany(
            "INSERT OR REPLACE INTO workbench_data VALUES (?, ?)", [(one.userid, text) for one in members]
        )
    call.world.surroundings += 1


def _checked(body: dict[str, Any]) -> dict[str, Any]:
    kind = body.get("type")
    if kind not in KINDS:
        raise ApiError(94001)
    part = body.get(kind)
    if kind == "normal":
        return {"type": kind}
    if not isinstance(part, dict):
        raise ApiError({"keydata": 94002, "list": 94005, "webview": 94007}.get(kind, 94012))
    _CHECKS[kind](part)
    return {"type": kind, kind: part}


def _keydata(part: dict[str, Any]) -> None:
    for item in _items(part, 4, 94003):
        if not item.get("data") and item.get("data") != 0:
            raise ApiError(94012)
        if len(str(item.get("key", ""))) > 64 or len(str(item["data"])) > 64:
            raise ApiError(40058, "key and data: at most 64")
        jump = item.get("jump_url") or ""
        if not isinstance(jump, str) or len(jump) > 1024:
            raise ApiError(40058, "jump_url: at most 1024")


def _list(part: dict[str, Any]) -> None:
    for item in _items(part, 3, 94006):
        title = item.get("title")
        if not title:
            raise ApiError(94010)
        if not isinstance(title, str) or len(title.encode()) > 128:
            raise ApiError(94014)


def _image(part: dict[str, Any]) -> None:
    if not str(part.get("url") or "").startswith(("http://", "https://")):
        raise ApiError(94013)


def _webview(part: dict[str, Any]) -> None:
    if not str(part.get("url") or "").startswith(("http://", "https://")):
        raise ApiError(94015)
    if part.get("height", "single_row") not in ("single_row", "double_row"):
        raise ApiError(94011)


_CHECKS = {"keydata": _keydata, "list": _list, "image": _image, "webview": _webview}


def _items(part: dict[str, Any], most: int, code: int) -> list[dict[str, Any]]:
    items = part.get("items")
    if not isinstance(items, list) or not all(isinstance(one, dict) for one in items):
        raise ApiError(94012)
    if len(items) > most:
        raise ApiError(code)
    return items
