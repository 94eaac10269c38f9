"""Two at the same rows at once: whoever is second sees what the first one did, and nobody is told what no longer holds."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app import clock
from app.db import session, transaction
from app.notices.queue import outbox
from app.notices.queue.outbox import Prepared
from app.notices.telling import Telling
from app.people.models import Role, SupportArea
from app.tasks import counts
from app.tasks.clock import overdue
from app.tasks.field import implement
from app.tasks.managing import supervise
from app.tasks.models import PointTask
from app.tasks.publishing import copied_in, edit
from app.work import history
from app.work.models import HistoryEvent
from app.work.scanning import due
from tests.tasks.test_reminders import told
from tests.tasks.test_supervise import revoke, send_back
from tests.told_time import ToldTime
from tests.world import World

PATIENCE = 30  # seconds, for the other one to be done

Act = Callable[[], object]
Meanwhile = Callable[[Any, str, Act], Callable[[], list[str]]]

on_postgres = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], None]:
    """Something happens when the scan has put its messages together and has not written them."""

    def between(act: Callable[[], None]) -> None:
        real = outbox.prepare

        def prepare(current: Any, tellings: Iterable[Telling]) -> Prepared:
            made = real(current, tellings)
            monkeypatch.setattr(outbox, "prepare", real)
            act()
            return made

        monkeypatch.setattr(outbox, "prepare", prepare)

    return between


def test_who_closes_while_the_scan_makes_its_cards_is_not_called_late(
    world: World, told_time: ToldTime, meanwhile: Callable[[Callable[[], None]], None]
) -> None:
    task_id = world.published("130102", "130105")
    told_time.pass_(hours=10)
    meanwhile(lambda: world.close(world.row(task_id)))

    overdue.scan()
    overdue.scan()

    assert {who for who, _ in told(world, "overdue")} == {"李静", "赵岚", "孙丽"}


def test_a_row_transferred_while_the_scan_makes_its_cards_is_told_to_whoever_has_it(
    world: World, told_time: ToldTime, meanwhile: Callable[[Callable[[], None]], None]
) -> None:
    task_id = world.published("130102")
    told_time.pass_(hours=10)
    meanwhile(lambda: world.transfer(world.row(task_id).id))

    overdue.scan()
    overdue.scan()

    assert {who for who, _ in told(world, "overdue")} == {"李静", "赵岚", "孙丽"}


def test_a_row_that_another_scan_marks_meanwhile_is_told_of_as_well(
    world: World, told_time: ToldTime, meanwhile: Callable[[Callable[[], None]], None]
) -> None:
    task_id = world.published("130102", "130105", due_at=clock.now() + timedelta(hours=9))
    world.close(world.row(task_id, "130105"), by="李静")
    later = clock.now() + timedelta(hours=9, minutes=5)
    send_back(world, world.row(task_id, "130105"), new_due_at=later)
    told_time.pass_(hours=9, minutes=1)

    def mark() -> None:
        told_time.pass_(minutes=5)
        overdue._mark(due(PointTask.next_look_at, now=clock.now()), clock.now())

    meanwhile(mark)

    overdue.scan()
    overdue.scan()

    assert [who for who, _ in told(world, "overdue")].count("李静") == 1


@pytest.mark.proves("R-P9", "X-A11")
def test_two_scans_at_once_tell_everybody_once(
    world: World, told_time: ToldTime, meanwhile: Callable[[Callable[[], None]], None]
) -> None:
    world.published("130102", "130105")
    told_time.pass_(hours=10)
    overdue._mark(due(PointTask.next_look_at, now=clock.now()), clock.now())
    meanwhile(lambda: overdue.scan() and None)

    overdue.scan()

    assert sorted(who for who, _ in told(world, "overdue")) == sorted(["王强", "李静", "赵岚", "孙丽"])


@on_postgres
def test_a_transfer_waits_for_a_revoke_and_is_refused(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    task_id = world.published("130102")
    row_id, real = world.row(task_id).id, supervise._closed_rows
    came_to_nothing: list[Exception] = []

    def second() -> None:
        with app.app_context():
            try:
                world.transfer(row_id)
            except Exception as error:
                came_to_nothing.append(error)

    other = Thread(target=second)

    def closed_rows(*given: Any) -> int:
        other.start()
        other.join(0.5)  # it waits for the row
        return real(*given)

    monkeypatch.setattr(supervise, "_closed_rows", closed_rows)
    revoke(world, task_id)
    other.join(PATIENCE)

    assert [type(error).__name__ for error in came_to_nothing] == ["Conflict"]
    assert [who for who, wording in world.queued() if wording == "revoke.implementer"] == ["王强"]


@on_postgres
def test_the_scan_and_a_revoke_do_not_wait_for_each_other_in_a_circle(
    app: Flask, world: World, told_time: ToldTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    task_id = world.published("130102", "130104", "130105")
    told_time.pass_(hours=10)
    marking, real = Event(), overdue._count
    failed: list[Exception] = []

    def count(*given: Any) -> None:
        marking.set()
        revoking.join(0.5)  # it has taken what it can
        real(*given)

    def scan() -> None:
        with app.app_context():
            try:
                overdue._mark(due(PointTask.next_look_at, now=clock.now()), clock.now())
            except Exception as error:
                failed.append(error)

    def second() -> None:
        marking.wait(PATIENCE)
        with app.app_context():
            try:
                revoke(world, task_id)
            except Exception as error:
                failed.append(error)

    monkeypatch.setattr(overdue, "_count", count)
    revoking, scanning = Thread(target=second), Thread(target=scan)
    revoking.start()
    scanning.start()
    scanning.join(PATIENCE)
    revoking.join(PATIENCE)

    assert failed == []
    assert world.row(task_id).label == "已撤销"


@pytest.fixture
def meanwhile_at(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """Somebody else begins `act` when the first one has come to `name` of `module`.

    Hands out how to wait for the end of it, which says what it was refused with.
    """

    def meet(module: Any, name: str, act: Act) -> Callable[[], list[str]]:
        refused: list[str] = []
        real = getattr(module, name)

        def begin() -> None:
            with app.app_context():
                try:
                    act()
                except Exception as error:
                    refused.append(type(error).__name__)

        def between(*given: Any, **named: Any) -> Any:
            monkeypatch.setattr(module, name, real)
            other.start()
            other.join(0.5)  # it comes as far as it can
            return real(*given, **named)

        def end() -> list[str]:
            other.join(PATIENCE)
            return refused

        other = Thread(target=begin)
        monkeypatch.setattr(module, name, between)
        return end

    return meet


def changed(world: World, task_id: int, note: str) -> None:
    """编辑 of a form that was opened when the task was published."""
    form = world.form("130102", "130105", note=note)
    edit.edit(task_id, form, by=world.person("林敏"), seen_version=1, form_key=world.key())


@on_postgres
def test_of_two_edits_of_one_version_the_second_is_out_of_date(world: World, meanwhile_at: Meanwhile) -> None:
    task_id = world.published("130102", "130105")
    other = meanwhile_at(counts, "rewrite", lambda: changed(world, task_id, "改成乙"))

    changed(world, task_id, "改成甲")

    assert other() == ["OutOfDate"]
    assert world.row(task_id).task.note == "改成甲"


@on_postgres
def test_a_task_that_is_revoked_meanwhile_is_not_edited(world: World, meanwhile_at: Meanwhile) -> None:
    task_id = world.published("130102")
    other = meanwhile_at(counts, "rewrite", lambda: changed(world, task_id, "改成乙"))

    revoke(world, task_id)

    assert other() == ["OutOfDate"]
    assert "edit" not in {wording.partition(".")[0] for _, wording in world.queued()}


@on_postgres
def test_who_closes_does_not_wait_in_a_circle_with_who_revokes(world: World, meanwhile_at: Meanwhile) -> None:
    task_id = world.published("130102")
    world.feed_back(world.row(task_id))
    other = meanwhile_at(counts, "add", lambda: revoke(world, task_id))

    implement.close(world.row(task_id).id, by=world.person("王强"), seen_version=None, form_key=world.key())

    assert other() == []
    assert world.row(task_id).label == "已撤销"


@on_postgres
def test_who_is_copied_in_changes_before_people_are_told_or_after_it(
    world: World, told_time: ToldTime, meanwhile_at: Meanwhile
) -> None:
    world.published("130102")
    told_time.pass_(hours=10)
    with transaction() as current:
        supervises = (SupportArea.place_code == "130102", SupportArea.role == Role.SUPERVISOR)
        values = {"person_id": world.by_name["李静"]}
        current.execute(sa.update(SupportArea).where(*supervises).values(values))
    by = world.person("何志远")
    other = meanwhile_at(history, "record_once", lambda: copied_in.update_copied_in(["130102"], by=by))

    overdue.scan()

    assert other() == []
    session().rollback()
    newest = sa.select(HistoryEvent.act).order_by(HistoryEvent.id.desc()).limit(1)
    assert session().execute(newest).scalar_one() == copied_in.UPDATE_COPIED_IN
