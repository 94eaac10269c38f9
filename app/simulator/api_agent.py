"""The app's own settings: agent/get, the chat menu, and where callbacks come from."""

import json
from typing import Any

from app.simulator.errors import ApiError
from app.simulator.gate import Call, api
from app.simulator.world import UNSEEN, World

TYPES = {
    "click": "key",
    "view": "url",
    "scancode_push": "key",
    "scancode_waitmsg": "key",
    "pic_sysphoto": "key",
    "pic_photo_or_album": "key",
    "pic_weixin": "key",
    "location_select": "key",
    "view_miniprogram": "appid",
}
MOST_BYTES = {"key": 128, "url": 1024}
# The second level has codes of its own (D 90313).
CODES_OF_TOP = {"type": 40017, "name": 40018, "key": 40019, "url": 40020}
CODES_BELOW = {"type": 40024, "name": 40025, "key": 40026, "url": 40027}


@api("agent/get")
def get_agent(call: Call) -> dict[str, Any]:
    _own_agent(call)
    here = call.world
    seen = [one for one in here.organisation if here.state_of(one) not in UNSEEN]
    return {
        "agentid": here.settings.agent_id,
        "name": here.organisation.app,
        "square_logo_url": f"http://{here.settings.host}:{here.settings.port}/static/app.svg",
        "description": "把服务任务送到县区，再把结果带回来",
        "allow_userinfos": {"user": [{"userid": one.userid} for one in seen]},
        "allow_partys": {"partyid": []},
        "allow_tags": {"tagid": []},
        "close": 0,
        "redirect_domain": here.settings.trusted_domain,
        "report_location_flag": int(here.switches["report_location"]),
        "isreportenter": 1,
        "home_url": here.settings.app_home,
        "customized_publish_status": 0,
    }


@api("getcallbackip")
def get_callback_ip(_call: Call) -> dict[str, Any]:
    return {"ip_list": ["127.0.0.1"]}


@api("menu/create", method="POST")
def create_menu(call: Call) -> dict[str, Any]:
    _own_agent(call)
    buttons = call.body.get("button")
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= 3:
        raise ApiError(40016)
    for one in buttons:
        _check_button(one, top=True)
    with call.world.store.use() as db:
        db.execute("INSERT OR REPLACE INTO document VALUES ('menu', ?)", (json.dumps({"button": buttons}),))
    call.world.surroundings += 1
    return {}


@api("menu/get")
def get_menu(call: Call) -> dict[str, Any]:
    _own_agent(call)
    menu = menu_of(call.world)
    if menu is None:
        raise ApiError(46003)
    return menu


@api("menu/delete")
def delete_menu(call: Call) -> dict[str, Any]:
    _own_agent(call)
    with call.world.store.use() as db:
        db.execute("DELETE FROM document WHERE name = 'menu'")
    call.world.surroundings += 1
    return {}


def menu_of(here: World) -> dict[str, Any] | None:
    """The menu under the chat, where one was created."""
    with here.store.use() as db:
        row = db.execute("SELECT body FROM document WHERE name = 'menu'").fetchone()
    return json.loads(row["body"]) if row else None


def _own_agent(call: Call) -> None:
    if call.arg("agentid", missing=41011) != str(call.world.settings.agent_id):
        raise ApiError(301002)


def _check_button(button: Any, *, top: bool) -> None:
    codes = CODES_OF_TOP if top else CODES_BELOW
    name = button.get("name") if isinstance(button, dict) else None
    if not isinstance(name, str) or not 0 < len(name.encode()) <= (16 if top else 40):
        raise ApiError(codes["name"])
    below = button.get("sub_button")
    if below:
        _check_below(below, top=top)
        return
    kind = button.get("type")
    if not isinstance(kind, str) or kind not in TYPES:
        raise ApiError(codes["type"])
    value = button.get(TYPES[kind])
    if not isinstance(value, str) or not value:
        raise ApiError(40063, f"button.{TYPES[kind]}")
    if len(value.encode()) > MOST_BYTES.get(TYPES[kind], 1024):
        raise ApiError(codes.get(TYPES[kind], 40058))


def _check_below(buttons: Any, *, top: bool) -> None:
    if not top:
        raise ApiError(40022)
    if not isinstance(buttons, list) or len(buttons) > 5:
        raise ApiError(40023)
    for one in buttons:
        _check_button(one, top=False)
