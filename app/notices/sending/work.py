"""What a queue that goes out to WeCom knows of itself, and what passes between it and the loop that works it off."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event
from typing import NamedTuple, Protocol, TypedDict

from app.notices.models import Outcome
from app.notices.sending import stoppage
from app.notices.sending.senders import Silence
from app.notices.sending.verdicts import Claimed, Tried
from app.work.queues import Queue, Values

DONE = (Outcome.ACCEPTED, Outcome.RECALLED, Outcome.UPDATED)


class Manner(TypedDict, total=False):
    """How a queue is worked off; `silence` is kept by whoever does so again and again."""

    threads: int
    lease_seconds: float
    retry_seconds: float
    stop: Event | None
    silence: Silence | None


@dataclass(frozen=True, slots=True)
class Catch:
    """What a claim brought: rows to send, rows put off, rows that are not sent at all any more."""

    rows: Sequence[Claimed]
    put_off: int = 0
    given_up: int = 0

    @property
    def empty(self) -> bool:
        """True where nothing was due."""
        return not (self.rows or self.put_off or self.given_up)


Judged = tuple[Tried, Values]
"""What came of a row, and its new values."""


class Written(NamedTuple):
    """What a record did: the rows that may be sent now, and how many another sender took over."""

    handed_over: Sequence[Claimed]
    lost: int

    @classmethod
    def of(cls, following: Sequence[Claimed], *, ours: Collection[int], unwritten: int) -> "Written":
        """Of `following` those that are still `ours`; `unwritten` are the verdicts that came too late."""
        handed_over = [row for row in following if row.id in ours]
        return cls(handed_over, unwritten + len(following) - len(handed_over))


class Work(Protocol):
    """What one queue knows itself: what is due and what an outcome means. Lives as long as a run."""

    @property
    def name(self) -> str:
        """As the log calls it."""

    @property
    def queue(self) -> Queue:
        """Where its rows are."""

    @property
    def most(self) -> int:
        """How many rows are claimed at a time."""

    @property
    def look_again_seconds(self) -> float:
        """How often to look for new rows while slow calls are out."""

    def may_go_ahead(self) -> bool:
        """Whether one of these may be the first to be sent after a stoppage."""

    def must_go_ahead(self) -> bool:
        """Whether one of these is in doubt, so that it is the first after a stoppage, due or not."""

    def claim(self, most: int, *, lease: timedelta, token: str, probing: bool) -> Catch:
        """Take what is due; with `probing` what is in doubt goes first, due or not."""

    def judge(self, tried: Tried, *, now: datetime, wait: timedelta) -> Values:
        """The new values of a row, to be tried again after `wait` if at all."""

    def record(
        self, judged: Sequence[Judged], following: Sequence[Claimed], *, lease: timedelta, token: str
    ) -> Written:
        """Write down what came of these, and hand over what of `following` is still ours: it is in doubt now."""


@dataclass(slots=True)
class Report:
    """What a run did: accepted or carried out, settled otherwise, and left for later."""

    sent: int = 0
    failed: int = 0
    postponed: int = 0

    def count(self, outcome: str) -> None:
        """One more row with this outcome."""
        if outcome in DONE:
            self.sent += 1
        elif outcome == Outcome.PENDING:
            self.postponed += 1
        else:
            self.failed += 1


@dataclass(frozen=True, slots=True)
class Look:
    """A queue at a glance."""

    due: bool
    stopped_until: datetime | None  # None: not stopped
    astray: bool  # something waits for a moment that a clock ran ahead to set

    @property
    def stopped(self) -> bool:
        """True while nothing may be sent."""
        return stoppage.lasts(self.stopped_until)
