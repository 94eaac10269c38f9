"""What an answer of WeCom, or its absence, means for a delivery. Pure, but for the adapter's error tree."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from app.notices import pacing
from app.notices.models import Outcome
from app.wecom.errors import OutcomeUnknown, StopTheQueue, TryLater, WeComError, WillNeverWork

TASK_ID_USED = 42014


class Receipt(Protocol):
    """WeCom took the message; the collections name recipients who will not get it."""

    @property
    def msgid(self) -> str: ...
    @property
    def response_code(self) -> str: ...
    @property
    def invalid(self) -> Collection[str]: ...
    @property
    def unlicensed(self) -> Collection[str]: ...


class Gateway(Protocol):
    """Whoever carries a message out of the house; `app.wecom.client.WeCom` is one."""

    def send(self, body: bytes) -> Receipt:
        """Send `body` as it is; raises `WeComError`. Called by several threads, with no transaction open."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that this process may hand over, and only it, until the lease ends."""

    id: int
    body: bytes
    tries: int  # this one included
    doubtful_since: datetime | None
    tried_before_at: datetime | None
    lease_token: str


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of one claimed delivery; `answer` is None where it was not sent after all."""

    row: Claimed
    answer: Receipt | WeComError | None
    at: datetime

    @property
    def unsent(self) -> bool:
        """True where nothing is known against the message: it goes out when the queue does."""
        return self.answer is None or stops_the_queue(self.answer)


def stops_the_queue(answer: Receipt | WeComError | None) -> bool:
    """True where the whole app must wait, whatever the message."""
    return isinstance(answer, StopTheQueue) or (
        isinstance(answer, TryLater) and answer.pause_seconds is not None
    )


def no_verdict(answer: Receipt | WeComError | None) -> bool:
    """True where WeCom itself said nothing: it cannot be reached or does not answer."""
    return isinstance(answer, OutcomeUnknown) or (isinstance(answer, TryLater) and answer.errcode is None)


def columns(tried: Tried, *, now: datetime, wait: timedelta) -> dict[str, Any]:
    """The new values of the row, to be tried again after `wait` if at all; not for `unsent` ones."""
    answer = tried.answer
    if isinstance(answer, WillNeverWork):
        return _settled(tried, _why_never(answer, tried.row), now, reason=answer.text, errcode=answer.errcode)
    if isinstance(answer, WeComError):
        return _again(tried, answer, now, wait)
    assert answer is not None  # noqa: S101 - `unsent` rows are released, not judged
    outcome, reason = Outcome.ACCEPTED, ""
    if answer.invalid:
        outcome, reason = Outcome.INVALID_ACCOUNT, "接收人不在应用可见范围，或已不在企业微信"
    elif answer.unlicensed:
        outcome, reason = Outcome.UNLICENSED, "接收人没有企业微信的接口许可"
    sent = {"msgid": answer.msgid or None, "response_code": answer.response_code or None}
    return _settled(tried, outcome, now, reason=reason) | sent


def _why_never(error: WillNeverWork, row: Claimed) -> Outcome:
    if error.invalid_recipient:
        return Outcome.INVALID_ACCOUNT
    if error.unlicensed:
        return Outcome.UNLICENSED
    if error.errcode == TASK_ID_USED and row.doubtful_since is not None:
        return Outcome.ACCEPTED  # an earlier try, of which no answer was read, did arrive
    return Outcome.REFUSED


def _again(tried: Tried, error: WeComError, now: datetime, wait: timedelta) -> dict[str, Any]:
    """Later, with the same bytes, as long as WeCom would recognise a second arrival."""
    doubtful_since = tried.row.doubtful_since
    if isinstance(error, OutcomeUnknown):
        doubtful_since = doubtful_since or tried.at
    next_at = pacing.next_try(doubtful_since, now=now, wait=wait)
    if next_at is None:
        return _settled(tried, Outcome.UNKNOWN, now, reason=error.text, errcode=error.errcode)
    return {
        **_tried(tried, doubtful_since),
        "outcome": Outcome.PENDING,
        "reason": error.text,
        "errcode": error.errcode,
        "next_at": next_at,
        "settled_at": None,
    }


def _settled(
    tried: Tried, outcome: Outcome, now: datetime, *, reason: str, errcode: int | None = None
) -> dict[str, Any]:
    return {
        **_tried(tried, tried.row.doubtful_since),
        "outcome": outcome,
        "reason": reason,
        "errcode": errcode,
        "next_at": None,
        "settled_at": now,
    }


def _tried(tried: Tried, doubtful_since: datetime | None) -> dict[str, Any]:
    return {
        "tried_at": tried.at,
        "doubtful_since": doubtful_since,
        "msgid": None,
        "response_code": None,
    }
