"""Signatures that let our pages call WeCom's JavaScript interfaces (D 94313)."""

import hashlib
import secrets
from dataclasses import dataclass

from app import clock
from app.wecom.client import WeCom


@dataclass(frozen=True, slots=True)
class Signature:
    """What `ww.register` wants from us for one page."""

    timestamp: int
    nonce: str
    signature: str


def corp_signature(wecom: WeCom, url: str) -> Signature:
    """For `getConfigSignature(url)`."""
    ticket = wecom.ticket("corp", "get_jsapi_ticket", {})
    return _signed(ticket, url)


def agent_signature(wecom: WeCom, url: str) -> Signature:
    """For `getAgentConfigSignature(url)`."""
    ticket = wecom.ticket("agent", "ticket/get", {"type": "agent_config"})
    return _signed(ticket, url)


def signature(*, ticket: str, nonce: str, timestamp: int, url: str) -> str:
    """sha1 over the four in this order, nothing encoded, the address without its #part (D 90506)."""
    page = url.partition("#")[0]
    text = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={page}"
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def _signed(ticket: str, url: str) -> Signature:
    timestamp = int(clock.now().timestamp())
    nonce = secrets.token_hex(8)
    return Signature(timestamp, nonce, signature(ticket=ticket, nonce=nonce, timestamp=timestamp, url=url))
