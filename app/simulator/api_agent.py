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
        "report_location_flag": 0,
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
    if not isinstance(button, dict) or not button.get("name"):
        raise ApiError(40018)
    if len(button["name"].encode()) > (16 if top else 40):
        raise ApiError(40018)
    below = button.get("sub_button")
    if top and below:
        if not isinstance(below, list) or len(below) > 5:
            raise ApiError(40023)
        for one in below:
            _check_button(one, top=False)
        return
    kind = button.get("type")
    if kind not in TYPES:
        raise ApiError(40017)
    value = button.get(TYPES[kind])
    if not isinstance(value, str) or not value:
        raise ApiError(40063, f"button.{TYPES[kind]}")
    if TYPES[kind] == "key" and len(value.encode()) > 128:
        raise ApiError(40019)
    if TYPES[kind] == "url" and len(value.encode()) > 1024:
        raise ApiError(40020)
