"""Jobs run under the lease where they need it, and fail alone."""

import logging
from threading import Event, Thread
from time import sleep

import pytest
from apscheduler.job import Job as Scheduled
from apscheduler.schedulers.blocking import BlockingScheduler
from flask import Flask

from scheduler.__main__ import all_jobs, planned
from scheduler.commands import commands
from scheduler.duty import Duty
from scheduler.jobs import Job
from tests.told_time import ToldTime


@pytest.fixture
def done() -> list[str]:
    return []


@pytest.fixture
def duty(core: Flask) -> Duty:
    return Duty(core, stop=Event())


@pytest.mark.proves("X-A11")
def test_a_job_that_needs_the_lease_runs_in_one_process_only(core: Flask, duty: Duty, done: list[str]):
    other = Duty(core, stop=Event())
    for each, name in ((duty, "one"), (other, "two")):
        each.perform(Job("scan", lambda name=name: done.append(name), 1, needs_lease=True))

    assert done == ["one"]
    assert (duty.holds, other.holds) == (True, False)


def test_a_job_without_the_lease_runs_in_every_process(core: Flask, duty: Duty, done: list[str]):
    for each in (duty, Duty(core, stop=Event())):
        each.perform(Job("deliver", lambda: done.append("sent"), 1))

    assert done == ["sent", "sent"]


def test_a_failing_job_is_logged_with_its_trace_and_stops_nothing(
    duty: Duty, done: list[str], caplog: pytest.LogCaptureFixture
):
    job = Job("scan", lambda: done.append(str(1 / 0)), 1)
    with caplog.at_level(logging.ERROR):
        duty.perform(job)
        duty.perform(job)

    [record] = caplog.records  # said once, not twice a second
    assert "scan" in record.getMessage()
    assert "ZeroDivisionError" in (record.exc_text or "")


def test_nothing_is_started_once_the_process_is_told_to_end(duty: Duty, done: list[str]):
    duty.stop.set()
    duty.perform(Job("scan", lambda: done.append("scanned"), 1))

    assert done == []


def test_whoever_leaves_hands_the_lease_over_at_once(core: Flask, duty: Duty, told_time: ToldTime):
    duty.renew()
    duty.leave()

    assert Duty(core, stop=Event()).renew()


NAMES = [
    "amend",
    "deliver",
    "housekeeping",
    "inbox",
    "morning",
    "news",
    "orphans",
    "overdue",
    "prepared",
    "reminders",
    "spellings",
    "totals",
]


def _when_there(scheduler: BlockingScheduler, count: int) -> list[Scheduled]:
    for _ in range(1000):
        if scheduler.running and len(scheduler.get_jobs()) == count:
            break
        sleep(0.01)
    return sorted(scheduler.get_jobs(), key=lambda job: job.id)


@pytest.mark.proves("X-A10")
def test_every_job_is_planned_once_and_late_rather_than_never(core: Flask, duty: Duty):
    scheduler = planned(duty, all_jobs(core, duty.stop))
    Thread(target=scheduler.start, kwargs={"paused": True}, daemon=True).start()
    scheduled = _when_there(scheduler, len(NAMES))
    scheduler.shutdown()

    assert [job.id for job in scheduled] == NAMES
    assert {(job.max_instances, job.coalesce, job.misfire_grace_time) for job in scheduled} == {
        (1, True, None)
    }


def test_the_jobs_that_may_run_in_one_process_only(core: Flask):
    needing = {job.name for job in all_jobs(core, Event()) if job.needs_lease}

    assert needing == {
        "overdue",
        "reminders",
        "morning",
        "news",
        "housekeeping",
        "orphans",
        "prepared",
        "spellings",
        "totals",
    }


def test_a_job_can_be_run_once_by_hand(core: Flask):
    result = core.test_cli_runner().invoke(commands(all_jobs), ["once", "overdue"])

    assert result.exit_code == 0
    assert result.output == "overdue：0\n"


def test_an_unknown_job_is_refused_with_the_names_there_are(core: Flask):
    result = core.test_cli_runner().invoke(commands(all_jobs), ["once", "nothing"])

    assert result.exit_code == 2
    assert "、".join(NAMES) in result.output


def test_a_job_with_hours_runs_in_these_only(duty: Duty, done: list[str], told_time: ToldTime):
    for hour in ("01:59", "02:00", "04:59", "05:00", "09:00"):
        told_time.at(f"2026-11-23 {hour}")
        duty.perform(Job("totals", lambda hour=hour: done.append(hour), 1, hours=range(2, 5)))

    assert done == ["02:00", "04:59"]


def test_old_records_are_summed_up_at_night(core: Flask):
    [job] = [job for job in all_jobs(core, Event()) if job.name == "totals"]

    assert (job.hours, job.needs_lease, job.run()) == (range(2, 5), True, 0)
