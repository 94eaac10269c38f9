"""Works a queue off: claim, call WeCom with no transaction open, record. One loop for messages and changes of cards."""

import logging
import random
from collections import deque
from datetime import timedelta
from functools import partial
from itertools import islice
from threading import Event
from time import monotonic, sleep

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app import clock
from app.db import session
from app.notices import pacing
from app.notices.models import Stoppage
from app.notices.sending import astray, stoppage
from app.notices.sending.senders import Senders, Silence
from app.notices.sending.verdicts import Claimed, Gateway, Tried
from app.notices.sending.work import Catch, Look, Report, Work
from app.wecom.errors import StopTheQueue, TryLater
from app.work.queues import Queue, new_token

log = logging.getLogger(__name__)

PULSE_SECONDS = 0.05  # how long verdicts gather before they are recorded: what a crash may repeat
REST_SECONDS = 0.5  # before a database that does not answer is asked again
STOP_SECONDS = 3.0  # honcho kills 5 seconds after it asked a process to end


def look(queue: Queue, *, lease: timedelta) -> Look:
    """One indexed statement, all that an idle sender does."""
    now = clock.now()
    query = sa.select(
        sa.exists().where(queue.due(now)),
        sa.select(sa.func.max(Stoppage.until)).scalar_subquery(),
        sa.exists().where(astray.waiting(queue, lease=lease, now=now)),
    )
    found = Look(*session().execute(query).one())
    session().rollback()
    return found


def work_off(
    work: Work,
    gateway: Gateway,
    *,
    threads: int = 16,
    lease_seconds: float = 60,
    retry_seconds: float = 2,
    stop: Event | None = None,
    silence: Silence | None = None,
) -> Report:
    """Send everything that is due; returns when nothing is.

    Several processes may do so at once. While the queues are stopped nothing is
    sent; when the stoppage has run its time one row goes ahead, and only if
    it gets a verdict do the others follow. `stop` ends the run within 3 seconds.
    `silence` is kept by whoever calls this again and again.
    """
    report, silence = Report(), silence or Silence()
    lease = timedelta(seconds=lease_seconds)
    seen = look(work.queue, lease=lease)
    waits = seen.due or seen.astray or (seen.stopped_until is not None and work.must_go_ahead())
    if seen.stopped or not waits:
        return report
    if seen.astray:
        astray.bring_back(work.queue, lease=lease)
    run = partial(
        _Run,
        work,
        gateway,
        lease=lease,
        retry_seconds=retry_seconds,
        stop=stop or Event(),
        report=report,
    )
    if seen.stopped_until is not None:
        if not work.may_go_ahead() or not stoppage.may_probe():
            return report
        probe = run(threads=1, silence=Silence(), probing=True)
        probe.go()
        if not probe.senders.got_through:
            if probe.senders.stopped_by is None and not work.must_go_ahead():
                stoppage.not_probed()
            return report
        silence.broken()
        stoppage.lift()
    run(threads=threads, silence=silence).go()
    return report


