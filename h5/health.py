"""Is the process alive, and can the product do its work? For probes; tells no names."""

import logging
from datetime import timedelta

from flask import Blueprint, Response, jsonify
from sqlalchemy.exc import SQLAlchemyError

from app import outage, schema
from app.notices.sending.backlog import Backlog, Waiting, backlog
from app.outage import reason_of
from app.schema import State
from app.work import leases
from h5.frame.rights import open_to_all

bp = Blueprint("health", __name__)
log = logging.getLogger(__name__)

OLDEST_HEARTBEAT = timedelta(seconds=60)  # it beats every 10 seconds
OLDEST_WAITING = timedelta(minutes=15)
SCHEMA = {
    State.PRESENT: "ok",
    State.OLDER: "behind: 数据库比程序旧，请执行 flask db upgrade",
    State.NEWER: "ahead: 数据库比程序新，请更新程序",
}
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
def readyz() -> Response:
    """Database, migrations, scheduler heartbeat, backlog; 503 where one of them is not well."""
    checks, waiting = {"database": "ok"}, {}
    try:
        checks["migrations"] = SCHEMA[schema.look().state]
        if checks["migrations"] == "ok":  # what stands on something broken is not looked at
            waits = backlog()
            checks |= {
                "scheduler": _scheduler(),
                "delivery": _delivery(waits),
                "amendments": _late(waits.amendments) or "ok",
            }
            waiting = {
                "deliveries": _in_numbers(waits.messages),
                "amendments": _in_numbers(waits.amendments),
            }
    except SQLAlchemyError as error:
        log.warning("not ready: %s", reason_of(error))
        checks = {"database": "unreachable"}
    ready = set(checks.values()) == {"ok"}
    response = jsonify(status="ok" if ready else "not ready", checks=checks, waiting=waiting)
    return response if ready else _unavailable(response)


@bp.get("/metrics")
@open_to_all
def metrics() -> Response:
    """The same in the text format that Prometheus reads; a failing database is a 503."""
    try:
        waits, heartbeat = backlog(), leases.heartbeat_age()
    except SQLAlchemyError as error:
        log.warning("no numbers: %s", reason_of(error))
        return _unavailable(
            Response("数据库没有应答，请稍后再试。\n", content_type="text/plain; charset=utf-8")
        )
    found = {
        "deliveries_waiting": waits.messages.number,
        "deliveries_oldest_seconds": int(waits.messages.age.total_seconds()),
        "amendments_waiting": waits.amendments.number,
        "amendments_oldest_seconds": int(waits.amendments.age.total_seconds()),
        "queue_paused": int(waits.stopped is not None),
    }
    if heartbeat is not None:
        found["scheduler_heartbeat_age_seconds"] = int(heartbeat.total_seconds())
    lines = [
        f"# HELP {PREFIX}{name} {METRICS[name]}\n# TYPE {PREFIX}{name} gauge\n{PREFIX}{name} {value}\n"
        for name, value in found.items()
    ]
    return Response("".join(lines), content_type="text/plain; version=0.0.4; charset=utf-8")


def _unavailable(response: Response) -> Response:
    response.status_code = 503
    response.headers["Retry-After"] = str(outage.SECONDS)
    return response


def _scheduler() -> str:
    age = leases.heartbeat_age()
    if age is None:
        return "never seen"
    return "ok" if age <= OLDEST_HEARTBEAT else f"last seen {int(age.total_seconds())} s ago"


def _delivery(waits: Backlog) -> str:
    """Well unless it is held, or something has waited for longer than any pacing explains."""
    if waits.stopped is not None:
        code = waits.stopped.errcode
        return f"held ({code})" if code is not None else "held"
    return _late(waits.messages) or "ok"


def _late(waiting: Waiting) -> str:
    """What is wrong with a queue, "" where nothing is."""
    seconds = int(waiting.age.total_seconds())
    return f"{waiting.number} waiting, the oldest for {seconds} s" if waiting.age > OLDEST_WAITING else ""


def _in_numbers(waiting: Waiting) -> dict[str, int]:
    return {"number": waiting.number, "oldest_seconds": int(waiting.age.total_seconds())}
