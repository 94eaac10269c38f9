"""The director's desk: what the app asked for and what it was told, and everything that can be set."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, abort, jsonify, render_template, request

from app.simulator import chat, desk_rows, event_samples, faults
from app.simulator.gate import APIS
from app.simulator.organisation import Member
from app.simulator.switches import SWITCHES
from app.simulator.world import STATES, UNSEEN, World, world

bp = Blueprint("desk", __name__, url_prefix="/desk")
YEAR = 366 * 86400


@bp.get("", strict_slashes=False)
def desk() -> str:
    here = world()
    return render_template(
        "desk.html",
        world=here,
        apis=sorted(APIS),
        fault_kinds=faults.KINDS,
        switches=SWITCHES,
        samples=event_samples.SAMPLES,
        states=STATES,
        members=here.organisation.cast_first(),
    )


@bp.get("/messages.json")
def messages() -> Response:
    """Everything sent to one member, oldest first; `state` is delivered, recalled or dropped."""
    rows = chat.everything(world(), _member(request.args.get("userid", "")).userid)
    since = request.args.get("since", 0.0, type=float)
    return jsonify(messages=[desk_rows.message(row) for row in rows if row["at"] >= since])


@bp.get("/calls.json")
def calls() -> Response:
    """API calls, oldest first; `since` is the number of the last call already known."""
    here = world()
    here.calls.flush()
    api, words = request.args.get("api", ""), f"%{request.args.get('q', '')}%"
    with here.store.use() as db:
        rows = db.execute(
            "SELECT * FROM call WHERE (? = '' OR api = ?) AND id > ? AND (? = '' OR errcode IS NOT 0) "
            "AND (body LIKE ? OR answer LIKE ? OR query LIKE ? OR note LIKE ?) ORDER BY id DESC LIMIT ?",
            (
                api,
                api,
                request.args.get("since", 0, type=int),
                request.args.get("failed", ""),
                *(words,) * 4,
                request.args.get("limit", 500, type=int),
            ),
        ).fetchall()
    return jsonify(
        calls=[desk_rows.call(row) for row in reversed(rows)], clock=_clock(here), epoch=here.store.epoch
    )


@bp.get("/callbacks.json")
def callbacks() -> Response:
    """Events and messages sent to the app, oldest first, with what it answered."""
    with world().store.use() as db:
        rows = db.execute(
            "SELECT id, at, userid, event, plain, state, tries, answer FROM callback "
            "WHERE (? = '' OR event = ?) ORDER BY id DESC LIMIT ?",
            (
                request.args.get("event", ""),
                request.args.get("event", ""),
                request.args.get("limit", 200, type=int),
            ),
        ).fetchall()
    return jsonify(callbacks=[dict(row) for row in reversed(rows)])


@bp.get("/state.json")
def state() -> Response:
    """Switches, faults, members' states and the clock as they stand."""
    here = world()
    return jsonify(
        switches={one.name: here.switches[one.name] for one in SWITCHES},
        faults=[vars(one) for one in here.faults.rules()],
        seed=here.faults.seed,
        members={one.userid: found for one in here.organisation if (found := here.state_of(one)) != "active"},
        clock=_clock(here),
    )


@bp.post("/reset")
def reset() -> tuple[str, int]:
    """Forget everything but the clock."""
    world().reset()
    return "", 204


@bp.post("/switch")
def set_switch() -> tuple[Any, int]:
    """{name, value}"""
    asked = _asked()
    return _try(lambda: world().switches.set(str(asked.get("name")), asked.get("value")))


@bp.post("/fault")
def add_fault() -> tuple[Any, int]:
    """{kind, api='*', rate=1, remaining=null}: kind is one of faults.KINDS or any errcode."""
    asked = _asked()
    remaining = asked.get("remaining")
    return _try(
        lambda: world().faults.add(
            str(asked.get("kind")),
            api=str(asked.get("api") or "*"),
            rate=float(asked.get("rate", 1)),
            remaining=int(remaining) if remaining not in (None, "") else None,
        )
    )


@bp.post("/fault/clear")
def clear_faults() -> tuple[str, int]:
    """{id} takes one rule away, {} all of them."""
    asked = _asked()
    world().faults.remove(int(asked["id"]) if asked.get("id") else None)
    return "", 204