class _Run:
    """One go at the queue, from the first claim until nothing is due or the queue is stopped."""

    def __init__(
        self,
        work: Work,
        gateway: Gateway,
        *,
        threads: int,
        lease: timedelta,
        retry_seconds: float,
        stop: Event,
        report: Report,
        silence: Silence,
        probing: bool = False,
    ) -> None:
        self.work = work
        self.lease = lease
        self.retry_seconds = retry_seconds
        self.stop = stop
        self.report = report
        self.probing = probing
        patience = 1 if probing else pacing.LINE_IS_DOWN_AFTER
        self.senders = Senders(gateway, threads=threads, patience=patience, stop=stop, silence=silence)
        self.token = new_token()
        self.waiting: deque[Claimed] = deque()  # claimed, not yet handed over
        self.unrecorded: list[Tried] = []
        self.failing_since: float | None = None
        self.look_at = monotonic()
        self.stoppage_noted = False

    def go(self) -> None:
        """Send until nothing is due, the queue is stopped or the run is told to stop; a probe sends one row."""
        ends_at: float | None = None
        try:
            more = self._claim()
            while more and self.probing and not self.waiting and not self._over():
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
            self.senders.close()

    def _busy(self) -> bool:
        return bool(self.senders.in_hand or self.waiting or self.unrecorded)

    def _over(self) -> bool:
        return self.senders.stopped_by is not None or self.stop.is_set()

    def _wants_more(self) -> bool:
        return (
            not (self._over() or self.probing or self.unrecorded)
            and len(self.waiting) + self.senders.in_hand <= self.work.most // 2
            and monotonic() >= self.look_at
        )

    def _claim(self) -> bool:
        """Take what is due; False where nothing was."""
        try:
            caught = self._caught()
        except DBAPIError:
            log.exception("%s: the queue cannot be read", self.work.name)
            caught = Catch([])
        self.waiting += caught.rows
        self.report.postponed += caught.put_off
        self.report.failed += caught.given_up
        self.look_at = monotonic() + (self.work.look_again_seconds if caught.empty else 0)
        return not caught.empty

    def _caught(self) -> Catch:
        if self.probing:
            return self.work.claim(1, lease=self.lease, token=self.token, probing=True)
        seen = look(self.work.queue, lease=self.lease)  # it takes no lock, as a claim does
        if seen.stopped or not seen.due:
            return Catch([])
        return self.work.claim(self.work.most, lease=self.lease, token=self.token, probing=False)

    def _take_back(self) -> None:
        self.senders.take_back()
        now = clock.now()
        self.unrecorded += [Tried(row, None, now) for row in self.waiting]
        self.waiting.clear()

    def _record(self) -> None:
        """Write down what has been tried, and what is handed over next. What cannot be written is kept."""
        self.unrecorded += self.senders.collect(within=PULSE_SECONDS)
        following = list(islice(self.waiting, self.senders.room))
        if not (self.unrecorded or following):
            return
        now = clock.now()
        judged = [(each, self.work.judge(each, now=now, wait=self._wait(each))) for each in self.unrecorded]
        # Only the first quarter of a lease may pass before the call, the rest is for the call and its record.
        send_before = monotonic() + self.lease.total_seconds() / 4
        try:
            written = self.work.record(judged, following, lease=self.lease, token=self.token)
            self._note_stoppage()
        except DBAPIError:
            self.failing_since = self.failing_since or monotonic()
            if monotonic() > self.failing_since + self.lease.total_seconds():
                raise  # the lease is over: another sender repeats them
            log.exception("%s: %s verdicts cannot be recorded yet", self.work.name, len(self.unrecorded))
            sleep(REST_SECONDS)
            return
        if written.lost:
            log.warning("%s: %s rows were taken over by another sender", self.work.name, written.lost)
        self.senders.put(written.handed_over, send_before=send_before)
        for _ in following:
            self.waiting.popleft()
        self.unrecorded, self.failing_since = [], None
        for _, values in judged:
            self.report.count(values["outcome"])

    def _wait(self, tried: Tried) -> timedelta:
        """How long before it is tried again, should it have failed."""
        if self.probing:  # the line is bad, not the message: it goes ahead again
            return timedelta(seconds=pacing.PROBE_SECONDS)
        luck = random.random()  # noqa: S311
        return pacing.wait_after(tried.row.tries, quick_seconds=self.retry_seconds, luck=luck)

    def _note_stoppage(self) -> None:
        """What stops one queue stops the other: settings, permission, the app's rate."""
        error = self.senders.stopped_by
        if error is None or self.stoppage_noted:
            return
        grave = isinstance(error, StopTheQueue)  # somebody must change something: an alarm, not a note
        level = logging.ERROR if grave else logging.WARNING
        log.log(level, "%s: the queues are stopped: %s", self.work.name, error.text)
        seconds = error.pause_seconds if isinstance(error, TryLater) else None
        stoppage.begin(error.text, errcode=error.errcode, seconds=seconds or pacing.PROBE_SECONDS)
        self.stoppage_noted = True
