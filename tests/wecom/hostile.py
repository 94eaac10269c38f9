"""Callbacks that must come to nothing, each with the status it is refused with (X-C3…X-C7)."""

from collections.abc import Callable

from tests.wecom.envelope import Sender

Post = tuple[dict[str, str], bytes]
Bend = Callable[[Sender], Post]


def signed(plain: bytes) -> Bend:
    """Correctly signed and encrypted, with a wrong inside."""
    return lambda sender: _sealed(sender, sender.encrypted(plain))


def containing(xml: str) -> Bend:
    """A genuine envelope around `xml`."""
    return lambda sender: sender.post(xml)


def around(body: bytes) -> Bend:
    """A body of any kind with a genuine query."""
    return lambda sender: (sender.args("x"), body)


def with_args(**bent: str) -> Bend:
    """A genuine body with some arguments replaced."""

    def build(sender: Sender) -> Post:
        args, body = sender.post(sender.click())
        return args | bent, body

    return build


def without(name: str) -> Bend:
    """A genuine body with an argument left out."""

    def build(sender: Sender) -> Post:
        args, body = sender.post(sender.click())
        return {key: value for key, value in args.items() if key != name}, body

    return build


def dated(seconds: int) -> Bend:
    """Genuine, but signed at another time."""

    def build(sender: Sender) -> Post:
        encrypted = sender.sealed(sender.click())
        return sender.args(encrypted, seconds_ahead=seconds), sender.body(encrypted)

    return build


def timed(timestamp: str) -> Bend:
    """Correctly signed over a timestamp of any kind."""

    def build(sender: Sender) -> Post:
        encrypted = sender.sealed(sender.click())
        return sender.args(encrypted, timestamp=timestamp), sender.body(encrypted)

    return build


def from_another(token: str | None = None, aes_key: str | None = None, corp_id: str | None = None) -> Bend:
    """Sent by somebody who holds other secrets."""

    def build(sender: Sender) -> Post:
        other = Sender(token or sender.token, aes_key or sender.aes_key, corp_id or sender.corp_id)
        return other.post(other.click())

    return build


def padded(value: int) -> Bend:
    """A last byte that says how much padding there is, wrongly."""

    def build(sender: Sender) -> Post:
        xml = sender.click().encode()
        whole = b"r" * 16 + len(xml).to_bytes(4, "big") + xml + sender.corp_id.encode()
        whole += bytes(64 - len(whole) % 32)
        return _sealed(sender, sender.encrypted(whole[:-1] + bytes([value])))

    return build


def measured(length: int) -> Bend:
    """A length field that lies."""

    def build(sender: Sender) -> Post:
        xml = sender.click().encode()
        whole = b"r" * 16 + length.to_bytes(4, "big") + xml + sender.corp_id.encode()
        padding = 32 - len(whole) % 32
        return _sealed(sender, sender.encrypted(whole + bytes([padding]) * padding))

    return build


def inside(raw: bytes) -> Bend:
    """A genuine envelope around bytes that need not be text."""

    def build(sender: Sender) -> Post:
        whole = b"r" * 16 + len(raw).to_bytes(4, "big") + raw + sender.corp_id.encode()
        padding = 32 - len(whole) % 32
        return _sealed(sender, sender.encrypted(whole + bytes([padding]) * padding))

    return build


def encrypted_as(text: str) -> Bend:
    """Correctly signed over an Encrypt that is no cipher text."""
    return lambda sender: _sealed(sender, text)


def _sealed(sender: Sender, encrypted: str) -> Post:
    return sender.args(encrypted), sender.body(encrypted)


def event(**fields: str) -> str:
    """An event's XML."""
    whole = {"ToUserName": "c", "FromUserName": "a", "CreateTime": "1", "MsgType": "event", "Event": "click"}
    whole |= fields
    return "<xml>" + "".join(f"<{k}>{v}</{k}>" for k, v in whole.items() if v != "-") + "</xml>"


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
XXE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
OTHER_KEY = "anotherEncodingAesKeyThatIsNotTheDemosOne00"

