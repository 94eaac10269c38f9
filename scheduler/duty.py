"""Runs jobs: under the lease where they need it, and so that a failing one stops nothing else."""

import logging
import os
import secrets
import socket
from datetime import timedelta
from threading import Event
from time import monotonic

from flask import Flask

from app import clock
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
        except Exception:
            self._say(job)

    def renew(self) -> bool:
        """Give a sign of life and keep, or try to take, the lease."""
        holds = leases.acquire(leases.SCHEDULER, owner=self.owner, lasts=self.lease_lasts)
        if holds != self.holds:
            log.info("scheduler: %s", "holding the lease" if holds else "standing by, another one is at work")
        self.holds = holds
        return holds

    def leave(self) -> None:
        """Let the successor begin at once."""
        if self.holds:
            with self.app.app_context():
                leases.release(leases.SCHEDULER, owner=self.owner)

    def _say(self, job: Job) -> None:
        if monotonic() >= self._said_at.get(job.name, 0.0) + SAY_AGAIN_SECONDS:
            self._said_at[job.name] = monotonic()
            log.exception("job %s failed and will run again", job.name)
