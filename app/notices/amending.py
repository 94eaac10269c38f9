"""Carries out amendments: recalls messages and changes cards, with no transaction open (DESIGN.md §4.2, §4.7)."""

import json
import random
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from threading import Event
from time import monotonic
from typing import Any, Protocol

from app import clock
from app.notices import amendment_claims, pacing, pauses
from app.notices.amendment_claims import BATCH, OF_RUNG, Step, put_off, settled
from app.notices.delivery import PULSE_SECONDS, STOP_SECONDS
from app.notices.ladder import Rung
from app.notices.line import Line
from app.notices.models import Outcome
from app.notices.verdicts import Claimed, Receipt, Tried
from app.wecom.client import Sent
from app.wecom.errors import OutcomeUnknown, TryLater, WeComError, WillNeverWork

CODE_USED = 60140
NOTHING_TO_ADD = Sent(msgid="", response_code="", invalid=frozenset(), unlicensed=frozenset())


class Changes(Protocol):
    """Whoever recalls and changes messages; `app.wecom.client.WeCom` is one. Raises `WeComError`."""

    def recall(self, msgid: str) -> None:
        """Take a message back."""

    def update_card(self, payload: dict[str, Any]) -> None:
        """Change a sent card."""


@dataclass(frozen=True, slots=True)
class Mender:
    """Lets changes travel as messages do: a Gateway whose bodies are what the two calls are given."""

    wecom: Changes

    def send(self, body: bytes) -> Receipt:
        """Carry out one change."""
        payload = json.loads(body)
        if "msgid" in payload:
            self.wecom.recall(payload["msgid"])
        else:
            self.wecom.update_card(payload)
        return NOTHING_TO_ADD


def amend_due(
    wecom: Changes,
    *,
    threads: int = 16,
    lease_seconds: float = 60,
    retry_seconds: float = 2,
    stop: Event | None = None,
) -> int:
    """Carry out everything that is due; returns how many messages were recalled or changed.

    While the queue of messages is held, this one is, too; when the pause has run its time one goes ahead.
    Several processes may run it at once; `stop` ends it within 3 seconds.
    """
    stop = stop or Event()
    if not amendment_claims.look():
        return 0
    run = partial(_run, wecom, stop, lease=timedelta(seconds=lease_seconds), retry_seconds=retry_seconds)
    done = 0
    if pauses.present() is not None:
        done, got_through = run(threads=1, probing=True)
        if not got_through:
            return done
        pauses.lift()
    return done + run(threads=threads)[0]


def _run(
    wecom: Changes,
    stop: Event,
    *,
    threads: int,
    lease: timedelta,
    retry_seconds: float,
    probing: bool = False,
) -> tuple[int, bool]:
    """How many were carried out, and whether WeCom answered at all."""
    patience = 1 if probing else pacing.LINE_IS_DOWN_AFTER
    line = Line(Mender(wecom), threads=threads, patience=patience, stop=stop)
    try:
        done = _work_off(line, stop, lease=lease, retry_seconds=retry_seconds, probing=probing)
        return done, line.got_through
    finally:
        line.close()
        if line.held_by is not None:
            _hold(line.held_by)


def _name(row: Claimed) -> tuple[str, int]:
    """Which claim it is: after a jump of the clock the same amendment may be claimed again."""
    return row.lease_token, row.id


def _work_off(line: Line, stop: Event, *, lease: timedelta, retry_seconds: float, probing: bool) -> int:
    steps: dict[tuple[str, int], Step] = {}
    done, ends_at = 0, None
    most, more = (1 if probing else BATCH), True
    while ends_at is None or monotonic() < ends_at:
        over = stop.is_set() or line.held_by is not None
        if more and not over and line.in_hand <= BATCH // 2 and amendment_claims.look():
            claimed = amendment_claims.claim(lease=lease, most=most)
            more = not probing
            steps |= {_name(step.claimed): step for step in claimed}
            line.put([step.claimed for step in claimed])
        if not line.in_hand:
            break
        if over:
            line.take_back()
            ends_at = ends_at or monotonic() + STOP_SECONDS
        tried = line.collect(within=PULSE_SECONDS)
        verdicts = [
            (step, _verdict(step, each, retry_seconds))
            for each in tried
            for step in [steps.pop(_name(each.row))]
        ]
        done += amendment_claims.record(verdicts) if verdicts else 0
    return done


def _hold(error: WeComError) -> None:
    """What holds one queue holds the other: settings, permission, the app's rate."""
    seconds = error.pause_seconds if isinstance(error, TryLater) else None
    pauses.hold(error.text, errcode=error.errcode, seconds=seconds or pacing.PROBE_SECONDS)


def _verdict(step: Step, tried: Tried, retry_seconds: float) -> dict[str, Any]:
    """The new values of an amendment."""
    now, row, answer = clock.now(), tried.row, tried.answer
    if tried.unsent:
        return put_off(now) | {"attempts": row.tries - 1}
    if isinstance(answer, WillNeverWork):
        return _refused(step, answer)
    if isinstance(answer, OutcomeUnknown | TryLater):
        wait = pacing.wait_after(row.tries, quick_seconds=retry_seconds, luck=random.random())  # noqa: S311
        doubt = row.doubtful_since or (tried.at if isinstance(answer, OutcomeUnknown) else None)
        return put_off(now + wait, reason=answer.text, errcode=answer.errcode) | {"doubtful_since": doubt}
    return settled(OF_RUNG[step.rung], now)


def _refused(step: Step, answer: WillNeverWork) -> dict[str, Any]:
    now = clock.now()
    if step.rung is Rung.RECALL:  # the next rung, at once
        return put_off(now, reason=answer.text, errcode=answer.errcode) | {
            "too_late": True,
            "doubtful_since": None,
        }
    # Used up, perhaps by an earlier try of which no answer was read.
    in_doubt = answer.errcode == CODE_USED and step.claimed.doubtful_since is not None
    outcome = Outcome.UNKNOWN if in_doubt else Outcome.REFUSED
    return settled(outcome, now, reason=answer.text, errcode=answer.errcode)
