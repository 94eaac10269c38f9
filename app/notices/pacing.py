"""How fast and how often: per member, after a failure, and when the line is down. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

# WeCom silently drops what exceeds 30 a minute and 1000 an hour per member and app
# (developer.work.weixin.qq.com/document/path/90312); stay below, since others' clocks differ from ours.
PER_MINUTE = 25
PER_HOUR = 900
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)

QUICK_TRIES = 3
BACK_OFF_MINUTES = (1, 2, 4, 8, 15, 30)

# How long WeCom recognises a repeated request (duplicate_check_interval), less what clocks and calls may take.
DUPLICATE_WINDOW = timedelta(hours=4) - timedelta(minutes=5)
LAST_CHANCE = timedelta(minutes=1)  # how long before its end a repeat is begun at the latest

LONGEST_WAIT = HOUR  # a message that waits for its pace, or for its next try, waits no longer
LONGEST_NIGHT = timedelta(days=1)

# Everybody's timers fire at :00 and :30; what can wait keeps off these minutes (D 90236 asks for it).
BUSY_MINUTES = (0, 30)
SPREAD_MINUTES = 9  # over which what was held for the night goes out

# So many calls in a row without a verdict mean that the line is down, not that a message is bad.
LINE_IS_DOWN_AFTER = 5
PROBE_SECONDS = 60.0
LONGEST_PAUSE = timedelta(minutes=5)  # after wrong credentials; the limits of WeCom's are a minute at most
SHOWS_WITHIN = timedelta(minutes=5)  # how long before the pause those in flight may have met the same trouble


@dataclass(frozen=True)
class QuietHours:
    """The part of every day, by the clock on the wall, in which what can wait does not ring."""

    begins: time
    ends: time

    @classmethod
    def read(cls, text: str) -> "QuietHours | None":
        """21:00-08:30; None for "off". ValueError for anything else."""
        if text == "off":
            return None
        begins, dash, ends = text.partition("-")
        quiet = cls(time.fromisoformat(begins), time.fromisoformat(ends))
        if not dash or quiet.begins == quiet.ends:
            raise ValueError(text)
        return quiet

    def until(self, local: datetime) -> datetime | None:
        """When they end, if `local` lies in them."""
        over_midnight = self.begins > self.ends
        late, early = local.time() >= self.begins, local.time() < self.ends
        if not (late or early if over_midnight else late and early):
            return None
        day = local.date() + timedelta(days=1 if over_midnight and late else 0)
        return datetime.combine(day, self.ends, local.tzinfo)

    def __str__(self) -> str:
        return f"{self.begins:%H:%M}–{self.ends:%H:%M}"


def off_the_mark(moment: datetime, *, spread: int) -> datetime:
    """`moment`, or where it lies in a busy minute, one of the next minutes; `spread` is any number."""
    if moment.minute not in BUSY_MINUTES:
        return moment
    return moment.replace(second=0, microsecond=0) + timedelta(minutes=1, seconds=spread % 180)


def morning_slot(held_until: datetime, *, spread: int, now: datetime) -> datetime:
    """When a message held for the night goes: within the minutes after its end, off the mark."""
    planned = held_until + timedelta(minutes=1, seconds=spread * 37 % (SPREAD_MINUTES * 60))
    return off_the_mark(max(planned, now), spread=spread)


def slots(sent: Sequence[datetime], *, wanted: int, now: datetime) -> list[datetime]:
    """When each of the next `wanted` messages to one member may go, the first possible first.

    `sent` are the moments of earlier messages to that member, oldest first;
    what another's clock dates a little ahead was sent now. A slot equal to
    `now` means: at once.
    """
    moments = [min(moment, now) for moment in sent]
    for _ in range(wanted):
        slot = now
        if len(moments) >= PER_MINUTE:
            slot = max(slot, moments[-PER_MINUTE] + MINUTE)
        if len(moments) >= PER_HOUR:
            slot = max(slot, moments[-PER_HOUR] + HOUR)
        moments.append(slot)
    return moments[len(sent) :]


def wait_after(tries: int, *, quick_seconds: float, luck: float) -> timedelta:
    """How long to wait after the `tries`-th failure: three quick tries, then 1 to 30 minutes.

    `luck` in [0, 1) spreads the waits by a fifth either way, so that messages
    that failed together do not come back together.
    """
    spread = 0.8 + 0.4 * luck
    if tries <= QUICK_TRIES:
        return timedelta(seconds=quick_seconds * spread)
    step = min(tries - QUICK_TRIES, len(BACK_OFF_MINUTES)) - 1
    return timedelta(minutes=min(BACK_OFF_MINUTES[step] * spread, BACK_OFF_MINUTES[-1]))


def next_try(doubtful_since: datetime | None, *, now: datetime, wait: timedelta) -> datetime | None:
    """When what failed is tried again; None once only a person may decide that.

    What may have arrived gets a last try before WeCom stops recognising it.
    """
    if doubtful_since is None:
        return now + wait
    last = doubtful_since + DUPLICATE_WINDOW - LAST_CHANCE
    return min(now + wait, last) if now < last else None


def may_repeat(doubtful_since: datetime | None, *, now: datetime) -> bool:
    """False once WeCom might deliver a repeat as a second message."""
    return doubtful_since is None or now < doubtful_since + DUPLICATE_WINDOW
