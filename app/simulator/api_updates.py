"""message/update_template_card: grey the buttons, or put another card in the place of the first."""

import json
import sqlite3
from contextlib import suppress
from typing import Any

from app.simulator import card_rules
from app.simulator.api_messages import check_agent
from app.simulator.errors import ApiError
from app.simulator.gate import Call, api
from app.simulator.id_trans import translated
from app.simulator.world import World

CODE_LIFETIME = 72 * 3600
MOST = {"userids": 1000, "partyids": 100, "tagids": 100}


def spend_in_vain(call: Call) -> None:
    """A system too busy to answer may have spent the code already."""
    if call.world.switches["failed_update_consumes"]:
        with suppress(ApiError), call.world.store.use() as db:
            _spend(db, call, str(call.body.get("response_code")))


@api("message/update_template_card", method="POST", on_fault=spend_in_vain)
def update_template_card(call: Call) -> dict[str, Any]:
    check_agent(call)
    code = call.body.get("response_code")
    if not isinstance(code, str) or not code:
        raise ApiError(60140, "response_code missing")
    with call.world.store.use() as db:
        msgid = _spend(db, call, code)
    try:
        with call.world.store.use() as db:
            return _update(db, call, msgid)
    except ApiError:
        if not call.world.switches["failed_update_consumes"]:
            _give_back(call.world, code)
        raise


def apply_update(
    db: sqlite3.Connection, here: World, msgid: str, userids: list[str], change: dict[str, str | None]
) -> None:
    """Change how the card looks for these members; `change` holds card and button."""
    db.executemany(
        "UPDATE delivery SET card = coalesce(?, card), button = ?, changed = ? "
        "WHERE msgid = ? AND userid = ?",
        [(change.get("card"), change.get("button"), here.store.next_change(), msgid, one) for one in userids],
    )


def _spend(db: sqlite3.Connection, call: Call, code: str) -> str:
    row = db.execute("SELECT * FROM response_code WHERE code = ?", (code,)).fetchone()
    if row is None or row["used_at"] is not None or call.at - row["at"] > CODE_LIFETIME:
        raise ApiError(60140)
    db.execute("UPDATE response_code SET used_at = ? WHERE code = ?", (call.at, code))
    msgid: str = row["msgid"]
    return msgid


def _give_back(here: World, code: str) -> None:
    with here.store.use() as db:
        db.execute("UPDATE response_code SET used_at = NULL WHERE code = ?", (code,))


def _update(db: sqlite3.Connection, call: Call, msgid: str) -> dict[str, Any]:
    shown = json.loads(db.execute("SELECT content FROM message WHERE msgid = ?", (msgid,)).fetchone()[0])
    change = _change(call, shown)
    rows = db.execute("SELECT userid FROM delivery WHERE msgid = ?", (msgid,)).fetchall()
    had_it = {row["userid"].lower(): row["userid"] for row in rows}
    wanted = _targets(call, list(had_it.values()))
    reached = [had_it[one.lower()] for one in wanted if one.lower() in had_it]
    if not reached:
        raise ApiError(82102)
    apply_update(db, call.world, msgid, reached, change)
    invalid = [one.lower() for one in wanted if one.lower() not in had_it]
    return {"invaliduser": invalid}


def _change(call: Call, shown: dict[str, Any]) -> dict[str, str | None]:
    button, card = call.body.get("button"), call.body.get("template_card")
    if card is not None:
        for advice in card_rules.check_card(card, updating=True):
            call.note(advice)
        if call.body.get("enable_id_trans") == 1:
            card = translated(call.world.organisation, "template_card", card)
        return {"card": json.dumps(card, ensure_ascii=False), "button": None}
    if not isinstance(button, dict) or not button.get("replace_name"):
        raise ApiError(40063, "button.replace_name or template_card")
    if not isinstance(button["replace_name"], str):
        raise ApiError(40058, "button.replace_name")
    if shown["card_type"] not in card_rules.CLICKABLE:
        raise ApiError(42031, "this card has no buttons to grey")
    return {"button": button["replace_name"]}


def _targets(call: Call, everybody: list[str]) -> list[str]:
    if call.body.get("atall") == 1:
        return everybody
    lists = {name: call.body.get(name) or [] for name in MOST}
    for name, values in lists.items():
        if not isinstance(values, list):
            raise ApiError(40058, f"{name} should be an array")
        if len(values) > MOST[name]:
            raise ApiError(40058, f"{len(values)} in {name}")
    if not any(lists.values()):
        raise ApiError(82101)
    return [str(one) for one in lists["userids"]] + _members_of(call.world, lists["partyids"])


def _members_of(here: World, parties: list[Any]) -> list[str]:
    below = {one for party in parties if str(party).isdigit() for one in here.organisation.below(int(party))}
    return [one.userid for one in here.organisation if below & set(one.department)]
