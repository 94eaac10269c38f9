"""汇总: what was settled long ago becomes numbers, and nothing else changes by it."""

from datetime import date, timedelta
from threading import Event

import pytest
import sqlalchemy as sa
from flask import Flask

from app import clock
from app.db import session, transaction
from app.insight import mornings
from app.notices.aftercare.carrying import amend_due
from app.notices.ledger import lines as ledger
from app.notices.ledger import opened, totals
from app.notices.models import DayTotal, Delivery, Outcome
from app.notices.pacing import QuietHours
from app.notices.sending.messages import deliver_due
from app.settings import BadSettings, load
from app.tasks.clock import overdue, reminders
from app.tasks.managing import supervise, who_saw
from app.tasks.telling import scopes as of_tasks
from app.wecom.errors import WillNeverWork
from callbacks import inbox
from callbacks.models import InboxEvent
from tests.mail import PostOffice, queue
from tests.told_time import ToldTime
from tests.world import World

MONDAY = date(2026, 11, 23)


def sum_up(*olds: totals.Old, **changes: object) -> int:
    return totals.sum_up(olds or totals.OURS, **({"keep_days": 90} | changes))


def numbers(kind: str = totals.MESSAGES) -> dict[tuple[date, str, str], int]:
    """(day, what, outcome) → how many, as the table has it."""
    session().rollback()
    rows = session().execute(sa.select(DayTotal).where(DayTotal.kind == kind)).scalars()
    return {(row.day, row.what, row.outcome): row.number for row in rows}


def listed() -> list[int]:
    """The messages that are still there one by one."""
    session().rollback()
    return list(session().execute(sa.select(Delivery.id).order_by(Delivery.id)).scalars())


def test_what_was_settled_ninety_days_ago_is_counted_by_day_wording_and_outcome(
    core: Flask, told_time: ToldTime
) -> None:
    office = PostOffice()
    office.answers("lijing", WillNeverWork(81013, "不可见（81013）", invalid_recipient=True))
    old = queue("wangqiang", "lijing")
    deliver_due(office)
    told_time.pass_(days=1)
    young = queue("wangqiang")
    deliver_due(office)
    told_time.pass_(days=89, seconds=1)

    assert sum_up() == 2

    assert listed() == young
    assert numbers() == {(MONDAY, "test.0", "已受理"): 1, (MONDAY, "test.1", "无效账号"): 1}
    assert (sum_up(), old) == (0, [1, 2])


def test_what_waits_stays_however_old_it_is(core: Flask, told_time: ToldTime) -> None:
    waiting = queue("wangqiang", "lijing")
    told_time.pass_(days=400)

    assert sum_up() == 0
    assert listed() == waiting


@pytest.mark.proves("X-A9")
def test_days_are_those_of_shanghai_and_later_runs_add_to_them(core: Flask, told_time: ToldTime) -> None:
    for wall_clock in ("2026-11-23 00:30", "2026-11-23 23:30", "2026-11-24 12:00"):
        told_time.at(wall_clock)
        queue("wangqiang")
        deliver_due(PostOffice())
    told_time.at("2027-02-21 12:00")
    assert sum_up() == 1
    told_time.at("2027-02-22 12:00")
    assert sum_up() == 1

    assert numbers() == {(MONDAY, "test.0", "已受理"): 2}