HOSTILE: dict[str, tuple[int, Bend]] = {
    # X-C3: age
    "signed 301 s ago": (403, dated(-301)),
    "signed 301 s ahead": (403, dated(301)),
    "replayed after days": (403, dated(-3 * 86400)),
    "timestamp is a word": (403, timed("now")),
    "timestamp is empty": (403, timed("")),
    "timestamp is negative": (403, timed("-1")),
    "timestamp is endless": (403, timed("9" * 400)),
    "timestamp in full-width digits": (403, timed("１７９５４０００００")),
    "timestamp exchanged": (403, with_args(timestamp="1")),
    # X-C4: signature
    "forged signature": (403, with_args(msg_signature="0" * 40)),
    "empty signature": (403, with_args(msg_signature="")),
    "no signature": (403, without("msg_signature")),
    "no timestamp": (403, without("timestamp")),
    "no nonce": (403, without("nonce")),
    "non-ASCII signature": (403, with_args(msg_signature="签名" * 20)),
    "endless signature": (403, with_args(msg_signature="a" * 10_000)),
    "nonce exchanged": (403, with_args(nonce="other")),
    "other token": (403, from_another(token="otherToken")),
    # X-C5: receiver
    "other corporation": (403, from_another(corp_id="wwother0000000001")),
    "our corporation as prefix": (403, from_another(corp_id="wwdemo0000000001x")),
    "prefix of our corporation": (403, from_another(corp_id="wwdemo")),
    # X-C6: form
    "empty body": (400, around(b"")),
    "blank body": (400, around(b" \n")),
    "not XML": (400, around(b"{}")),
    "half of the XML": (400, around(b"<xml><Encrypt>abc")),
    "not UTF-8": (400, around(b"<xml><Encrypt>\xff\xfe</Encrypt></xml>")),
    "UTF-16": (400, around("<xml><Encrypt>a</Encrypt></xml>".encode("utf-16"))),
    "NUL": (400, around(b"<xml>\x00</xml>")),
    "no Encrypt": (400, around(b"<xml><ToUserName>c</ToUserName></xml>")),
    "empty Encrypt": (400, around(b"<xml><Encrypt/></xml>")),
    "two Encrypts": (400, around(b"<xml><Encrypt>a</Encrypt><Encrypt>b</Encrypt></xml>")),
    "Encrypt with children": (400, around(b"<xml><Encrypt><a>b</a></Encrypt></xml>")),
    "root without children": (400, around(b"<xml>text</xml>")),
    "base64 that is none": (400, encrypted_as("%%%%")),
    "base64 with a wrong length": (400, encrypted_as("abcde")),
    "base64 with blanks inside": (400, encrypted_as("YWJj ZGVm")),
    "base64 in Chinese": (400, encrypted_as("密文")),
    "no whole block": (400, encrypted_as("YWJjZGVm")),
    "half a block": (400, signed(b"x" * 16)),
    "one block of nothing": (400, signed(bytes(32))),
    "other key": (400, from_another(aes_key=OTHER_KEY)),
    "padding 0": (400, padded(0)),
    "padding 33": (400, padded(33)),
    "padding 255": (400, padded(255)),
    "padding that is not repeated": (400, padded(5)),
    "only padding": (400, signed(bytes([32]) * 32)),
    "length 4 GB": (400, measured(0xFFFFFFFF)),
    "length a byte too long": (400, measured(0x7FFFFFFF)),
    "length 0": (403, measured(0)),
    "inside not UTF-8": (400, inside(b"<xml><a>\xff</a></xml>")),
    "inside empty": (400, inside(b"")),
    "inside no XML": (400, containing("hello")),
    "inside deep": (400, containing("<a>" * 5000 + "</a>" * 5000)),
    "inside just too deep": (400, containing("<xml>" + "<a>" * 8 + "</a>" * 8 + "</xml>")),
    "no FromUserName": (400, containing(event(FromUserName="-"))),
    "no CreateTime": (400, containing(event(CreateTime="-"))),
    "no MsgType": (400, containing(event(MsgType="-"))),
    "no Event": (400, containing(event(Event="-"))),
    "empty Event": (400, containing(event(Event=""))),
    "Event with children": (400, containing(event(Event="<a>b</a>"))),
    "endless Event": (400, containing(event(Event="x" * 61))),
    "endless FromUserName": (400, containing(event(FromUserName="x" * 65))),
    "MsgId with children": (400, containing(event(MsgId="<a>1</a>"))),
    "selected items of text": (
        400,
        containing(event(SelectedItems="<SelectedItem>x</SelectedItem>")),
    ),
    # X-C7: size and entities
    "document type outside": (400, around(XXE.encode() + b"<xml><Encrypt>&e;</Encrypt></xml>")),
    "bomb outside": (400, around(BOMB.encode() + b"<xml><Encrypt>&b;</Encrypt></xml>")),
    "document type after the root": (400, containing("<xml></xml>" + XXE)),
    "document type within the root": (400, containing("<xml>" + XXE + "<Event>&e;</Event></xml>")),
    "document type inside": (400, containing(XXE + "<xml><Event>&e;</Event></xml>")),
    "bomb inside": (400, containing(BOMB + "<xml><Event>&b;</Event></xml>")),
    "undefined entity": (400, containing("<xml><Event>&e;</Event></xml>")),
    "65 KB": (413, around(b"<xml>" + b" " * 65 * 1024 + b"</xml>")),
    "5 MB": (413, around(b"x" * 5 * 1024 * 1024)),
}
