"""B-P4: how long another writer waits while 50 modules are published to every county, rolled back, revoked."""

import multiprocessing
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from multiprocessing.connection import Connection

import sqlalchemy as sa
from flask import Flask

from app.db import session, transaction
from app.people.models import Person
from app.places.models import Place
from app.tasks.managing import supervise
from app.tasks.models import PatchModule, PointTask, TaskItem
from app.tasks.patches import registering
from app.tasks.publishing import publish
from app.tasks.publishing.plan import PublishForm
from app.tasks.rollback import rolling_back
from app.work import form_keys
from benchmarks import country
from benchmarks.report import Report
from tests.databases import close_database, settings_for

MODULES = 50
ACTS = ("publish", "roll back", "revoke")
EVERY_SECONDS = 0.01
QUIET_SECONDS = 2.0


def beside_another_writer(report: Report, app: Flask, *, dialect: str) -> None:
    """A process of its own does the acts, this one writes a row all the time."""
    address = app.config["SQLALCHEMY_DATABASE_URI"]
    ours, theirs = multiprocessing.Pipe()
    worker = multiprocessing.get_context("spawn").Process(target=_work, args=(address, theirs))
    worker.start()
    theirs.close()  # so that a worker that fails is noticed
    try:
        assert ours.recv() == "ready"
        with app.app_context():
            until = time.perf_counter() + QUIET_SECONDS
            quiet = max(_waits(lambda: time.perf_counter() < until))
            for act in ACTS:
                ours.send(act)
                waits = list(_waits(lambda: not ours.poll()))
                note = f"{len(waits)} 次写入，{ours.recv():.1f} s；没有别人时最长 {quiet * 1000:.0f} ms"
                report.add(f"B-P4 {act}", dialect, max(waits) * 1000, note)
    finally:
        worker.join()
    assert worker.exitcode == 0


def _waits(goes_on: Callable[[], bool]) -> Iterator[float]:
    """Seconds of one small write after the other; one that fails fails the run."""
    person_id = country.person(country.HEAD).id
    session().rollback()
    while goes_on():
        start = time.perf_counter()
        with transaction() as current:
            current.execute(sa.update(Person).where(Person.id == person_id).values(position="主任"))
        yield time.perf_counter() - start
        time.sleep(EVERY_SECONDS)


def _work(address: str, theirs: Connection) -> None:
    """What was asked for, one act after the other, each answered with its seconds."""
    app = country.standing_still(settings_for(address, LOG_LEVEL="ERROR"))
    with app.app_context():
        upgrade = _Upgrade()
        theirs.send("ready")
        for act in ACTS:
            assert theirs.recv() == act
            start = time.perf_counter()
            upgrade.do(act)
            theirs.send(time.perf_counter() - start)
        close_database()


class _Upgrade:
    """One 升级任务 in every county."""

    def __init__(self) -> None:
        modules = tuple((f"模块{n}", "修复已知问题。") for n in range(MODULES))
        package = registering.PatchPackage("大补丁", "1", modules)
        self.patch_id, _ = registering.register(package, by=country.person(country.PUBLISHER), sender="基准")
        counties = sa.select(Place.code).where(Place.is_leaf, Place.name.not_like("%片"))
        self.codes = tuple(session().execute(counties).scalars())
        self.task_id = 0

    def do(self, act: str) -> None:
        """An act as the door would call it."""
        by, key = country.person(country.PUBLISHER), form_keys.new_key()
        if act == "publish":
            due_at = country.NOW + timedelta(days=3)
            form = PublishForm("升级任务", "紧急", due_at, self.codes, patch_id=self.patch_id)
            self.task_id = publish.publish(form, by=by, form_key=key)
            self._half_done()
        elif act == "roll back":
            ids = sa.select(PatchModule.id).where(PatchModule.patch_id == self.patch_id)
            chosen = set(session().execute(ids.limit(MODULES // 2)).scalars())
            rolling_back.roll_back(
                self.task_id, by=by, module_ids=chosen, reason="有误", seen_version=None, form_key=key
            )
        else:
            supervise.revoke(self.task_id, by=by, reason="不需要了", seen_version=None, form_key=key)

    def _half_done(self) -> None:
        """Every second item is 是, a few rows at a time: nobody else waits for it."""
        rows = list(
            session().execute(sa.select(PointTask.id).where(PointTask.task_id == self.task_id)).scalars()
        )
        for start in range(0, len(rows), 50):
            part = rows[start : start + 50]
            items = sa.update(TaskItem).where(TaskItem.point_task_id.in_(part), TaskItem.id % 2 == 0)
            done = sa.update(PointTask).where(PointTask.id.in_(part))
            with transaction() as current:
                current.execute(items.values(state=1).execution_options(synchronize_session=False))
                current.execute(
                    done.values(items_done=MODULES // 2).execution_options(synchronize_session=False)
                )
            time.sleep(EVERY_SECONDS)
