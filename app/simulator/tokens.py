"""gettoken and the JS-SDK tickets."""

import secrets
from typing import Any

from app.simulator.errors import ApiError
from app.simulator.gate import Call, api

LIFETIME = 7200
WRONG_SECRETS_BEFORE_BAN = 10
BAN = 3600
TICKETS_PER_HOUR = 100


@api("gettoken", kinds=())
def get_token(call: Call) -> dict[str, Any]:
    settings = call.world.settings
    corp_id = call.arg("corpid", missing=41002)
    secret = call.arg("corpsecret", missing=41004)
    _refuse_banned(call)
    if corp_id != settings.corp_id:
        raise ApiError(40013)
    kind = {settings.secret: "app", settings.contact_secret: "contact"}.get(secret)
    if kind is None:
        _count_wrong(call)
        raise ApiError(40001)
    again = call.world.switches["token_again"]
    if again == "same" and (valid := call.world.valid_tokens(kind, call.at)):
        token, expires_at = valid[0]
        return {"access_token": token, "expires_in": int(expires_at - call.at)}
    if again == "replaces":
        call.world.forget_tokens(kind)
    token = secrets.token_urlsafe(96)
    call.world.keep_token(token, kind, call.at + LIFETIME)
    return {"access_token": token, "expires_in": LIFETIME}


@api("get_jsapi_ticket")
def get_jsapi_ticket(call: Call) -> dict[str, Any]:
    return _ticket(call, "jsapi")


@api("ticket/get")
def get_ticket(call: Call) -> dict[str, Any]:
    if call.arg("type", missing=91040) != "agent_config":
        raise ApiError(91040)
    return _ticket(call, "agent_config")


def _ticket(call: Call, kind: str) -> dict[str, Any]:
    call.world.rationed.take(kind, call.at, most=TICKETS_PER_HOUR, period=3600)
    with call.world.store.use() as db:
        row = db.execute("SELECT * FROM ticket WHERE kind = ? AND expires_at > ?", (kind, call.at)).fetchone()
        if row is not None:
            return {"ticket": row["ticket"], "expires_in": int(row["expires_at"] - call.at)}
        ticket = secrets.token_urlsafe(64)
        db.execute("INSERT INTO ticket VALUES (?, ?, '', ?)", (ticket, kind, call.at + LIFETIME))
    return {"ticket": ticket, "expires_in": LIFETIME}


def _refuse_banned(call: Call) -> None:
    if len(_recent(call)) >= WRONG_SECRETS_BEFORE_BAN:
        raise ApiError(45009, "too many wrong secrets from this ip, try again in an hour")


def _count_wrong(call: Call) -> None:
    call.world.wrong_secrets[call.address] = [*_recent(call), call.at]


def _recent(call: Call) -> list[float]:
    return [one for one in call.world.wrong_secrets.get(call.address, []) if call.at - BAN < one <= call.at]
