"""Reading the address book: only the app's visible range, only what today's documents promise."""

from typing import Any

from app.simulator.errors import ApiError
from app.simulator.gate import Call, api
from app.simulator.organisation import Department, Member
from app.simulator.world import UNSEEN, World

ACTIVE, DISABLED = 1, 2


@api("user/get", kinds=("app", "contact"))
def get_user(call: Call) -> dict[str, Any]:
    member = call.world.in_corp(call.arg("userid", missing=41009))
    if member is None:
        raise ApiError(60111)
    if call.kind == "contact":
        raise ApiError(48009)
    if call.world.state_of(member) == "out_of_range":
        raise ApiError(60011)
    details = {"mobile": member.mobile, "gender": "0", "email": ""}
    return {
        "userid": member.userid,
        "name": member.name,
        "department": list(member.department),
        "order": [0] * len(member.department),
        "position": member.position,
        "main_department": member.department[0],
        "is_leader_in_dept": [0] * len(member.department),
        "direct_leader": [],
        "status": _status(call.world, member),
        "enable": int(_status(call.world, member) == ACTIVE),
        "isleader": 0,
        "hide_mobile": 0,
        "telephone": "",
        "alias": "",
        "extattr": {"attrs": []},
        **(details if call.world.switches["member_details"] else {}),
    }


@api("user/simplelist", kinds=("app", "contact"))
def list_users(call: Call) -> dict[str, Any]:
    department = _department(call, call.arg("department_id"))
    if call.kind == "contact":
        raise ApiError(48009)
    members = _visible(call.world, call.world.organisation.directly_in(department.id))
    return {
        "userlist": [
            {"userid": one.userid, "name": one.name, "department": list(one.department), "open_userid": ""}
            for one in members
        ]
    }


@api("user/list")
def list_users_in_full(call: Call) -> dict[str, Any]:
    department = _department(call, call.arg("department_id"))
    found = call.world.organisation.directly_in(department.id)
    if call.args.get("fetch_child") == "1":
        below = call.world.organisation.below(department.id)
        found = [one for one in call.world.organisation if below & set(one.department)]
    if len(found) > 2000:
        raise ApiError(45029)
    rows = _visible(call.world, found)
    return {
        "userlist": [
            {
                "userid": one.userid,
                "name": one.name,
                "department": list(one.department),
                "position": one.position,
                "status": _status(call.world, one),
                "main_department": one.department[0],
            }
            for one in rows
        ]
    }


@api("user/list_id", method="POST", kinds=("app", "contact"))
def list_user_ids(call: Call) -> dict[str, Any]:
    if call.kind != "contact":
        raise ApiError(48002, "only the secret of 通讯录同步 may call this")
    limit = call.body.get("limit", 10000)
    cursor = call.body.get("cursor") or "0"
    if not isinstance(limit, int) or not 1 <= limit <= 10000:
        raise ApiError(40058, "limit should be 1 to 10000")
    if not str(cursor).isdigit():
        raise ApiError(40058, "cursor")
    rows = [
        {"userid": one.userid, "department": department}
        for one in call.world.organisation
        if call.world.state_of(one) != "left"
        for department in one.department
    ]
    start = int(cursor)
    following = start + limit
    return {
        "dept_user": rows[start:following],
        "next_cursor": str(following) if following < len(rows) else "",
    }


@api("department/simplelist", kinds=("app", "contact"))
def list_departments(call: Call) -> dict[str, Any]:
    everything = list(call.world.organisation.departments.values())
    if wanted := call.args.get("id"):
        below = call.world.organisation.below(_department(call, wanted).id)
        everything = [one for one in everything if one.id in below]
    return {
        "department_id": [{"id": one.id, "parentid": one.parentid, "order": one.order} for one in everything]
    }


@api("department/get", kinds=("app", "contact"))
def get_department(call: Call) -> dict[str, Any]:
    one = _department(call, call.arg("id"))
    if call.kind == "contact":
        raise ApiError(48009)
    return {
        "department": {
            "id": one.id,
            "name": one.name,
            "parentid": one.parentid,
            "order": one.order,
            "department_leader": [],
        }
    }


def _department(call: Call, wanted: str) -> Department:
    found = call.world.organisation.departments.get(int(wanted)) if wanted.isdigit() else None
    if found is None:
        raise ApiError(60003)
    return found


def _status(world: World, member: Member) -> int:
    return DISABLED if world.state_of(member) == "disabled" else ACTIVE


def _visible(world: World, members: list[Member]) -> list[Member]:
    return [one for one in members if world.state_of(one) not in UNSEEN]
