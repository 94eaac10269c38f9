"""For probes: alive, ready, and how much waits."""

import pytest
import sqlalchemy as sa
from flask import Flask

from app.db import transaction
from app.notices.sending.messages import deliver_due
from app.tasks.managing import supervise
from app.work import leases
from tests.mail import PostOffice
from tests.told_time import ToldTime
from tests.visitor import Visitor
from tests.world import World

WELL = {"database": "ok", "migrations": "ok", "scheduler": "ok", "delivery": "ok", "amendments": "ok"}


def test_ready_means_migrated_scheduled_and_sending(
    client: Visitor, world: World, told_time: ToldTime
) -> None:
    assert client.get("/readyz").json["checks"]["scheduler"] == "never seen"
    leases.acquire(leases.SCHEDULER, owner="test")
    nothing = {"number": 0, "oldest_seconds": 0}
    assert client.get("/readyz").json == {
        "status": "ok",
        "checks": WELL,
        "waiting": {"deliveries": nothing, "amendments": nothing},
    }
    told_time.pass_(minutes=20)
    assert client.get("/readyz").status_code == 503


@pytest.mark.parametrize(
    ("revision", "said"),
    [
        ("0001", "behind: 数据库比程序旧，请执行 flask db upgrade"),
        ("9999", "ahead: 数据库比程序新，请更新程序"),
        (None, "behind: 数据库比程序旧，请执行 flask db upgrade"),
    ],
)
@pytest.mark.proves("X-A12")
def test_an_older_schema_and_a_newer_one_are_told_apart(
    app: Flask, client: Visitor, revision: str | None, said: str
) -> None:
    with transaction() as current:
        current.execute(sa.text("DELETE FROM alembic_version"))
        if revision:
            current.execute(sa.text("INSERT INTO alembic_version VALUES (:is)"), {"is": revision})

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json["checks"] == {"database": "ok", "migrations": said}
    told = app.test_cli_runner().invoke(args=["doctor"]).stdout.splitlines()[-1]
    assert told.startswith("✗ 数据库结构：数据库比程序" + ("新" if revision == "9999" else "旧"))


def revoked(world: World) -> None:
    """Three people hold a card whose work is gone, and three new messages say so."""
    task_id = world.published("130102")
    deliver_due(PostOffice())
    supervise.revoke(task_id, by=world.person("林敏"), reason="误发", seen_version=None, form_key=world.key())


def test_what_waits_is_counted_with_the_age_of_the_oldest(
    client: Visitor, world: World, told_time: ToldTime
) -> None:
    revoked(world)
    told_time.pass_(minutes=20)

    answer = client.get("/readyz")

    waits = {"number": 3, "oldest_seconds": 1200}
    assert answer.status_code == 503
    assert answer.json["waiting"] == {"deliveries": waits, "amendments": waits}
    assert answer.json["checks"]["amendments"] == "3 waiting, the oldest for 1200 s"


def test_the_same_numbers_are_there_for_the_monitor(
    client: Visitor, world: World, told_time: ToldTime
) -> None:
    leases.acquire(leases.SCHEDULER, owner="test")
    revoked(world)
    told_time.pass_(seconds=7)

    answer = client.get("/metrics")

    numbers = [line.split() for line in answer.text.splitlines() if not line.startswith("#")]
    assert dict(numbers) == {
        "service_tasks_deliveries_waiting": "3",
        "service_tasks_deliveries_oldest_seconds": "7",
        "service_tasks_amendments_waiting": "3",
        "service_tasks_amendments_oldest_seconds": "7",
        "service_tasks_queue_paused": "0",
        "service_tasks_scheduler_heartbeat_age_seconds": "7",
    }
    assert answer.content_type.startswith("text/plain")
