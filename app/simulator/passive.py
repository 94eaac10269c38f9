"""Passive replies: what an app answers inside the callback's response, carried out if the switch says so.

The documents contradict each other on whether card events are listened to at all, hence the switch.
"""

import json
import re
import xml.etree.ElementTree as ET
from typing import Any

from app.simulator import chat, crypto
from app.simulator.api_updates import apply_update
from app.simulator.world import World

LISTS = ("HorizontalContentList", "JumpList", "ButtonList", "OptionList", "VerticalContentList", "SelectList")


def carry_out(here: World, event: str, answer: str) -> str:
    """Apply an encrypted reply to the event it answers; the text says what happened."""
    try:
        reply = _open(here, answer)
    except (crypto.BadEnvelope, ET.ParseError, AttributeError, TypeError) as problem:
        return f"被动回复无法解密：{problem}"
    kind, userid = reply.findtext("MsgType", ""), _text_of(event, "FromUserName")
    if kind == "text":
        return _say(here, userid, reply.findtext("Content", ""))
    if kind not in ("update_button", "update_template_card"):
        return f"被动回复 {kind}：替身不画这种消息"
    if not here.switches["passive_card_reply"]:
        return f"被动回复 {kind} 被忽略（开关关着）"
    change: dict[str, str | None] = {"button": reply.findtext("Button/ReplaceName")}
    if kind == "update_template_card":
        card = _snake(reply.find("TemplateCard"))
        change = {"card": json.dumps(card, ensure_ascii=False), "button": None}
    with here.store.use() as db:
        row = db.execute(
            "SELECT msgid FROM message WHERE task_id = ?", (_text_of(event, "TaskId"),)
        ).fetchone()
        if row is None:
            return "被动回复找不到卡片"
        apply_update(db, here, row["msgid"], [userid], change)
    return f"被动回复 {kind} 已执行"


def _open(here: World, answer: str) -> ET.Element:
    settings = here.settings
    outer = ET.fromstring(answer)  # noqa: S314
    encrypted = outer.findtext("Encrypt") or ""
    expected = crypto.signature(
        settings.token, outer.findtext("TimeStamp") or "", outer.findtext("Nonce") or "", encrypted
    )
    if expected != outer.findtext("MsgSignature"):
        raise crypto.BadEnvelope("签名不对")
    return ET.fromstring(crypto.decrypt(encrypted, aes_key=settings.aes_key, receiver=settings.corp_id))  # noqa: S314


def _say(here: World, userid: str, text: str) -> str:
    member = here.organisation.find(userid)
    if member is None or not text:
        return "被动回复 text：没有内容或没有这位成员"
    chat.say_as_app(here, member, text)
    return "被动回复 text 已显示"


def _text_of(event: str, name: str) -> str:
    return ET.fromstring(event).findtext(name, "")  # noqa: S314


def _snake(node: ET.Element | None) -> Any:
    """CamelCase nodes back to the names of the JSON card; repeated siblings become lists."""
    if node is None or len(node) == 0:
        text = (node.text or "") if node is not None else ""
        return int(text) if text.isdigit() and node is not None and node.tag in NUMBERS else text
    card: dict[str, Any] = {}
    for child in node:
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", child.tag).lower()
        if child.tag in LISTS:
            card.setdefault(name, []).append(_snake(child))
        else:
            card[name] = _snake(child)
    return card


NUMBERS = ("Type", "Style", "DescColor", "Mode")
