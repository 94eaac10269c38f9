"""Runs jobs: under the lease where they need it, and so that a failing one stops nothing else."""

import logging
import os
import secrets
import socket
from datetime import timedelta
from threading import Event
from time import monotonic

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.outage import is_outage, reason_of
from app.work import leases
from scheduler.jobs import Job

log = logging.getLogger(__name__)

SAY_AGAIN_SECONDS = 30.0  # a job that keeps failing is logged this often, not at every try


class Duty:
    """This process as the lease table knows it."""

    def __init__(self, app: Flask, *, stop: Event, lease_lasts: timedelta = leases.LASTS) -> None:
        self.app = app
        self.stop = stop
        self.owner = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"
        self.lease_lasts = lease_lasts
        self.holds: bool | None = None
        self._said_at: dict[str, float] = {}

    def perform(self, job: Job) -> None:
        """Run a job once, unless the process is ending, it is not its hour, or another one holds its lease."""
        if self.stop.is_set() or clock.local(clock.now()).hour not in job.hours:
            return
        try:
            with self.app.app_context():
                if not job.needs_lease or self.renew():
                    job.run()
        except Exception as error:
            self._say(job, error)

    def renew(self) -> bool:
        """Give a sign of life and keep, or try to take, the lease."""
        holds = leases.acquire(leases.SCHEDULER, owner=self.owner, lasts=self.lease_lasts)
        if holds != self.holds:
            log.info("scheduler: %s", "holding the lease" if holds else "standing by, another one is at work")
        self.holds = holds
        return holds

    def leave(self) -> None:
        """Let the successor begin at once; without a database it waits until the lease has run out."""
        if not self.holds:
            return
        try:
            with self.app.app_context():
                leases.release(leases.SCHEDULER, owner=self.owner)
        except SQLAlchemyError as error:
            log.warning("scheduler: the lease could not be given back: %s", reason_of(error))

    def _say(self, job: Job, error: Exception) -> None:
        """In one line where the database is away: nothing is lost, and a trace would lead nowhere."""
        if monotonic() < self._said_at.get(job.name, 0.0) + SAY_AGAIN_SECONDS:
            return
        self._said_at[job.name] = monotonic()
        if is_outage(error):
            log.warning(
                "job %s: the database did not answer, it will run again: %s", job.name, reason_of(error)
            )
        else:
            log.error("job %s failed and will run again", job.name, exc_info=error)
