"""What makes a message acceptable, by msgtype; answers the content as it will be shown."""

import sqlite3
from typing import Any

from app.simulator import card_rules
from app.simulator.errors import ApiError
from app.simulator.gate import Call

TEXT_BYTES = 2048
MEDIA_KINDS = ("image", "file", "voice", "video")


def checked_content(call: Call) -> tuple[str, dict[str, Any]]:
    """(msgtype, content) of a message/send body; raises ApiError for what WeCom refuses."""
    body = call.body
    msgtype = body.get("msgtype")
    if not isinstance(msgtype, str) or msgtype not in _CHECKS:
        raise ApiError(40008)
    content = body.get(msgtype)
    if not isinstance(content, dict):
        raise ApiError(44004 if msgtype == "text" else 40063, f"{msgtype} missing")
    # 2 is for mpnews alone, which is not offered here.
    if body.get("safe") not in (None, 0, 1) or (body.get("safe") and msgtype in UNSAFE):
        raise ApiError(40058, "safe")
    if body.get("enable_id_trans") not in (None, 0, 1):
        raise ApiError(40058, "enable_id_trans")
    return msgtype, _CHECKS[msgtype](call, content)


UNSAFE = ("textcard", "template_card", "markdown")


def _text(call: Call, content: dict[str, Any]) -> dict[str, Any]:
    text = content.get("content")
    if not isinstance(text, str) or not text:
        raise ApiError(44004)
    return {"content": _cut_bytes(call, "content", text, TEXT_BYTES)}


def _textcard(call: Call, content: dict[str, Any]) -> dict[str, Any]:
    title, description, url = (content.get(name) for name in ("title", "description", "url"))
    if not isinstance(title, str) or not title:
        raise ApiError(41016)
    if not isinstance(description, str) or not description:
        raise ApiError(41033)
    if not isinstance(url, str) or not url:
        raise ApiError(40063, "url missing")
    if not url.startswith(("http://", "https://")):
        raise ApiError(45034)
    if len(url.encode()) > 2048:
        raise ApiError(40058, "url over 2048 bytes")
    button = content.get("btntxt") or "详情"
    if not isinstance(button, str):
        raise ApiError(40058, "btntxt")
    return {
        "title": _cut(call, "title", title, 128),
        "description": _cut(call, "description", description, 512),
        "url": url,
        "btntxt": _cut(call, "btntxt", button, 4),
    }


def _template_card(call: Call, content: dict[str, Any]) -> dict[str, Any]:
    for advice in card_rules.check_card(content, strict=call.world.switches["strict_lengths"]):
        call.note(advice)
    for row in content.get("horizontal_content_list") or []:
        if row.get("type") == 2:
            _living_media(call, row["media_id"])
    clickable = content["card_type"] in card_rules.CLICKABLE or content.get("action_menu")
    if clickable and not call.world.switches["callback_configured"]:
        raise ApiError(43012)
    return content


def _media(call: Call, content: dict[str, Any]) -> dict[str, Any]:
    media_id = content.get("media_id")
    if not isinstance(media_id, str) or not media_id:
        raise ApiError(41006)
    row = _living_media(call, media_id)
    if row["kind"] != call.body["msgtype"]:
        raise ApiError(40004, f"uploaded as {row['kind']}")
    return {"media_id": media_id, "filename": row["filename"], **{k: v for k, v in content.items() if v}}


def _living_media(call: Call, media_id: str) -> sqlite3.Row:
    """What was uploaded under this id; it dies after three days."""
    with call.world.store.use() as db:
        row: sqlite3.Row | None = db.execute(
            "SELECT kind, filename, at FROM media WHERE media_id = ?", (media_id,)
        ).fetchone()
    if row is None:
        raise ApiError(40007)
    if call.at - row["at"] > 3 * 86400:
        raise ApiError(40145)
    return row


def _cut(call: Call, name: str, text: str, most: int) -> str:
    if len(text) > most:
        call.note(f"{name} 有 {len(text)} 字，超过 {most} 字的部分被截断")
    return text[:most]


def _cut_bytes(call: Call, name: str, text: str, most: int) -> str:
    raw = text.encode()
    if len(raw) > most:
        call.note(f"{name} 有 {len(raw)} 字节，超过 {most} 字节的部分被截断")
    return raw[:most].decode(errors="ignore")


_CHECKS = {
    "text": _text,
    "markdown": _text,
    "textcard": _textcard,
    "template_card": _template_card,
    **dict.fromkeys(MEDIA_KINDS, _media),
}
