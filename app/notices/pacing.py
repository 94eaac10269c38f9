"""How fast and how often: per member, after a failure, and when the line is down. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

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

# So many calls in a row without a verdict mean that the line is down, not that a message is bad.
LINE_IS_DOWN_AFTER = 5
PROBE_SECONDS = 60.0


def slots(sent: Sequence[datetime], *, wanted: int, now: datetime) -> list[datetime]:
    """When each of the next `wanted` messages to one member may go, the first possible first.

    `sent` are the moments of earlier messages to that member, oldest first. A
    slot equal to `now` means: at once.
    """
    moments = list(sent)
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


def may_repeat(doubtful_since: datetime | None, *, now: datetime) -> bool:
    """False once WeCom might deliver a repeat as a second message."""
    return doubtful_since is None or now < doubtful_since + DUPLICATE_WINDOW
