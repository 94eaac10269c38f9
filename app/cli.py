"""The command line: `flask …`."""

from threading import Event

import click
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy.exc import OperationalError, ProgrammingError, SQLAlchemyError

from app.administration.commands import people
from app.administration.place_commands import places
from app.demo import demo
from app.doctor import doctor
from app.errors import Refusal
from app.notices.ledger.commands import deliveries
from app.outage import is_outage, reason_of
from app.tasks.patches.commands import patches
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
        except SQLAlchemyError as error:
            raise Refused(_in_words(error)) from None


def _in_words(error: SQLAlchemyError) -> str:
    """What to do about a database that does not take the command; everything else keeps its trace."""
    if is_outage(error):
        return f"数据库没有应答（{reason_of(error)}），什么都没有改。请确认数据库已启动，然后再运行一次。"
    if isinstance(error, OperationalError | ProgrammingError):
        return f"数据库不能用（{reason_of(error)}）。请先运行 flask db upgrade，或用 flask doctor 检查。"
    raise error


def register_commands(app: Flask) -> None:
    """Attach every command group to `app`."""
    for group in GROUPS:
        app.cli.add_command(Door(group.name, commands=group.commands, help=group.help))
    app.cli.add_command(doctor)
