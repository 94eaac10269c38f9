"""Is the process alive, and can the product do its work? For probes; tells no names."""

from datetime import timedelta
from typing import Any

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, Response, current_app
from sqlalchemy.exc import SQLAlchemyError

from app.db import session
from app.notices import delivery
from app.notices.delivery import Backlog, Waiting
from app.work import leases
from h5.rights import open_to_all

bp = Blueprint("health", __name__)

OLDEST_HEARTBEAT = timedelta(seconds=60)  # it beats every 10 seconds
OLDEST_WAITING = timedelta(minutes=15)
PREFIX = "service_tasks_"
METRICS = {
    "deliveries_waiting": "Messages that wait to be sent.",
    "deliveries_oldest_seconds": "For how long the oldest of them has waited.",
    "amendments_waiting": "Recalls and changes of cards that wait to be carried out.",
    "amendments_oldest_seconds": "For how long the oldest of them has waited.",
    "queue_paused": "1 while both queues stand still until somebody mends a setting.",
    "scheduler_heartbeat_age_seconds": "How long ago the scheduler gave a sign of life.",
}


@bp.get("/healthz")
@open_to_all
def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@bp.get("/readyz")
@open_to_all
def readyz() -> tuple[dict[str, Any], int]:
    """Database, migrations, scheduler heartbeat, backlog; 503 where one of them is not well."""
    try:
        checks = {
            "database": "ok",
            "migrations": _migrations(),
            "scheduler": _scheduler(),
            "delivery": _delivery(backlog := delivery.backlog()),
            "amendments": _late(backlog.amendments) or "ok",
        }
        waiting = {
            "deliveries": _in_numbers(backlog.messages),
            "amendments": _in_numbers(backlog.amendments),
        }
    except SQLAlchemyError:
        session().rollback()
        checks, waiting = {"database": "unreachable"}, {}
    ready = set(checks.values()) == {"ok"}
    said = {"status": "ok" if ready else "not ready", "checks": checks, "waiting": waiting}
    return said, 200 if ready else 503


@bp.get("/metrics")
@open_to_all
def metrics() -> Response:
    """The same in the text format that Prometheus reads; a failing database is a 503."""
    backlog, heartbeat = delivery.backlog(), leases.heartbeat_age()
    found = {
        "deliveries_waiting": backlog.messages.number,
        "deliveries_oldest_seconds": int(backlog.messages.age.total_seconds()),
        "amendments_waiting": backlog.amendments.number,
        "amendments_oldest_seconds": int(backlog.amendments.age.total_seconds()),
        "queue_paused": int(backlog.paused is not None),
    }
    if heartbeat is not None:
        found["scheduler_heartbeat_age_seconds"] = int(heartbeat.total_seconds())
    lines = [
        f"# HELP {PREFIX}{name} {METRICS[name]}\n# TYPE {PREFIX}{name} gauge\n{PREFIX}{name} {value}\n"
        for name, value in found.items()
    ]
    return Response("".join(lines), content_type="text/plain; version=0.0.4; charset=utf-8")


def _migrations() -> str:
    config = current_app.extensions["migrate"].migrate.get_config()
    wanted = set(ScriptDirectory.from_config(config).get_heads())
    present = set(MigrationContext.configure(session().connection()).get_current_heads())
    return "ok" if wanted == present else "behind"


def _scheduler() -> str:
    age = leases.heartbeat_age()
    if age is None:
        return "never seen"
    return "ok" if age <= OLDEST_HEARTBEAT else f"last seen {int(age.total_seconds())} s ago"


def _delivery(backlog: Backlog) -> str:
    """Well unless it is held, or something has waited for longer than any pacing explains."""
    if backlog.paused is not None:
        code = backlog.paused.errcode
        return f"held ({code})" if code is not None else "held"
    return _late(backlog.messages) or "ok"


def _late(waiting: Waiting) -> str:
    """What is wrong with a queue, "" where nothing is."""
    seconds = int(waiting.age.total_seconds())
    return f"{waiting.number} waiting, the oldest for {seconds} s" if waiting.age > OLDEST_WAITING else ""


def _in_numbers(waiting: Waiting) -> dict[str, int]:
    return {"number": waiting.number, "oldest_seconds": int(waiting.age.total_seconds())}
