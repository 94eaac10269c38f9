"""Sends what the outbox queued: claim, send with no transaction open, record."""

import logging
import random
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from threading import Event
from time import monotonic, sleep
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app import clock
from app.db import session
from app.notices import astray, claims, pacing, pauses, quota
from app.notices.claims import Catch
from app.notices.line import Line, Silence
from app.notices.models import Amendment, Delivery, Outcome, QueuePause
from app.notices.verdicts import Claimed, Gateway, Tried, columns
from app.wecom.errors import StopTheQueue, TryLater

log = logging.getLogger(__name__)

BATCH = 200  # rows claimed at a time
PULSE_SECONDS = 0.05  # how long verdicts gather before they are recorded: what a crash may repeat
LOOK_AGAIN_SECONDS = 0.5  # while slow calls are out, look for new messages this often
STOP_SECONDS = 3.0  # honcho kills 5 seconds after it asked a process to end


@dataclass(slots=True)
class Report:
    """What a run did: accepted, settled otherwise, and left for later."""

    sent: int = 0
    failed: int = 0
    postponed: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many rows of a queue wait, and when the oldest of them was written."""

    number: int
    oldest_at: datetime | None

    @property
    def age(self) -> timedelta:
        """How long the oldest has waited; none where nothing waits."""
        return clock.now() - self.oldest_at if self.oldest_at else timedelta(0)


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits: messages, and changes of cards. `paused` is why both queues stand still, if they do."""

    messages: Waiting
    amendments: Waiting
    paused: QueuePause | None


def deliver_due(
    gateway: Gateway,
    *,
    limit: int = BATCH,
    threads: int = 16,
    lease_seconds: float = 60,
    retry_seconds: float = 2,
    stop: Event | None = None,
    silence: Silence | None = None,
) -> Report:
    """Send everything that is due, `limit` rows claimed at a time; returns when nothing is.

    Several processes may do so at once. While the queue is paused nothing is
    sent; when the pause has run its time one message goes ahead, and only if
    it gets a verdict do the others follow. `stop` ends the run within 3 seconds.
    `silence` is kept by who calls this again and again.
    """
    report, silence = Report(), silence or Silence()
    lease = timedelta(seconds=lease_seconds)
    seen = claims.look(lease=lease)
    if not (seen.due or seen.astray) or pauses.lasts(seen.held_until):
        return report
    if seen.astray:
        astray.bring_back(Delivery, lease=lease)
    run = partial(
        _Run,
        gateway,
        lease=lease,
        retry_seconds=retry_seconds,
        stop=stop or Event(),
        report=report,
    )
    if seen.held_until is not None:
        if not pauses.may_probe():
            return report
        probe = run(limit=1, threads=1, silence=Silence(), probing=True)
        probe.go()
        if not probe.line.got_through:
            if probe.line.held_by is None:
                pauses.not_probed()
            return report
        silence.broken()
        pauses.lift()
    run(limit=limit, threads=threads, silence=silence).go()
    return report


