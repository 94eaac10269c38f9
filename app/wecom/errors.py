"""What WeCom's refusals mean: whether trying again helps, one table from errcode to class.

    WeComError
    ├── TryLater          nothing was done; the same call may work later
    ├── OutcomeUnknown    the call may have been carried out; repeat only what may happen twice
    ├── WillNeverWork     this call is refused for good
    └── StopTheQueue      no call can work until an administrator changes something

The codes are the documented ones (D 90313); which class each falls into is ours (docs/wecom.md, 出错时).
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from app.wecom import answers

LONGEST_TEXT = 300


class WeComError(Exception):
    """A call that did not succeed. `text` is for an administrator and holds no secret."""

    def __init__(self, errcode: int | None, text: str) -> None:
        super().__init__(text)
        self.errcode = errcode
        self.text = text


class TryLater(WeComError):
    """Not carried out. `pause_seconds` is set when the whole app must hold still, not this call alone."""

    def __init__(self, errcode: int | None, text: str, *, pause_seconds: float | None = None) -> None:
        super().__init__(errcode, text)
        self.pause_seconds = pause_seconds


class OutcomeUnknown(WeComError):
    """Sent, but no verdict was read: time-out, reset, cut answer, HTTP 5xx."""


class WillNeverWork(WeComError):
    """Refused for good. `invalid_recipient`: the account; `unlicensed`: the account has no licence."""

    def __init__(
        self, errcode: int | None, text: str, *, invalid_recipient: bool = False, unlicensed: bool = False
    ) -> None:
        super().__init__(errcode, text)
        self.invalid_recipient = invalid_recipient
        self.unlicensed = unlicensed


class StopTheQueue(WeComError):
    """Settings, permission or credentials: every call would fail, and repeating may bar our address."""


# Worth one fresh token and one repeat; 40001 and 41001 because a stale or lost token can show as either.
TOKEN = frozenset({40001, 40014, 41001, 42001})

STOP = frozenset(
    {40001, 40013, 40091, 45031}  # credentials
    | {60020, 48002, 48006, 48009, 50003, 301002, 40056, 43012, 60031, 301007}  # permission and settings
    | {94000}  # the workbench display is not switched on
)
RECIPIENT = frozenset({81013, 60111, 40003, 40031, 46004, 60021, 92000})
TRANSIENT = frozenset({-1, 6000, 45035, 2000111})
# Seconds to hold still. 45009 does not say which of its limits was hit; the shortest period is a minute.
PAUSE = {45009: 60.0, 45033: 5.0, 45036: 5.0, 40014: 60.0, 41001: 60.0, 42001: 60.0}

HINTS = {
    -1: "企业微信系统繁忙",
    40001: "应用凭证（Secret）无效",
    40013: "企业 ID 无效",
    40029: "登录 code 无效，请重新登录",
    40056: "应用 ID 无效",
    40091: "应用凭证（Secret）无效",
    42003: "登录 code 已过期，请重新登录",
    42022: "登录 code 已被使用，请重新登录",
    42052: "消息发送已超过 24 小时，无法撤回",
    43012: "应用未设置接收消息的回调地址",
    45009: "接口调用频率受限",
    45033: "接口并发调用超过限制",
    45036: "接口并发调用超过限制",
    48002: "应用没有调用该接口的权限",
    48006: "应用因长期未使用已被停用",
    50001: "跳转地址与应用的可信域名不一致",
    50003: "应用已停用",
    60020: "服务器 IP 未加入企业可信 IP",
    60111: "企业微信中没有这个成员",
    60140: "卡片更新凭证无效或已用过",
    81013: "接收人不在应用可见范围",
    94000: "管理后台未开启工作台自定义展示",
    301002: "应用 ID 与凭证不匹配",
}
SECRET_PARAMETER = re.compile(r"(?i)\b(corpsecret|access_token|ticket|code)=[^&\s\"']+")


def from_answer(answer: Mapping[str, Any], *, secrets: Iterable[str] = ()) -> WeComError:
    """The error for an answer whose errcode is not 0; `OutcomeUnknown` where it cannot be read."""
    code = answers.whole(answer.get("errcode"))
    if code is None:
        return OutcomeUnknown(None, "企业微信的应答无法识别")
    text = _text(code, str(answer.get("errmsg", "")), secrets)
    if code in STOP:
        return StopTheQueue(code, text)
    if code in PAUSE:
        return TryLater(code, text, pause_seconds=PAUSE[code])
    if code in TRANSIENT:
        return TryLater(code, text)
    unlicensed = bool(answer.get("unlicenseduser"))
    return WillNeverWork(code, text, invalid_recipient=code in RECIPIENT, unlicensed=unlicensed)


def from_status(status: int) -> WeComError:
    """The error for an HTTP status other than 200, or for a redirect, which is never followed."""
    text = f"企业微信接口返回 HTTP {status}"
    if status >= 500:
        return OutcomeUnknown(None, text)
    if status in (408, 425, 429):
        return TryLater(None, text, pause_seconds=60.0)
    return StopTheQueue(None, text + "，请检查 WECOM_API_BASE 和代理设置")


def _text(code: int, errmsg: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        if secret:
            errmsg = errmsg.replace(secret, "***")
    errmsg = SECRET_PARAMETER.sub(r"\1=***", errmsg)
    hint = HINTS.get(code, "企业微信拒绝了请求")
    return f"{hint}（{code} {errmsg}）".replace("\x00", "")[:LONGEST_TEXT]  # PostgreSQL keeps no NUL
