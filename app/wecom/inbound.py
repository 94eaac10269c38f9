"""Opens what WeCom posts to us: signature, age, cipher, receiver, then strict and shallow XML.

Everything that is not a genuine, fresh event for this corporation raises Hostile; nothing else
is raised for any input (X-C3…X-C7, D 90930, D 90968).
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from wechatpy.enterprise.crypto import PrpCrypto, WeChatCrypto

from app import clock

LARGEST_BODY = 64 * 1024
OLDEST_SECONDS = 300
DEEPEST = 6
BLOCK = 32
LONGEST_NAME = 60
LONGEST_USERID = 64

FORGED = 403
MALFORMED = 400
TOO_LARGE = 413

ENCRYPT = re.compile(rb"<Encrypt>\s*(?:<!\[CDATA\[)?([A-Za-z0-9+/=]+)(?:\]\]>)?\s*</Encrypt>")


class Hostile(Exception):
    """Not a genuine event. `status` is the HTTP answer; the text names the reason and no content."""

    def __init__(self, reason: str, status: int = MALFORMED) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True, slots=True)
class Event:
    """A genuine event or message.

    `name` is the event in lower case, or "message:" and the message type;
    `key` is equal for repeats of one event and different for any two events;
    `fields` are the XML's own names, `SelectedItems` a list of
    {"QuestionKey": str, "OptionIds": [str, …]}.
    """

    name: str
    userid: str
    key: str
    fields: dict[str, Any]


class Inbound:
    """The receiving end of one app's callback; thread-safe."""

    def __init__(self, token: str, aes_key: str, corp_id: str) -> None:
        self._token = token.encode()
        self._corp_id = corp_id.encode()
        self._cipher = PrpCrypto(WeChatCrypto(token, aes_key, corp_id).key).cipher

    def echo(self, args: Mapping[str, str]) -> str:
        """The plain text that proves to WeCom that the address is ours (GET)."""
        secret = args.get("echostr", "")
        self._verify(args, secret)
        return self._decrypted(secret)

    def open(self, args: Mapping[str, str], body: bytes) -> Event:
        """The event inside `body` (POST)."""
        if len(body) > LARGEST_BODY:
            raise Hostile("body too large", TOO_LARGE)
        secret = _envelope(body)
        self._verify(args, secret)
        return _event(_parsed(self._decrypted(secret)))

    def _verify(self, args: Mapping[str, str], secret: str) -> None:
        """Signature first: only of a signed time do we say that a clock is wrong."""
        timestamp = args.get("timestamp", "")
        signed = b"".join(sorted([self._token, *map(_bytes, (timestamp, args.get("nonce", ""), secret))]))
        right = hashlib.sha1(signed, usedforsecurity=False).hexdigest().encode()
        if not hmac.compare_digest(right, _bytes(args.get("msg_signature", ""))):
            raise Hostile("wrong signature", FORGED)
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
            raise Hostile("timestamp is no number", FORGED)
        apart = int(timestamp) - int(clock.now().timestamp())
        if abs(apart) > OLDEST_SECONDS:
            raise Hostile(f"signed {apart:+d} s from our clock: a replay, or a wrong server clock", FORGED)

    def _decrypted(self, secret: str) -> str:
        """16 random bytes, length of the text (4 bytes, big-endian), text, receiver, padding to 32."""
        try:
            raw = base64.b64decode(_bytes(secret), validate=True)
        except binascii.Error:
            raise Hostile("not base64") from None
        if not raw or len(raw) % BLOCK:
            raise Hostile("not whole blocks")
        plain = self._cipher.decrypt(raw)
        padding = plain[-1]
        if not 1 <= padding <= BLOCK or plain[-padding:] != bytes([padding]) * padding:
            raise Hostile("wrong padding")
        content = plain[16:-padding]
        end = 4 + int.from_bytes(content[:4], "big")
        if len(content) < 4 or end > len(content):
            raise Hostile("wrong length")
        if not hmac.compare_digest(content[end:], self._corp_id):
            raise Hostile("for another receiver", FORGED)
        return _text(content[4:end])


def _envelope(body: bytes) -> str:
    """The cipher text, looked for without an XML parser: nobody has signed the body around it."""
    found = ENCRYPT.findall(body)
    if len(found) != 1:
        raise Hostile("no Encrypt")
    secret: bytes = found[0]
    return secret.decode("ascii")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Hostile("not UTF-8") from None


def _parsed(xml: str) -> dict[str, Any]:
    """The children of the root.

    What begins with the root has no document type, so no entities of its own
    either: expat refuses one that comes later.
    """
    if not xml.lstrip().startswith("<xml>"):
        raise Hostile("does not begin with <xml>")
    try:
        root = ElementTree.fromstring(xml)  # noqa: S314 (checked above)
    except (ElementTree.ParseError, ValueError):
        raise Hostile("not XML") from None
    content = _content(root, 0)
    if not isinstance(content, dict):
        raise Hostile("empty XML")
    return content


def _content(element: ElementTree.Element, depth: int) -> Any:
    """Text, or a dict of the children; children of one name become a list."""
    if depth > DEEPEST:
        raise Hostile("XML too deep")
    if not len(element):
        return (element.text or "").strip()
    found: dict[str, Any] = {}
    for child in element:
        value = _content(child, depth + 1)
        if child.tag not in found:
            found[child.tag] = value
        elif isinstance(found[child.tag], list):
            found[child.tag].append(value)
        else:
            found[child.tag] = [found[child.tag], value]
    return found


def _event(fields: dict[str, Any]) -> Event:
    userid, kind, name = (_word(fields, key) for key in ("FromUserName", "MsgType", "Event"))
    if not (userid and kind and _word(fields, "CreateTime")) or (kind == "event" and not name):
        raise Hostile("a field is missing")
    name = name.lower() if kind == "event" else f"message:{kind.lower()}"
    if len(name) > LONGEST_NAME or len(userid) > LONGEST_USERID:
        raise Hostile("a field is too long")
    if "SelectedItems" in fields:
        fields["SelectedItems"] = _selected(fields["SelectedItems"])
    return Event(name=name, userid=userid, key=_key(fields), fields=fields)


def _word(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name, "")
    if not isinstance(value, str):
        raise Hostile("a field is not text")
    return value


def _selected(items: Any) -> list[dict[str, Any]]:
    """One item and several look different in XML; both become a list."""
    chosen = _listed(items.get("SelectedItem")) if isinstance(items, dict) else []
    lines = []
    for item in chosen:
        if not isinstance(item, dict):
            raise Hostile("a selected item is not an item")
        options = item.get("OptionIds")
        ids = _listed(options.get("OptionId")) if isinstance(options, dict) else []
        lines.append({"QuestionKey": item.get("QuestionKey", ""), "OptionIds": ids})
    return lines


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _key(fields: dict[str, Any]) -> str:
    """MsgId where there is one; else every field, because two events of one second differ in some."""
    number = _word(fields, "MsgId")
    if number.isascii() and number.isdigit() and len(number) <= 40:
        return f"message-{number}"
    whole = json.dumps(fields, sort_keys=True).encode()
    return hashlib.sha256(whole).hexdigest()