class _Run:
    """One go at the queue, from the first claim until nothing is due or the queue is held."""

    def __init__(
        self,
        gateway: Gateway,
        *,
        limit: int,
        threads: int,
        lease: timedelta,
        retry_seconds: float,
        stop: Event,
        report: Report,
        silence: Silence,
        probing: bool = False,
    ) -> None:
        self.limit = limit
        self.lease = lease
        self.retry_seconds = retry_seconds
        self.stop = stop
        self.report = report
        self.probing = probing
        patience = 1 if probing else pacing.LINE_IS_DOWN_AFTER
        self.line = Line(gateway, threads=threads, patience=patience, stop=stop, silence=silence)
        self.token = claims.new_token()
        self.waiting: deque[Claimed] = deque()  # claimed, not yet handed over
        self.unrecorded: list[Tried] = []
        self.failing_since: float | None = None
        self.look_at = monotonic()
        self.hold_noted = False
        self.day_holds = quota.most(session())

    def go(self) -> None:
        """Send until nothing is due, the queue is held or the run is told to stop; a probe sends one message."""
        ends_at: float | None = None
        try:
            more = self._claim()
            while more and self.probing and not self.waiting:
                more = self._claim()  # what could not go was put off or given up
            while self._busy() or (more and not self.probing and not self._over()):
                if self._over():
                    self._take_back()
                self._record()
                if self.stop.is_set():
                    ends_at = ends_at or monotonic() + STOP_SECONDS
                if ends_at is not None and monotonic() > ends_at:
                    return
                if self._wants_more():
                    more = self._claim()
        finally:
            self.line.close()

    def _busy(self) -> bool:
        return bool(self.line.in_hand or self.waiting or self.unrecorded)

    def _over(self) -> bool:
        return self.line.held_by is not None or self.stop.is_set()

    def _wants_more(self) -> bool:
        return (
            not (self._over() or self.probing or self.unrecorded)
            and len(self.waiting) + self.line.in_hand <= self.limit // 2
            and monotonic() >= self.look_at
        )

    def _claim(self) -> bool:
        """Take what is due; False where nothing was."""
        try:
            caught = claims.claim(
                self.limit,
                lease=self.lease,
                day_holds=self.day_holds,
                token=self.token,
                probing=self.probing,
            )
        except DBAPIError:
            log.exception("delivery: the queue cannot be read")
            caught = Catch([])
        self.waiting += caught.rows
        self.report.postponed += caught.put_off
        self.report.failed += caught.given_up
        self.look_at = monotonic() + (LOOK_AGAIN_SECONDS if caught.empty else 0)
        return not caught.empty

    def _take_back(self) -> None:
        self.line.take_back()
        now = clock.now()
        self.unrecorded += [Tried(row, None, now) for row in self.waiting]
        self.waiting.clear()

    def _record(self) -> None:
        """Write down what has been tried, and what is handed over next. What cannot be written is kept."""
        self.unrecorded += self.line.collect(within=PULSE_SECONDS)
        following = list(islice(self.waiting, self.line.room))
        if not (self.unrecorded or following):
            return
        judged, released = self._judged()
        # Only the first quarter of a lease may pass before the call, the rest is for the call and its record.
        send_before = monotonic() + self.lease.total_seconds() / 4
        try:
            written = claims.record(judged, released, following, lease=self.lease, token=self.token)
            self._hold()
        except DBAPIError:
            self.failing_since = self.failing_since or monotonic()
            if monotonic() > self.failing_since + self.lease.total_seconds():
                raise  # the lease is over: another sender repeats them
            log.exception("delivery: %s verdicts cannot be recorded yet", len(self.unrecorded))
            sleep(LOOK_AGAIN_SECONDS)
            return
        if written.lost:
            log.warning("delivery: %s rows were taken over by another sender", written.lost)
        self.line.put(written.handed_over, send_before=send_before)
        for _ in following:
            self.waiting.popleft()
        self.unrecorded, self.failing_since = [], None
        self.report.postponed += len(released)
        self._count(values["outcome"] for _, values in judged)

    def _judged(self) -> tuple[list[tuple[Tried, dict[str, Any]]], list[Tried]]:
        now = clock.now()
        released = [tried for tried in self.unrecorded if tried.unsent]
        judged = [
            (tried, columns(tried, now=now, wait=self._wait(tried)))
            for tried in self.unrecorded
            if not tried.unsent
        ]
        return judged, released

    def _wait(self, tried: Tried) -> timedelta:
        """How long before it is tried again, should it have failed."""
        if self.probing:  # the line is bad, not the message: it goes ahead again
            return timedelta(seconds=pacing.PROBE_SECONDS)
        luck = random.random()  # noqa: S311
        return pacing.wait_after(tried.row.tries, quick_seconds=self.retry_seconds, luck=luck)

    def _count(self, outcomes: Iterable[Outcome]) -> None:
        for outcome in outcomes:
            if outcome == Outcome.ACCEPTED:
                self.report.sent += 1
            elif outcome == Outcome.PENDING:
                self.report.postponed += 1
            else:
                self.report.failed += 1

    def _hold(self) -> None:
        error = self.line.held_by
        if error is None or self.hold_noted:
            return
        stopped = isinstance(error, StopTheQueue)  # somebody must change something: an alarm, not a note
        log.log(logging.ERROR if stopped else logging.WARNING, "delivery: the queue is held: %s", error.text)
        seconds = error.pause_seconds if isinstance(error, TryLater) else None
        pauses.hold(error.text, errcode=error.errcode, seconds=seconds or pacing.PROBE_SECONDS)
        self.hold_noted = True


def backlog() -> Backlog:
    """How much waits, since when, and why it stands still, for /readyz and the administrator."""
    return Backlog(_waiting(Delivery), _waiting(Amendment), pauses.present())


def _waiting(kind: type[Delivery] | type[Amendment]) -> Waiting:
    query = sa.select(sa.func.count(), sa.func.min(kind.created_at)).where(kind.next_at.is_not(None))
    number, oldest_at = session().execute(query).one()
    return Waiting(number, oldest_at)
