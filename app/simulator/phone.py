"""The clients: pick a member, then the phone or the desktop client, and the JSON they live on."""

from typing import Any

from flask import Blueprint, Response, abort, jsonify, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from app.simulator import chat
from app.simulator.api_agent import menu_of
from app.simulator.api_media import as_file
from app.simulator.api_workbench import workbench_of
from app.simulator.chat import NotPossible
from app.simulator.organisation import CAST, Member
from app.simulator.world import STATES, UNSEEN, world

bp = Blueprint("phone", __name__)
# Somebody who is not in the corp but was given a link.
OUTSIDER = Member(
    userid="outsider", name="外部客户", department=(), position="不在企业里", faults="out_of_range"
)

MENU_EVENTS = ("click", "view", "view_miniprogram")


@bp.get("/")
def pick() -> str:
    here = world()
    members = here.organisation.cast_first()
    return render_template("pick.html", world=here, members=members, cast=CAST, states=STATES)


@bp.get("/phone/<userid>")
def phone(userid: str) -> str:
    return _client(userid, "phone.html")


@bp.get("/desktop/<userid>")
def desktop(userid: str) -> str:
    return _client(userid, "desktop.html")


@bp.get("/side-by-side")
def side_by_side() -> str:
    """Two members' phones in one window."""
    here = world()
    members = here.organisation.cast_first()
    shown = []
    for side, fallback in (("left", 0), ("right", 1)):
        found = here.organisation.find(request.args.get(side, ""))
        shown.append(found or members[min(fallback, len(members) - 1)])
    if shown[0] == shown[1] and len(members) > 1:
        shown[1] = members[0] if members[0] != shown[0] else members[1]
    return render_template("side_by_side.html", world=here, members=members, left=shown[0], right=shown[1])


@bp.get("/gallery")
def gallery() -> str:
    """Every kind of message in every state, drawn by the phone's own code."""
    client = "desktop" if request.args.get("client") == "desktop" else "phone"
    return render_template("gallery.html", world=world(), client=client)


@bp.get("/phone/<userid>/changes")
def changes(userid: str) -> Response:
    here, member = world(), _member(userid)
    found = chat.changes(here, member.userid, request.args.get("since", 0, type=int))
    return jsonify(found | {"epoch": here.store.epoch, "state": here.state_of(member)})


@bp.post("/phone/<userid>/read")
def read(userid: str) -> tuple[str, int]:
    chat.mark_read(world(), _member(userid).userid, up_to=request.args.get("seq", 0, type=int))
    return "", 204


@bp.post("/phone/<userid>/enter")
def enter(userid: str) -> tuple[str, int]:
    """The member opens the app's chat."""
    here, member = world(), _member(userid)
    if here.state_of(member) not in UNSEEN:
        here.callbacks.event("enter_agent", member.userid, EventKey="")
        if here.switches["report_location"]:
            chat.report_location(here, member)
    return "", 204


@bp.post("/phone/<userid>/press")
def press(userid: str) -> tuple[Any, int]:
    here, member, asked = world(), _member(userid), _asked()
    return _did(
        lambda: chat.press(
            here,
            member,
            str(asked.get("msgid")),
            key=str(asked.get("key")),
            chosen=_ticked(asked.get("chosen")),
            menu=bool(asked.get("menu")),
        )
    )


@bp.post("/phone/<userid>/say")
def say(userid: str) -> tuple[Any, int]:
    here, member, text = world(), _member(userid), str(_asked().get("text", "")).strip()
    if not text:
        return jsonify(problem="先输入内容再发送。"), 400
    return _did(lambda: chat.say(here, member, text[:2000]))


@bp.post("/phone/<userid>/location")
def location(userid: str) -> tuple[Any, int]:
    here, member, place = world(), _member(userid), _asked()
    return _did(lambda: chat.share_location(here, member, place))


@bp.post("/phone/<userid>/menu")
def menu(userid: str) -> tuple[Any, int]:
    """A tap on the chat's menu."""
    here, member, asked = world(), _member(userid), _asked()
    event = asked.get("type") if asked.get("type") in MENU_EVENTS else "click"
    here.callbacks.event(str(event), member.userid, EventKey=str(asked.get("value", "")))
    return "", 204


@bp.get("/phone/<userid>/surroundings")
def surroundings(userid: str) -> Response:
    """What changes seldom: menu and workbench."""
    here, member = world(), _member(userid)
    return jsonify(menu=menu_of(here), workbench=workbench_of(here, member.userid))


@bp.get("/media/<media_id>")
def media(media_id: str) -> AnyResponse:
    """A picture or file of the chat, as the client shows it."""
    with world().store.use() as db:
        row = db.execute("SELECT * FROM media WHERE media_id = ?", (media_id,)).fetchone()
    if row is None:
        abort(404)
    answer = as_file(row)
    if row["kind"] in ("image", "picture"):
        del answer.headers["Content-Disposition"]
    return answer


def _client(userid: str, template: str) -> str:
    here, member = world(), _member(userid)
    return render_template(
        template,
        world=here,
        member=member,
        departments=[
            here.organisation.departments[one].name
            for one in member.department
            if one in here.organisation.departments
        ],
        state=here.state_of(member),
        states=STATES,
        in_range=here.state_of(member) not in UNSEEN,
    )


def _member(userid: str) -> Member:
    if userid == OUTSIDER.userid:
        return OUTSIDER
    member = world().organisation.find(userid)
    if member is None:
        abort(404)
    return member


def _ticked(chosen: Any) -> dict[str, list[str]]:
    """question key → option ids, of whatever a page sent."""
    if not isinstance(chosen, dict):
        return {}
    return {str(key): [str(one) for one in ids] for key, ids in chosen.items() if isinstance(ids, list)}


def _asked() -> dict[str, Any]:
    asked = request.get_json(silent=True)
    return asked if isinstance(asked, dict) else {}


def _did(act: Any) -> tuple[Any, int]:
    try:
        act()
    except NotPossible as problem:
        return jsonify(problem=str(problem)), 409
    return "", 204
