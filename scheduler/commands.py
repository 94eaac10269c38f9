"""`flask scheduler …`."""

from collections.abc import Callable
from threading import Event

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from scheduler.jobs import Job


def commands(all_jobs: Callable[[Flask, Event], list[Job]]) -> AppGroup:
    """The group of commands; the composition says which jobs there are."""
    group = AppGroup("scheduler", help="按时钟运行的后台作业。")

    @group.command()
    @click.argument("job")
    def once(job: str) -> None:
        """立即运行一次后台作业 JOB，可与正在运行的 scheduler 同时进行。"""
        known = {each.name: each for each in all_jobs(current_app._get_current_object(), Event())}  # type: ignore[attr-defined]
        if job not in known:
            raise click.BadParameter(f"没有这个作业，可用的有：{'、'.join(sorted(known))}。")
        click.echo(f"{job}：{known[job].run()}")

    return group
