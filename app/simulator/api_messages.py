"""message/send and message/recall."""

import hashlib
import json
import secrets
import sqlite3
from typing import Any

from app.simulator import card_rules
from app.simulator.errors import ApiError
from app.simulator.gate import Call, api
from app.simulator.limits import charge_the_day, over_the_limit
from app.simulator.message_rules import checked_content
from app.simulator.recipients import Recipients, read_recipients

RECALL_WINDOW = 24 * 3600
LONGEST_INTERVAL = 14_400
INSERT_MESSAGE = "INSERT INTO message VALUES (?, ?, ?, ?, ?, ?)"


# Sending is counted by persons and day instead (D 90312).
@api("message/send", method="POST", counted=False)
def send(call: Call) -> dict[str, Any]:
    check_agent(call)
    msgtype, content = checked_content(call)
    interval = _duplicate_interval(call.body)
    to = read_recipients(call.world, call.body)
    _fail_on_purpose(call, to)
    with call.world.store.use() as db:
        digest = _digest(call) if interval else ""
        if earlier := _earlier_answer(db, call, digest, interval):
            return earlier
        charge_the_day(db, call.world, len(to.members), call.at)
        msgid = _store(db, call, msgtype, content)
        _deliver(db, call, msgid, to)
        answer = to.verdict() | {"msgid": msgid}
        if msgtype == "template_card" and card_rules.gives_response_code(content):
            answer["response_code"] = new_response_code(db, msgid, None, call.at)
        if digest:
            db.execute(
                "INSERT OR REPLACE INTO repeat VALUES (?, ?, ?)", (digest, call.at, json.dumps(answer))
            )
    return answer


@api("message/recall", method="POST")
def recall(call: Call) -> dict[str, Any]:
    msgid = call.body.get("msgid")
    if not isinstance(msgid, str) or not msgid:
        raise ApiError(40063, "msgid missing")
    with call.world.store.use() as db:
        row = db.execute("SELECT at FROM message WHERE msgid = ?", (msgid,)).fetchone()
        if row is None:
            raise ApiError(40058, "no such msgid in this app")
        if call.at - row["at"] > RECALL_WINDOW:
            raise ApiError(42052)
        db.execute(
            "UPDATE delivery SET recalled = 1, changed = ? WHERE msgid = ?",
            (call.world.store.next_change(), msgid),
        )
    return {}


def check_agent(call: Call) -> None:
    """The agentid must be there and be the token's own app."""
    agent_id = call.body.get("agentid")
    if agent_id in (None, ""):
        raise ApiError(41011)
    if isinstance(agent_id, bool) or not str(agent_id).isdigit():
        raise ApiError(40056)
    if int(agent_id) != call.world.settings.agent_id:
        raise ApiError(301002)


def new_response_code(db: sqlite3.Connection, msgid: str, userid: str | None, at: float) -> str:
    code = secrets.token_urlsafe(32)
    db.execute("INSERT INTO response_code VALUES (?, ?, ?, ?, NULL)", (code, msgid, userid, at))
    return code


def _duplicate_interval(body: dict[str, Any]) -> int:
    """Seconds in which the same request counts as one; 0 where the check is off."""
    if body.get("enable_duplicate_check", 0) not in (0, 1):
        raise ApiError(40058, "enable_duplicate_check")
    interval = body.get("duplicate_check_interval", 1800)
    if not isinstance(interval, int) or not 0 < interval <= LONGEST_INTERVAL:
        raise ApiError(40058, "duplicate_check_interval: 1 to 14400")
    return interval if body.get("enable_duplicate_check") else 0


def _digest(call: Call) -> str:
    raw = call.raw
    if call.world.switches["duplicate_compares"] == "json":
        raw = json.dumps(call.body, sort_keys=True).encode()
    return hashlib.sha256(raw).hexdigest()


def _earlier_answer(db: sqlite3.Connection, call: Call, digest: str, interval: int) -> dict[str, Any] | None:
    row = db.execute("SELECT at, answer FROM repeat WHERE digest = ?", (digest,)).fetchone()
    if row is None or call.at - row["at"] > interval:
        return None
    call.note("与之前的请求相同，没有再发")
    how = call.world.switches["duplicate_answer"]
    if how == "busy":
        raise ApiError(-1, "duplicate request")
    earlier: dict[str, Any] = json.loads(row["answer"]) if how == "repeat" else {"errmsg": "ok"}
    return earlier


def _store(db: sqlite3.Connection, call: Call, msgtype: str, content: dict[str, Any]) -> str:
    msgid = secrets.token_urlsafe(30)
    task_id = content.get("task_id") if msgtype == "template_card" else None
    text = json.dumps(content, ensure_ascii=False)
    row = (msgid, call.at, msgtype, text, task_id, int(call.body.get("enable_id_trans") == 1))
    try:
        db.execute(INSERT_MESSAGE, row)
    except sqlite3.IntegrityError:
        if call.world.switches["task_id_again"] == "refuse":
            raise ApiError(42014, "task_id was used before") from None
        db.execute("UPDATE message SET task_id = NULL WHERE task_id = ?", (task_id,))
        db.execute(INSERT_MESSAGE, row)
    return msgid


def _deliver(db: sqlite3.Connection, call: Call, msgid: str, to: Recipients) -> None:
    here = call.world
    userids = [one.userid for one in to.members]
    dropped = over_the_limit(db, here, userids, call.at) if userids else {}
    for one in to.members:
        if here.state_of(one) == "dropped":
            dropped[one.userid] = "这位成员收不到消息（演示设定）"
    for userid, reason in dropped.items():
        call.note(f"没有送达 {userid}：{reason}")
    db.executemany(
        "INSERT INTO delivery (msgid, userid, at, changed, dropped) VALUES (?, ?, ?, ?, ?)",
        [(msgid, userid, call.at, here.store.next_change(), dropped.get(userid)) for userid in userids],
    )


def _fail_on_purpose(call: Call, to: Recipients) -> None:
    """Members of the demo who make a send to them alone go wrong."""
    states = {call.world.state_of(one) for one in to.members}
    if states == {"fails"}:
        raise ApiError(-1, "this member fails on purpose")
    if states == {"rate"}:
        key = to.members[0].userid
        seen = call.world.rate_counts[key] = call.world.rate_counts.get(key, -1) + 1
        if seen % 8 == 0:
            raise ApiError(45009, "this member is limited on purpose")