@bp.post("/seed")
def sow() -> tuple[Any, int]:
    """{seed}: chance begins anew; the same seed and calls bring the same faults again."""
    seed = str(_asked().get("seed", "")).strip()
    if not (seed.isascii() and seed.isdigit() and len(seed) <= 10):
        return jsonify(problem="种子是一个不超过 10 位的整数。"), 400
    world().faults.sow(int(seed))
    return "", 204


@bp.post("/tokens/revoke")
def revoke_tokens() -> tuple[str, int]:
    """End all tokens early, as WeCom may at any time (D 91039); who comes with one gets 40014."""
    for kind in ("app", "contact"):
        world().forget_tokens(kind)
    return "", 204


@bp.post("/member")
def set_member() -> tuple[Any, int]:
    """{userid, state}: members leave, come back, lose their licence, fail on purpose."""
    here, asked = world(), _asked()
    member, wanted = _member(str(asked.get("userid"))), str(asked.get("state"))
    before = here.state_of(member)

    def act() -> None:
        here.set_state(member, wanted)
        _tell_the_app(here, member, before, wanted)

    return _try(act)


@bp.post("/clock")
def move_clock() -> tuple[Any, int]:
    """{forward: seconds} moves the demo's clock on; {offset: seconds} sets it, 0 being real time."""
    here, asked = world(), _asked()
    offset = int(asked["offset"]) if "offset" in asked else here.clock.offset() + int(asked.get("forward", 0))
    if not -YEAR <= offset <= 10 * YEAR:
        return jsonify(problem="最多拨快十年。"), 400
    here.clock.move(offset)
    return jsonify(_clock(here)), 200


@bp.post("/replay")
def replay() -> tuple[str, int]:
    """{id, times=3}: the very same bytes again."""
    asked = _asked()
    world().callbacks.replay(int(asked.get("id", 0)), min(int(asked.get("times", 3)), 20))
    return "", 204


@bp.post("/verify-url")
def verify_url() -> Response:
    """The GET with an encrypted echostr that WeCom sends when the URL is saved."""
    good, said = world().callbacks.verify_url()
    return jsonify(good=good, said=said)


@bp.post("/event")
def send_event() -> tuple[Any, int]:
    """{sample, userid} or {event, userid, nodes}: any event at all, for what the phone has no button for."""
    here, asked = world(), _asked()
    if sample := event_samples.SAMPLES.get(str(asked.get("sample"))):
        userid = _member(str(asked.get("userid"))).userid
        sender, told = event_samples.filled(sample, userid=userid, at=here.clock.now())
        return jsonify(id=here.callbacks.event(sample.event, sender, **told)), 200
    nodes = asked.get("nodes") if isinstance(asked.get("nodes"), dict) else {}
    if not asked.get("event"):
        return jsonify(problem="要写明事件名。"), 400
    number = here.callbacks.event(str(asked["event"]), str(asked.get("userid") or "sys"), **(nodes or {}))
    return jsonify(id=number), 200


def _tell_the_app(here: World, member: Member, before: str, after: str) -> None:
    """Events that go with coming and going."""
    came, went = before in UNSEEN and after not in UNSEEN, before not in UNSEEN and after in UNSEEN
    if came or went:
        here.callbacks.event("subscribe" if came else "unsubscribe", member.userid, EventKey="")
    if here.switches["contact_events"] and "left" in (before, after) and before != after:
        kind = "delete_user" if after == "left" else "create_user"
        here.callbacks.event("change_contact", "sys", ChangeType=kind, UserID=member.userid)


def _member(userid: str) -> Member:
    member = world().organisation.find(userid)
    if member is None:
        abort(404)
    return member


def _asked() -> dict[str, Any]:
    asked = request.get_json(silent=True)
    return asked if isinstance(asked, dict) else request.form.to_dict()


def _try(act: Callable[[], object]) -> tuple[Any, int]:
    try:
        act()
    except (ValueError, KeyError) as problem:
        return jsonify(problem=str(problem)), 400
    return "", 204


def _clock(here: World) -> dict[str, Any]:
    return {"now": here.clock.now(), "offset": here.clock.offset()}
