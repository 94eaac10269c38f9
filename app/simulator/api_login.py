"""From a login code to a member: auth/getuserinfo and auth/getuserdetail."""

import hashlib
import secrets
from typing import Any

from app.simulator.errors import ApiError
from app.simulator.gate import Call, api

CODE_LIFETIME = 300
TICKET_LIFETIME = 1800
OUTSIDER = "outsider:"


# With a valid code the call is not rate limited (D 90312), so only others count.
@api("auth/getuserinfo", counted=False)
def get_user_info(call: Call) -> dict[str, Any]:
    """Who a code belongs to; whether the member may use the app is the app's own question."""
    code = call.arg("code", missing=41008)
    with call.world.store.use() as db:
        row = db.execute("SELECT * FROM code WHERE code = ?", (code,)).fetchone()
        if row is None:
            call.count("auth/getuserinfo")
            raise ApiError(40029)
        if row["used_at"] is not None:
            raise ApiError(42022)
        if call.at - row["at"] > CODE_LIFETIME:
            raise ApiError(42003)
        db.execute("UPDATE code SET used_at = ? WHERE code = ?", (call.at, code))
        if row["userid"].startswith(OUTSIDER):
            return {"openid": _open_id(row["userid"])}
        answer = {"userid": row["userid"]}
        if row["scope"] == "snsapi_privateinfo":
            ticket = secrets.token_urlsafe(48)
            db.execute(
                "INSERT INTO ticket VALUES (?, 'user', ?, ?)",
                (ticket, row["userid"], call.at + TICKET_LIFETIME),
            )
            answer["user_ticket"] = ticket
    return answer


@api("auth/getuserdetail", method="POST")
def get_user_detail(call: Call) -> dict[str, Any]:
    ticket = call.body.get("user_ticket")
    if not isinstance(ticket, str) or not ticket:
        raise ApiError(40063, "user_ticket missing")
    with call.world.store.use() as db:
        row = db.execute("SELECT * FROM ticket WHERE ticket = ? AND kind = 'user'", (ticket,)).fetchone()
    if row is None:
        raise ApiError(84015)
    if row["expires_at"] <= call.at:
        raise ApiError(84014)
    member = call.world.organisation.find(row["subject"])
    return {
        "userid": row["subject"],
        "gender": "0",
        "avatar": "",
        "qr_code": "",
        "mobile": member.mobile if member else "",
        "email": "",
        "biz_mail": "",
        "address": "",
    }


def _open_id(name: str) -> str:
    return "o" + hashlib.sha256(name.encode()).hexdigest()[:27]
