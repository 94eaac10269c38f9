"""The command line: `flask …`."""

from threading import Event

import click
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy.exc import OperationalError, ProgrammingError

from app.demo import demo
from app.doctor import doctor
from app.errors import Refusal
from app.notices.commands import deliveries
from app.people.commands import people
from app.places.commands import places
from app.tasks.commands import patches
from scheduler.commands import commands as scheduler_commands
from scheduler.jobs import Job


def _all_jobs(app: Flask, stop: Event) -> list[Job]:
    from scheduler.__main__ import all_jobs  # brings APScheduler, which the web never needs

    return all_jobs(app, stop)


GROUPS: tuple[AppGroup, ...] = (places, people, patches, deliveries, scheduler_commands(_all_jobs), demo)


class Refused(click.ClickException):
    """A refusal as the terminal shows it; the exit code is 1."""

    def show(self, file: object = None) -> None:  # noqa: ARG002
        """One sentence on standard error."""
        click.echo(f"✗ {self.message}", err=True)


class Door(AppGroup):
    """Turns refusals into a sentence and an exit code, as every door does."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except Refusal as refusal:
            raise Refused(str(refusal)) from None
        except (OperationalError, ProgrammingError) as error:
            reason = str(error.orig).strip().splitlines()[0]
            raise Refused(
                f"数据库不能用（{reason}）。请先运行 flask db upgrade，或用 flask doctor 检查。"
            ) from None


def register_commands(app: Flask) -> None:
    """Attach every command group to `app`."""
    for group in GROUPS:
        app.cli.add_command(Door(group.name, commands=group.commands, help=group.help))
    app.cli.add_command(doctor)
