"""Is the process alive, and can the product do its work? For probes; tells no names."""

from datetime import timedelta
from typing import Any

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, current_app
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.db import session
from app.notices import delivery
from app.work import leases
from h5.rights import open_to_all

bp = Blueprint("health", __name__)

OLDEST_HEARTBEAT = timedelta(seconds=60)  # it beats every 10 seconds
OLDEST_WAITING = timedelta(minutes=15)


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
            "delivery": _delivery(),
        }
    except SQLAlchemyError:
        session().rollback()
        checks = {"database": "unreachable"}
    ready = set(checks.values()) == {"ok"}
    return {"status": "ok" if ready else "not ready", "checks": checks}, 200 if ready else 503


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


def _delivery() -> str:
    """Well unless it is held, or something has waited for longer than any pacing explains."""
    backlog = delivery.backlog()
    if backlog.paused is not None:
        code = backlog.paused.errcode
        return f"held ({code})" if code is not None else "held"
    late = backlog.oldest_at is not None and clock.now() - backlog.oldest_at > OLDEST_WAITING
    return f"{backlog.pending} waiting" if late else "ok"