def test_chunk_by_chunk_and_told_to_stop_it_goes_on_next_time(
    core: Flask, told_time: ToldTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(totals, "CHUNK", 2)
    queue(*["wangqiang"] * 7)
    deliver_due(PostOffice())
    told_time.pass_(days=91)
    stop, whole = Event(), totals._sum_up_chunk

    def one_chunk(*asked: object) -> int:
        stop.set()
        return whole(*asked)

    monkeypatch.setattr(totals, "_sum_up_chunk", one_chunk)
    assert sum_up(stop=stop) == 2
    monkeypatch.undo()
    assert sum_up() == 4

    assert sum(numbers().values()) == 6
    assert len(listed()) == 1  # the newest: its number must not be given out again


def test_a_change_of_a_card_goes_before_its_message_and_keeps_it_while_it_is_young(
    world: World, told_time: ToldTime
) -> None:
    task_id = world.published("130102")
    deliver_due(PostOffice())
    told_time.pass_(days=30)
    supervise.revoke(task_id, by=world.person("林敏"), reason="误发", seen_version=None, form_key=world.key())
    deliver_due(PostOffice())
    amend_due(None)  # type: ignore[arg-type]  (too old to be recalled: nothing is called)
    told_time.pass_(days=61)
    assert sum_up() == 0

    told_time.pass_(days=30)
    assert sum_up() == 3 + 5

    assert sum(numbers(totals.AMENDMENTS).values()) == 3
    assert {what: number for (_, what, _), number in numbers().items()} == {
        "publish.implementer": 1,
        "publish.copied_in": 2,
        "revoke.implementer": 1,
        "revoke.copied_in": 1,
    }


def test_merged_messages_count_as_what_their_digest_became(
    app: Flask, world: World, told_time: ToldTime
) -> None:
    app.config["QUIET_HOURS"] = QuietHours.read("21:00-08:30")
    task_id = world.published("130102", type="数据调度", due_at=clock.now() + timedelta(hours=14))
    deliver_due(PostOffice())
    told_time.at("2026-11-23 23:01")
    overdue.scan()
    supervise.urge_all(task_id, by=world.person("林敏"), form_key=world.key())
    told_time.at("2026-11-24 08:41")  # everybody's minute of the morning has come
    mornings.release()
    deliver_due(PostOffice())
    told_time.pass_(days=4)
    amend_due(None)  # type: ignore[arg-type]
    told_time.pass_(days=91)
    queue("wangqiang")

    sum_up()
    sum_up()  # a digest goes the night after what it said

    found = numbers()
    assert found[MONDAY, "overdue.implementer", "已受理"] == 1
    assert found[MONDAY, "urge.copied_in", "已受理"] == 2
    assert found[date(2026, 11, 24), "digest.everyone", "已受理"] == 3
    assert len(listed()) == 1


def test_nothing_is_announced_again_because_its_message_has_gone(world: World, told_time: ToldTime) -> None:
    world.published("130102", due_at=clock.now() + timedelta(hours=9))
    for day in range(100):
        told_time.at("2026-11-23 18:01")
        told_time.pass_(days=day)
        reminders.scan()
        overdue.scan()
        deliver_due(PostOffice())
    before = listed()[-1]
    assert sum_up() > 0

    told_time.pass_(minutes=1)
    assert (reminders.scan(), overdue.scan()) == (0, 0)
    assert listed()[-1] == before


def test_what_people_did_stays_known_without_their_messages(world: World, told_time: ToldTime) -> None:
    task_id = world.published("130102")
    deliver_due(PostOffice())
    row = world.row(task_id)
    who_saw.row_opened(row, by=world.person("王强"))
    opened_at = clock.now()
    told_time.pass_(days=91)
    world.published("130105")
    assert sum_up() == 3

    [seen] = who_saw.seen_of(task_id)
    assert (seen.stage, seen.opened_at) == ("已打开", opened_at)
    assert ledger.page(of_tasks.of_task(task_id)).lines == []
    assert opened.latest(of_tasks.of_task(task_id)) == {}
    assert supervise.urge_all(task_id, by=world.person("林敏"), form_key=world.key()).people == 3


def test_settled_callbacks_are_counted_and_those_that_wait_stay(core: Flask, told_time: ToldTime) -> None:
    now = clock.now()
    states = {"done": (None, now), "given-up": (None, None), "waits": (now, None)}
    with transaction() as current:
        for key, (next_at, done_at) in states.items():
            event = InboxEvent(key=key, event="view", content={}, received_at=now)
            event.next_at, event.done_at = next_at, done_at
            current.add(event)
    told_time.pass_(days=91)

    assert sum_up(inbox.OLD) == 2

    assert numbers("回调") == {(MONDAY, "view", "已处理"): 1, (MONDAY, "view", "已放弃"): 1}
    assert list(session().execute(sa.select(InboxEvent.key)).scalars()) == ["waits"]


def test_the_sums_of_some_days_and_outcomes(core: Flask, told_time: ToldTime) -> None:
    office = PostOffice()
    office.answers("lijing", WillNeverWork(81013, "不可见（81013）", invalid_recipient=True))
    queue("wangqiang", "lijing")
    deliver_due(office)
    told_time.pass_(days=1)
    queue("wangqiang", "wangqiang")
    deliver_due(office)
    told_time.pass_(days=100)
    queue("wangqiang")
    assert totals.sums() is None
    sum_up()

    found = totals.sums()
    assert (found.first, found.last, found.total) == (MONDAY, date(2026, 11, 24), 4)
    assert found.by_outcome == {"已受理": 3, "无效账号": 1}
    assert totals.sums(since=date(2026, 11, 24)).total == 2
    assert totals.sums(until=MONDAY, outcomes=[Outcome.INVALID_ACCOUNT]).by_outcome == {"无效账号": 1}
    assert totals.sums(since=date(2026, 11, 25)) is None


@pytest.mark.parametrize("days", ["29", "3651", "0"])
def test_fewer_days_than_a_message_can_change_are_refused(days: str) -> None:
    with pytest.raises(BadSettings, match="DELIVERY_KEEP_DAYS：应为 30 到 3650"):
        load({"MODE": "demo", "DELIVERY_KEEP_DAYS": days})
