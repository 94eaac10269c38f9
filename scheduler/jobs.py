"""What happens by the clock: a table of jobs, each safe to run twice and to cut off."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from threading import Event
from typing import Protocol

from app.insight import kinds, mornings
from app.notices.aftercare.carrying import Changing, amend_due
from app.notices.ledger import totals
from app.notices.ledger.totals import Old
from app.notices.sending.messages import deliver_due
from app.notices.sending.senders import Silence
from app.notices.sending.verdicts import Gateway
from app.notices.sending.work import Manner
from app.people import respelling
from app.settings import Settings
from app.work import attachments, housekeeping
from app.work.faces import Scan

HOUR_SECONDS = 60.0 * 60.0
NIGHT = range(2, 5)  # hours in Shanghai in which nobody is kept waiting


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do every so many seconds, in these `hours` of the day; `needs_lease`: by one process only."""

    name: str
    run: Callable[[], object]
    seconds: float
    needs_lease: bool = False
    hours: range = range(24)


class WeCom(Gateway, Changing, Protocol):
    """Sends messages, recalls and changes them; `app.wecom.client.WeCom` is one."""


def table(settings: Settings, *, gateway: WeCom, stop: Event, old: Iterable[Old] = ()) -> list[Job]:
    """The jobs of the house; other doors' jobs are added by the composition."""
    deliver = partial(deliver_due, gateway, **_manner(settings, stop))
    amend = partial(amend_due, gateway, **_manner(settings, stop))
    sum_up = partial(totals.sum_up, (*totals.OURS, *old), keep_days=settings.DELIVERY_KEEP_DAYS, stop=stop)
    return [
        Job("deliver", deliver, settings.DELIVERY_POLL_SECONDS),
        Job("amend", amend, settings.DELIVERY_POLL_SECONDS),
        *(_of_a_kind(scan, settings) for scan in kinds.scans()),
        Job("morning", mornings.release, settings.SCAN_SECONDS, needs_lease=True),
        Job("housekeeping", housekeeping.clean, HOUR_SECONDS, needs_lease=True),
        Job("spellings", respelling.respell, HOUR_SECONDS, needs_lease=True),
        Job("totals", sum_up, HOUR_SECONDS, needs_lease=True, hours=NIGHT),
        Job("orphans", attachments.remove_orphans, 6 * HOUR_SECONDS, needs_lease=True),
    ]


def _of_a_kind(scan: Scan, settings: Settings) -> Job:
    return Job(scan.name, scan.run, HOUR_SECONDS if scan.hourly else settings.SCAN_SECONDS, needs_lease=True)


def _manner(settings: Settings, stop: Event) -> Manner:
    """How a queue is worked off, again and again."""
    return {
        "threads": settings.DELIVERY_THREADS,
        "lease_seconds": settings.DELIVERY_LEASE_SECONDS,
        "retry_seconds": settings.DELIVERY_RETRY_SECONDS,
        "stop": stop,
        "silence": Silence(),
    }
