"""What was fed back and closed, as its publisher reads it in the app: one entry a task, which grows (Q44)."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app import clock
from app.db import session
from app.errors import BadInput
from app.notices.ledger import inbox
from app.notices.models import Delivery
from app.tasks.clock import news
from app.tasks.field import implement
from app.tasks.managing import supervise
from app.tasks.publishing import edit
from tests.world import World


@pytest.fixture
def watch() -> news.Watch:
    return news.Watch()


def entries(world: World, name: str = "林敏") -> list[Delivery]:
    """What stands in the person's list of messages, newest first."""
    found = inbox.messages_page(world.person(name)).messages
    return [one for one in found if one.wording.startswith("progress.")]


def say(
    world: World, task_id: int, code: str, note: str, *, by: str, cannot_meet: bool | None = None
) -> None:
    implement.feed_back(
        world.row(task_id, code).id,
        by=world.person(by),
        done_item_ids=None,
        note=note,
        seen_version=None,
        form_key=world.key(),
        cannot_meet=cannot_meet,
    )


def test_what_was_fed_back_and_closed_is_one_entry_that_grows_Q44(world, watch, told_time):
    task_id = world.published("130102", "130104", "130105")
    world.close(world.row(task_id, "130102"))
    assert watch.scan() == 1
    told_time.pass_(minutes=1)
    world.close(world.row(task_id, "130104"))
    say(world, task_id, "130105", "正在联系厂家", by="李静")
    assert watch.scan() == 1

    [entry] = entries(world)
    assert entry.text == (
        "【任务进展】：应急事件任务已办结 2/3 个点位，另有 1 个已反馈。\n"
        "11-23 09:01 新华区 李静 反馈\n11-23 09:01 桥西区 王强 办结\n11-23 09:01 桥西区 王强 反馈"
    )
    assert (entry.outcome, entry.link, entry.body) == ("站内", f"/tasks/{task_id}", b"")
    assert entries(world, "王强") == entries(world, "赵岚") == []


def test_an_entry_that_was_read_is_unread_and_on_top_when_it_grows(world, watch, told_time):
    first, second = world.published("130102", "130104"), world.published("130105")
    world.close(world.row(first))
    watch.scan()
    told_time.pass_(minutes=10)
    world.close(world.row(second, "130105"), by="李静")
    watch.scan()
    inbox.mark_read(world.person("林敏"), up_to=entries(world)[0].id)
    told_time.pass_(minutes=10)

    world.close(world.row(first, "130104"))
    watch.scan()

    assert [(one.subject_id, one.read_at is None) for one in entries(world)] == [
        (first, True),
        (second, False),
    ]
    assert inbox.unread_count(world.person("林敏")) == 1


def test_where_nothing_happened_nothing_is_written(world, watch):
    task_id = world.published("130102")
    assert watch.scan() == 0
    say(world, task_id, "130102", "正在处理", by="王强")

    assert [watch.scan(), watch.scan(), news.Watch().scan()] == [1, 0, 0]


def test_what_cannot_be_done_in_time_comes_first_with_its_reason(world, watch):
    task_id = world.published("130102", "130105")
    world.close(world.row(task_id, "130102"))
    say(world, task_id, "130105", "设备未到货，预计周五", by="李静", cannot_meet=True)
    watch.scan()

    [entry] = entries(world)
    assert entry.wording == "progress.hopeless"
    assert entry.text.startswith(
        "【任务进展】：应急事件任务有点位无法按时完成：新华区（李静：设备未到货，预计周五）。已办结 1/2 个点位"
    )


@pytest.mark.parametrize("how", ["said", "closed", "given more time"])
def test_it_no_longer_stands_out_once_it_can_be_done(world, watch, how):
    task_id = world.published("130102")
    say(world, task_id, "130102", "设备未到货", by="王强", cannot_meet=True)
    watch.scan()
    if how == "said":
        say(world, task_id, "130102", "到货了", by="王强", cannot_meet=False)
    if how == "closed":
        world.close(world.row(task_id))
    if how == "given more time":
        form = world.form("130102", due_at=clock.now() + timedelta(days=3))
        edit.edit(task_id, form, by=world.person("林敏"), seen_version=None, form_key=world.key())
        say(world, task_id, "130102", "来得及", by="王强")
    watch.scan()

    assert [one.wording for one in entries(world)] == ["progress.so_far"]
    assert not world.row(task_id).is_hopeless


def test_that_it_cannot_be_done_in_time_wants_a_reason(world):
    task_id = world.published("130102")
    with pytest.raises(BadInput) as refusal:
        say(world, task_id, "130102", " ", by="王强", cannot_meet=True)

    assert refusal.value.fields["note"].startswith("勾选了“无法按时完成”，请写明原因")
    assert not world.row(task_id).is_hopeless


def test_of_a_revoked_task_nothing_more_is_said(world, watch):
    task_id = world.published("130102")
    say(world, task_id, "130102", "正在处理", by="王强")
    supervise.revoke(task_id, by=world.person("林敏"), reason="x", seen_version=None, form_key=world.key())

    assert watch.scan() == 0


def test_closing_and_feeding_back_write_no_message_to_the_publisher(world):
    task_id = world.published("130102")
    world.close(world.row(task_id))

    of_publisher = sa.select(Delivery).where(Delivery.recipient_id == world.by_name["林敏"])
    assert session().execute(of_publisher).all() == []
