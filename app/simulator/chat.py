"""What a member sees in the chat with the app, and what the member does there."""

import json
import secrets
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from app.simulator.api_messages import new_response_code
from app.simulator.events import selected_items
from app.simulator.id_trans import translated
from app.simulator.organisation import Member
from app.simulator.world import World

MOST_SHOWN = 200
ROW = (
    "SELECT d.*, m.msgtype, m.content, m.task_id, m.id_trans FROM delivery d JOIN message m USING (msgid) "
    "WHERE d.userid = ? AND d.dropped IS NULL "
)


class NotPossible(Exception):
    """The member cannot do this here and now; the text says why."""


def changes(here: World, userid: str, since: int) -> dict[str, Any]:
    """Rows of the chat that are new or changed since that number, and how many are unread."""
    with here.store.use() as db:
        # The newest first and not too many: a phone that just opened needs no more.
        rows = db.execute(
            ROW + "AND d.changed > ? ORDER BY d.id DESC LIMIT ?", (userid, since, MOST_SHOWN)
        ).fetchall()[::-1]
        unread = db.execute(
            "SELECT count(*) FROM delivery WHERE userid = ? AND direction = 'app' "
            "AND dropped IS NULL AND NOT read AND NOT recalled",
            (userid,),
        ).fetchone()[0]
        last = here.store.last_change()
    return {
        "now": here.clock.now(),
        "seq": last,
        "unread": unread,
        "surroundings": here.surroundings,
        "rows": [_shown(here, row) for row in rows],
    }


def everything(here: World, userid: str) -> list[dict[str, Any]]:
    """All rows of one member, dropped ones too, for the desk and for tests."""
    with here.store.use() as db:
        rows = db.execute(
            "SELECT d.*, m.msgtype, m.content, m.task_id, m.id_trans FROM delivery d "
            "JOIN message m USING (msgid) WHERE d.userid = ? ORDER BY d.id",
            (userid,),
        ).fetchall()
    return [_shown(here, row) | {"dropped": row["dropped"]} for row in rows]


def mark_read(here: World, userid: str, *, up_to: int) -> None:
    """What the member had on the screen, up to that change; what came since is still new."""
    with here.store.use() as db:
        db.execute(
            "UPDATE delivery SET read = 1 WHERE userid = ? AND NOT read AND changed <= ?", (userid, up_to)
        )


def press(
    here: World,
    member: Member,
    msgid: str,
    *,
    key: str,
    chosen: Mapping[str, Sequence[str]] | None = None,
    menu: bool = False,
) -> None:
    """A button, a submit or an action of the card's menu: one event with a fresh response code.

    Waits for the app's first answer, as the client does; NotPossible where none came.
    """
    with here.store.use() as db:
        row = db.execute(ROW + "AND d.msgid = ?", (member.userid, msgid)).fetchone()
        if row is None or row["recalled"]:
            raise NotPossible("这条消息已经不在了。")
        card = json.loads(row["card"] or row["content"])
        if (row["button"] or card.get("replace_text")) and not menu:
            raise NotPossible("这张卡片已经处理过了。")
        if key not in _keys(card, menu=menu):
            raise NotPossible("这张卡片上没有这个按钮。")
        code = new_response_code(db, msgid, member.userid, here.clock.now())
    nodes: dict[str, Any] = {
        "EventKey": key,
        "TaskId": row["task_id"] or "",
        "CardType": card["card_type"],
        "ResponseCode": code,
    }
    if chosen and not menu:
        nodes["SelectedItems"] = selected_items(chosen)
    event = "template_card_menu_event" if menu else "template_card_event"
    number = here.callbacks.event(event, member.userid, **nodes)
    if number is None:
        raise NotPossible("应用没有配置回调地址。")
    if not here.callbacks.answered(number):
        raise NotPossible("应用没有应答，请稍后再试。")


def _keys(card: dict[str, Any], *, menu: bool) -> list[str]:
    """The keys a member can press on this card."""
    if menu:
        return [one["key"] for one in (card.get("action_menu") or {}).get("action_list", [])]
    buttons = [one["key"] for one in card.get("button_list") or [] if one.get("type", 0) == 0]
    submit = card.get("submit_button")
    return [*buttons, submit["key"]] if submit else buttons


def say(here: World, member: Member, text: str) -> None:
    """A text the member types to the app: shown in the chat and sent as a callback."""
    with here.store.use() as db:
        _own_row(db, here, member, "text", {"content": text})
    here.callbacks.message("text", member.userid, Content=text)


def say_as_app(here: World, member: Member, text: str) -> None:
    """A text the app answers within a callback's response."""
    with here.store.use() as db:
        _own_row(db, here, member, "text", {"content": text}, direction="app")


def share_location(here: World, member: Member, place: Mapping[str, Any]) -> None:
    with here.store.use() as db:
        _own_row(db, here, member, "location", dict(place))
    here.callbacks.message(
        "location",
        member.userid,
        Location_X=float(place["latitude"]),
        Location_Y=float(place["longitude"]),
        Scale=16,
        Label=str(place["label"]),
        AppType="wxwork",
    )


def report_location(here: World, member: Member) -> None:
    """Where the member enters the app, told unasked where the app's settings want it."""
    here.callbacks.event(
        "LOCATION", member.userid, Latitude=38.047, Longitude=114.531, Precision=30, AppType="wxwork"
    )


def _own_row(
    db: sqlite3.Connection,
    here: World,
    member: Member,
    msgtype: str,
    content: dict[str, Any],
    *,
    direction: str = "member",
) -> None:
    msgid, at = secrets.token_urlsafe(20), here.clock.now()
    body = json.dumps(content, ensure_ascii=False)
    db.execute("INSERT INTO message VALUES (?, ?, ?, ?, NULL, 0)", (msgid, at, msgtype, body))
    db.execute(
        "INSERT INTO delivery (msgid, userid, at, changed, direction, read) VALUES (?, ?, ?, ?, ?, ?)",
        (msgid, member.userid, at, here.store.next_change(), direction, direction == "member"),
    )


def _shown(here: World, row: sqlite3.Row) -> dict[str, Any]:
    content = json.loads(row["card"] or row["content"])
    # The card of an update was translated when it came, if it asked for that.
    if row["id_trans"] and row["card"] is None:
        content = translated(here.organisation, row["msgtype"], content)
    return {
        "id": row["id"],
        "msgid": row["msgid"],
        "at": row["at"],
        "changed": row["changed"],
        "direction": row["direction"],
        "msgtype": row["msgtype"],
        "content": content,
        "task_id": row["task_id"],
        "button": row["button"],
        "replaced": row["card"] is not None,
        "recalled": bool(row["recalled"]),
        "read": bool(row["read"]),
    }
