"""`python -m scheduler`: the one process that acts by the clock."""

import logging
import os
import signal
import sys
from contextlib import suppress
from functools import partial
from threading import Event, Thread, Timer
from types import FrameType

from apscheduler.events import EVENT_SCHEDULER_STARTED
from apscheduler.schedulers import SchedulerNotRunningError
from apscheduler.schedulers.blocking import BlockingScheduler
from flask import Flask

from app.clock import SHANGHAI
from app.core import create_core
from app.db import db
from app.settings import BadSettings, Settings
from app.work import leases
from callbacks import inbox
from scheduler import jobs
from scheduler.duty import Duty
from scheduler.jobs import Job

log = logging.getLogger("scheduler")

LAST_SECONDS = 4.0  # honcho kills 5 seconds after it asked a process to end


def all_jobs(app: Flask, stop: Event) -> list[Job]:
    """The house's jobs and the doors' own."""
    settings: Settings = app.config["SETTINGS"]
    return [
        *jobs.table(settings, gateway=app.extensions["wecom"], stop=stop, old=[inbox.OLD]),
        Job("inbox", inbox.work_off, settings.DELIVERY_POLL_SECONDS),
    ]


def main() -> int:
    """Run until SIGTERM or SIGINT; then end within 4 seconds."""
    try:
        app = create_core()
    except BadSettings as error:
        print(error, file=sys.stderr)
        return 2
    # It warns whenever a job is still running when it is due again, which here is as it should be.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    stop = Event()
    duty = Duty(app, stop=stop)
    heartbeat = Job("heartbeat", duty.renew, leases.RENEW_SECONDS)
    scheduler = planned(duty, [heartbeat, *all_jobs(app, stop)])
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, partial(_end, scheduler, duty))
    # Told to end before it had begun: the signal found nothing to shut down.
    scheduler.add_listener(lambda _event: _shut_down(scheduler, if_told=stop), EVENT_SCHEDULER_STARTED)
    log.info("scheduler: started as %s", duty.owner)
    duty.perform(heartbeat)  # others wait for the first sign of life
    scheduler.start()
    duty.leave()
    with app.app_context():
        db.engine.dispose()
    log.info("scheduler: ended")
    return 0


def planned(duty: Duty, to_do: list[Job]) -> BlockingScheduler:
    """A scheduler that will run these jobs; all their state is in our own tables."""
    scheduler = BlockingScheduler(
        timezone=SHANGHAI,
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for job in to_do:
        scheduler.add_job(
            duty.perform,
            "interval",
            args=[job],
            id=job.name,
            seconds=job.seconds,
        )
    return scheduler


def _end(scheduler: BlockingScheduler, duty: Duty, _number: int, _frame: FrameType | None) -> None:
    """Tell the jobs to stop and wait for them, but not for ever: what is cut off is done again."""
    duty.stop.set()
    last = Timer(LAST_SECONDS, _cut_off, [duty])
    last.daemon = True
    last.start()
    _shut_down(scheduler, if_told=duty.stop)


def _shut_down(scheduler: BlockingScheduler, *, if_told: Event) -> None:
    def shut_down() -> None:
        with suppress(SchedulerNotRunningError):  # not yet, or no longer
            scheduler.shutdown()

    # In a thread: whoever asks may be holding the scheduler's locks.
    if if_told.is_set():
        Thread(target=shut_down, daemon=True).start()


def _cut_off(duty: Duty) -> None:
    """End in the middle of a job that would not stop; the successor need not wait for the lease to run out."""
    try:
        duty.leave()
    finally:
        os._exit(0)


if __name__ == "__main__":
    exit_code = main()
    # All is given back; taking the interpreter apart would use up to another second of the few there are.
    os._exit(exit_code)
