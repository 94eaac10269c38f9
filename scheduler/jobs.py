"""What happens by the clock: a table of jobs, each safe to run twice and to cut off."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from threading import Event
from typing import Protocol

from app.notices import amending, delivery, holding
from app.notices.amending import Changes
from app.notices.verdicts import Gateway
from app.settings import Settings
from app.tasks import overdue, reminders
from app.work import attachments, housekeeping
from app.work.housekeeping import Forget

HOUR_SECONDS = 60.0 * 60.0


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do every so many seconds; `needs_lease`: by one process only."""

    name: str
    run: Callable[[], object]
    seconds: float
    needs_lease: bool = False


class WeCom(Gateway, Changes, Protocol):
    """Sends messages, recalls and changes them; `app.wecom.client.WeCom` is one."""


def table(settings: Settings, *, gateway: WeCom, stop: Event, old: Iterable[Forget] = ()) -> list[Job]:
    """The jobs of the house; other doors' jobs are added by the composition."""
    deliver = partial(
        delivery.deliver_due,
        gateway,
        threads=settings.DELIVERY_THREADS,
        lease_seconds=settings.DELIVERY_LEASE_SECONDS,
        retry_seconds=settings.DELIVERY_RETRY_SECONDS,
        stop=stop,
    )
    amend = partial(
        amending.amend_due,
        gateway,
        threads=settings.DELIVERY_THREADS,
        lease_seconds=settings.DELIVERY_LEASE_SECONDS,
        retry_seconds=settings.DELIVERY_RETRY_SECONDS,
        stop=stop,
    )
    clean = partial(housekeeping.clean, (*housekeeping.OURS, *old))
    return [
        Job("deliver", deliver, settings.DELIVERY_POLL_SECONDS),
        Job("amend", amend, settings.DELIVERY_POLL_SECONDS),
        Job("overdue", overdue.scan, settings.SCAN_SECONDS, needs_lease=True),
        Job("reminders", reminders.scan, settings.SCAN_SECONDS, needs_lease=True),
        Job("morning", holding.release, settings.SCAN_SECONDS, needs_lease=True),
        Job("housekeeping", clean, HOUR_SECONDS, needs_lease=True),
        Job("orphans", attachments.remove_orphans, 6 * HOUR_SECONDS, needs_lease=True),
    ]
