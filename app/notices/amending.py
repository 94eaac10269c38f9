"""Carries out amendments: recalls messages and changes cards, with no transaction open."""

import json
import random
from collections import deque
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from threading import Event
from time import monotonic
from typing import Any, Protocol

from app import clock
from app.notices import amendment_claims, astray, claims, pacing, pauses
from app.notices.amendment_claims import BATCH, OF_RUNG, Step, put_off, settled
from app.notices.delivery import PULSE_SECONDS, STOP_SECONDS
from app.notices.ladder import Rung
from app.notices.line import Line, Silence
from app.notices.models import Amendment, Outcome
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
    silence: Silence | None = None,
) -> int:
    """Carry out everything that is due; returns how many messages were recalled or changed.

    While the queue of messages is held, this one is, too; when the pause has run its time one goes ahead,
    a message if one is in doubt. Several processes may run it at once; `stop` ends it within 3 seconds.
    `silence` is kept by who calls this again and again.
    """
    stop, silence = stop or Event(), silence or Silence()
    lease = timedelta(seconds=lease_seconds)
    seen = amendment_claims.look(lease=lease)
    if not (seen.due or seen.astray) or pauses.lasts(seen.held_until):
        return 0
    if seen.astray:
        astray.bring_back(Amendment, lease=lease)
    run = partial(_Run, wecom, stop, lease=lease, retry_seconds=retry_seconds)
    done = 0
    if pauses.present() is not None:
        if claims.any_in_doubt() or not pauses.may_probe():
            return 0
        probe = run(threads=1, silence=Silence(), probing=True)
        done = probe.go()
        if not probe.line.got_through:
            if probe.line.held_by is None:
                pauses.not_probed()
            return done
        silence.broken()
        pauses.lift()
    return done + run(threads=threads, silence=silence).go()


class _Run:
    """One go at the amendments, from the first claim until nothing is due or the queue is held."""

    def __init__(
        self,
        wecom: Changes,
        stop: Event,
        *,
        threads: int,
        lease: timedelta,
        retry_seconds: float,
        silence: Silence,
        probing: bool = False,
    ) -> None:
        self.stop = stop
        self.lease = lease
        self.retry_seconds = retry_seconds
        self.probing = probing
        patience = 1 if probing else pacing.LINE_IS_DOWN_AFTER
        self.line = Line(Mender(wecom), threads=threads, patience=patience, stop=stop, silence=silence)
        self.token = claims.new_token()
        self.steps: dict[int, Step] = {}
        self.waiting: deque[Claimed] = deque()  # claimed, not yet handed over
        self.done = 0

    def go(self) -> int:
        """Carry out until nothing is due, the queue is held or the run is told to stop; returns how many."""
        try:
            self._work_off()
        finally:
            self.line.close()
            if self.line.held_by is not None:
                _hold(self.line.held_by)
        return self.done

    def _work_off(self) -> None:
        ends_at, more = None, True
        while ends_at is None or monotonic() < ends_at:
            over = self.stop.is_set() or self.line.held_by is not None
            if more and not over and self._wants_more():
                self._claim()
                more = not self.probing
            if not (self.line.in_hand or self.waiting):
                return
            unsent: list[Tried] = []
            if over:
                unsent = self._take_back()
                ends_at = ends_at or monotonic() + STOP_SECONDS
            self._record(unsent)

    def _wants_more(self) -> bool:
        in_hand = self.line.in_hand + len(self.waiting)
        return in_hand <= BATCH // 2 and (self.probing or self._anything_due())

    def _anything_due(self) -> bool:
        seen = amendment_claims.look(lease=self.lease)
        return seen.due and not pauses.lasts(seen.held_until)

    def _claim(self) -> None:
        most = 1 if self.probing else BATCH
        claimed = amendment_claims.claim(lease=self.lease, most=most, token=self.token, probing=self.probing)
        self.steps |= {step.claimed.id: step for step in claimed}
        self.waiting += [step.claimed for step in claimed]

    def _take_back(self) -> list[Tried]:
        self.line.take_back()
        now = clock.now()
        unsent = [Tried(row, None, now) for row in self.waiting]
        self.waiting.clear()
        return unsent

    def _record(self, unsent: list[Tried]) -> None:
        """Write down what came of each, and what is handed over next."""
        tried = unsent + self.line.collect(within=PULSE_SECONDS)
        verdicts = [
            (step, self._verdict(step, each)) for each in tried for step in [self.steps.pop(each.row.id)]
        ]
        following = [self.waiting.popleft() for _ in range(min(self.line.room, len(self.waiting)))]
        if not (verdicts or following):
            return
        send_before = monotonic() + self.lease.total_seconds() / 4
        done, handed_over = amendment_claims.record(verdicts, following, lease=self.lease, token=self.token)
        self.done += done
        self.line.put(handed_over, send_before=send_before)

    def _verdict(self, step: Step, tried: Tried) -> dict[str, Any]:
        """The new values of an amendment; the doubt that it was handed over with is over."""
        return {"doubtful_since": step.claimed.doubtful_since} | _verdict(step, tried, self._wait(tried))

    def _wait(self, tried: Tried) -> timedelta:
        if self.probing:  # the line is bad, not the change: it goes ahead again
            return timedelta(seconds=pacing.PROBE_SECONDS)
        luck = random.random()  # noqa: S311
        return pacing.wait_after(tried.row.tries, quick_seconds=self.retry_seconds, luck=luck)


def _hold(error: WeComError) -> None:
    """What holds one queue holds the other: settings, permission, the app's rate."""
    seconds = error.pause_seconds if isinstance(error, TryLater) else None
    pauses.hold(error.text, errcode=error.errcode, seconds=seconds or pacing.PROBE_SECONDS)


def _verdict(step: Step, tried: Tried, wait: timedelta) -> dict[str, Any]:
    now, row, answer = clock.now(), tried.row, tried.answer
    if tried.unsent:
        return put_off(now) | {"attempts": row.tries - 1}
    if isinstance(answer, WillNeverWork):
        return _refused(step, answer)
    if isinstance(answer, OutcomeUnknown | TryLater):
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
