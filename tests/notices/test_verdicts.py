"""What an answer of WeCom, or its absence, makes of a message; no database is needed."""

from datetime import UTC, datetime, timedelta

import pytest

from app.notices import pacing
from app.notices.models import Outcome
from app.notices.sending import verdicts
from app.notices.sending.verdicts import Claimed, Tried
from app.wecom.client import Sent
from app.wecom.errors import OutcomeUnknown, StopTheQueue, TryLater, WeComError, WillNeverWork
from tests.mail import taken

NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)
TRIED_AT = NOW - timedelta(seconds=3)
EARLIER = NOW - timedelta(hours=1)
LONG_AGO = NOW - pacing.DUPLICATE_WINDOW
WAIT = timedelta(minutes=2)


def judged(answer: Sent | WeComError, *, doubtful_since: datetime | None = None) -> dict[str, object]:
    """The new values of a message that met this answer."""
    row = Claimed(1, b"{}", 1, doubtful_since, None, "lease")
    return verdicts.columns(Tried(row, answer, TRIED_AT), now=NOW, wait=WAIT)


def settled(outcome: Outcome, reason: str = "", **others: object) -> dict[str, object]:
    """The values of a message that is not tried again."""
    plain = {"errcode": None, "doubtful_since": None, "msgid": None, "response_code": None}
    known = {"outcome": outcome, "reason": reason, "next_at": None, "settled_at": NOW, "tried_at": TRIED_AT}
    return plain | known | others


def test_a_message_that_was_taken_keeps_what_wecom_calls_it() -> None:
    answer = taken("m1")
    assert judged(answer) == settled(Outcome.ACCEPTED, msgid="m1", response_code="code-m1")
    assert judged(Sent("", "", frozenset(), frozenset())) == settled(Outcome.ACCEPTED)


def test_whoever_will_not_get_it_is_named_with_the_reason() -> None:
    kept = {"msgid": "m1", "response_code": "code-m1"}
    gone = "接收人不在应用可见范围，或已不在企业微信"

    assert judged(taken("m1", invalid="a")) == settled(Outcome.INVALID_ACCOUNT, gone, **kept)
    assert judged(taken("m1", invalid="a", unlicensed="a")) == settled(Outcome.INVALID_ACCOUNT, gone, **kept)
    assert judged(taken("m1", unlicensed="a")) == settled(
        Outcome.UNLICENSED, "接收人没有企业微信的接口许可", **kept
    )


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (WillNeverWork(81013, "不在范围", invalid_recipient=True, unlicensed=True), Outcome.INVALID_ACCOUNT),
        (WillNeverWork(1, "没有许可", unlicensed=True), Outcome.UNLICENSED),
        (WillNeverWork(40008, "参数有误"), Outcome.REFUSED),
        (WillNeverWork(verdicts.TASK_ID_USED, "用过了"), Outcome.REFUSED),
    ],
)
def test_what_is_refused_for_good_says_why(error: WillNeverWork, outcome: Outcome) -> None:
    assert judged(error) == settled(outcome, error.text, errcode=error.errcode)


def test_a_used_task_id_means_that_an_earlier_try_arrived() -> None:
    used, other = WillNeverWork(verdicts.TASK_ID_USED, "用过了"), WillNeverWork(40008, "参数有误")

    assert judged(used, doubtful_since=EARLIER) == settled(
        Outcome.ACCEPTED, "用过了", errcode=verdicts.TASK_ID_USED, doubtful_since=EARLIER
    )
    assert judged(other, doubtful_since=EARLIER)["outcome"] == Outcome.REFUSED


def test_what_may_work_later_waits_and_is_not_doubted() -> None:
    assert judged(TryLater(-1, "系统繁忙")) == settled(Outcome.PENDING, "系统繁忙", errcode=-1) | {
        "next_at": NOW + WAIT,
        "settled_at": None,
    }


def test_what_may_have_arrived_is_doubted_from_its_first_unread_answer_on() -> None:
    unread = OutcomeUnknown(None, "超时")

    assert judged(unread) == settled(Outcome.PENDING, "超时", doubtful_since=TRIED_AT) | {
        "next_at": NOW + WAIT,
        "settled_at": None,
    }
    assert judged(unread, doubtful_since=EARLIER)["doubtful_since"] == EARLIER
    assert judged(TryLater(-1, "系统繁忙"), doubtful_since=EARLIER)["doubtful_since"] == EARLIER


def test_doubt_that_lasted_too_long_is_for_a_person_to_end() -> None:
    assert judged(OutcomeUnknown(502, "网关有误"), doubtful_since=LONG_AGO) == settled(
        Outcome.UNKNOWN, "网关有误", errcode=502, doubtful_since=LONG_AGO
    )


@pytest.mark.parametrize(
    ("answer", "stops", "silent"),
    [
        (StopTheQueue(60020, "不可信 IP"), True, False),
        (TryLater(45009, "太频繁", pause_seconds=60.0), True, False),
        (TryLater(-1, "系统繁忙"), False, False),
        (TryLater(None, "连不上"), False, True),
        (OutcomeUnknown(None, "超时"), False, True),
        (OutcomeUnknown(502, "网关有误"), False, True),
        (WillNeverWork(40008, "参数有误"), False, False),
        (taken(), False, False),
        (None, False, False),
    ],
)
def test_some_answers_concern_the_whole_queue(
    answer: Sent | WeComError | None, stops: bool, silent: bool
) -> None:
    row = Claimed(1, b"{}", 1, None, None, "lease")

    assert verdicts.stops_the_queue(answer) is stops
    assert verdicts.no_verdict(answer) is silent
    assert Tried(row, answer, TRIED_AT).unsent is (stops or answer is None)
