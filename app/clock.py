"""The only place that reads the time: UTC inside, Asia/Shanghai for people."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import TypeGuard
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFSET_KEPT_SECONDS = 0.2


def _system_time() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _system_time


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _source()


def awaits(moment: datetime | None, *, longest: timedelta) -> TypeGuard[datetime]:
    """Whether `moment`, which was set at most `longest` ahead, is still to come.

    One that lies farther ahead was set by a clock that ran ahead and has been
    put right since: nobody waits for it.
    """
    present = now()
    return moment is not None and present < moment <= present + longest


def local(moment: datetime) -> datetime:
    """The same moment as people in the counties read it (Asia/Shanghai)."""
    return moment.astimezone(SHANGHAI)


def today() -> date:
    """The present day in the counties."""
    return local(now()).date()


def from_local(naive: datetime) -> datetime:
    """A wall-clock time typed by a person, as the UTC moment it means."""
    return naive.replace(tzinfo=SHANGHAI).astimezone(UTC)


def shown(moment: datetime) -> str:
    """How a moment is written for people: 2026-11-25 18:00."""
    return local(moment).isoformat(" ", "minutes")[:16]


def as_stored(sent: datetime | None, stored: datetime | None) -> datetime | None:
    """What a form means by the moment `sent`, having shown `stored`.

    Forms show whole minutes: the minute that was shown is the stored moment, also where that is the last second of
    a day (“N 个工作日内”, a bare date).
    """
    if sent is None or stored is None or shown(sent) != shown(stored):
        return sent
    return stored


def tell(source: Callable[[], datetime] | None) -> None:
    """Let `source` say what time it is; None returns to the system clock."""
    global _source
    _source = source or _system_time


@contextmanager
def standing_at(moment: datetime) -> Iterator[None]:
    """Let the time be `moment` inside the block, for demo data with a past."""
    global _source
    before, _source = _source, lambda: moment
    try:
        yield
    finally:
        _source = before


def _offset_in(path: Path) -> int:
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 0


def follow_offset_file(path: Path) -> None:
    """Run ahead of the system clock by the whole seconds written in `path`.

    Several processes of one demo tell the same time this way. A missing or
    unreadable file means no offset, so deleting it is always safe.
    """

    ahead, read_at = 0, -1.0

    def shifted() -> datetime:
        nonlocal ahead, read_at
        if monotonic() - read_at > OFFSET_KEPT_SECONDS:  # a page asks the time once per row
            ahead, read_at = _offset_in(path), monotonic()
        return _system_time() + timedelta(seconds=ahead)

    tell(shifted)
