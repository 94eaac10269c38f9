"""Callbacks as WeCom posts them, and as a forger would: every part can be bent."""

import base64
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from app import clock
from app.simulator import crypto

CLICK = """<xml><ToUserName>{corp}</ToUserName><FromUserName>WangQiang</FromUserName><CreateTime>{at}</CreateTime>\
<MsgType>event</MsgType><Event>template_card_event</Event><EventKey>close</EventKey><TaskId>0af3</TaskId>\
<CardType>button_interaction</CardType><ResponseCode>{code}</ResponseCode><AgentID>1000002</AgentID></xml>"""


@dataclass(frozen=True)
class Sender:
    """Whoever posts; holds the app's callback secrets, or others."""

    token: str
    aes_key: str
    corp_id: str

    def click(self, *, code: str = "r-1") -> str:
        """The event of a button."""
        at = int(clock.now().timestamp())
        return CLICK.format(corp=self.corp_id, at=at, code=code)

    def sealed(self, xml: str) -> str:
        """`xml` encrypted for the app."""
        return crypto.encrypt(xml, aes_key=self.aes_key, receiver=self.corp_id)

    def encrypted(self, plain: bytes) -> str:
        """Any bytes under the app's key, without envelope or padding of ours."""
        key = base64.b64decode(self.aes_key + "=")
        encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
        return base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode()

    def args(self, encrypted: str, *, seconds_ahead: int = 0, **bent: str) -> dict[str, str]:
        """The query string that belongs to `encrypted`."""
        timestamp = bent.get("timestamp", str(int(clock.now().timestamp()) + seconds_ahead))
        nonce = bent.get("nonce", "n0nce")
        signed = crypto.signature(self.token, timestamp, nonce, encrypted)
        return {"msg_signature": signed, "timestamp": timestamp, "nonce": nonce} | bent

    def body(self, encrypted: str) -> bytes:
        """The XML around `encrypted`."""
        return (
            f"<xml><ToUserName><![CDATA[{self.corp_id}]]></ToUserName><AgentID>1000002</AgentID>"
            f"<Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
        ).encode()

    def post(self, xml: str) -> tuple[dict[str, str], bytes]:
        """Query and body of a genuine callback."""
        encrypted = self.sealed(xml)
        return self.args(encrypted), self.body(encrypted)
