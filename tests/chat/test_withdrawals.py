"""The recall ladder: recalled within 24 hours, a dead card within 72, later the notice alone."""

from datetime import datetime, timedelta
from threading import Thread
from typing import Any

import pytest
import sqlalchemy as sa

from app import clock
from app.db import session, transaction
from app.errors import Conflict
from app.notices.aftercare import queue
from app.notices.aftercare.carrying import amend_due
from app.notices.ledger import lines as ledger
from app.notices.ledger import retrying
from app.notices.models import Delivery
from app.notices.sending.messages import deliver_due
from app.people.models import Person
from app.tasks.managing import supervise
from app.tasks.models import PointTask, Task
from app.tasks.publishing import edit
from app.tasks.rollback import rolling_back
from app.tasks.telling import aftercare
from app.tasks.telling import scopes as of_tasks
from tests import mail
from tests.chat.rig import Chat
from tests.h5.conftest import Open
from tests.world import World


def outcomes(wording: str) -> dict[str, tuple[str, str]]:
    """Who had a message of this wording, and what became of it."""
    session().rollback()
    query = sa.select(Person.name, Delivery.outcome, Delivery.reason)
    query = query.join(Person, Person.id == Delivery.recipient_id)
    return {
        row.name: (row.outcome, row.reason)
        for row in session().execute(query.where(Delivery.wording == wording))
    }


def revoke(world: World, task_id: int) -> None:
    supervise.revoke(task_id, by=world.person("林敏"), reason="误发", seen_version=None, form_key=world.key())


def transfer(world: World, row_id: int, to: str = "李静") -> None:
    world.transfer(row_id, by="赵岚", to=to)


def send_back(world: World, row_id: int, *, due_at: datetime) -> None:
    items = session().get_one(PointTask, row_id).items
    supervise.send_back(
        row_id,
        by=world.person("林敏"),
        item_ids={item.id for item in items},
        reason="抽查没有做完",
        impact="无",
        new_due_at=due_at,
        seen_version=None,
        form_key=world.key(),
    )


def roll_back(world: World, task_id: int, *modules: str) -> None:
    patch = world.row(task_id, "310101").task.patch
    rolling_back.roll_back(
        task_id,
        by=world.person("林敏"),
        module_ids={module.id for module in patch.modules if module.name in modules},
        reason="取数有误",
        seen_version=None,
        form_key=world.key(),
    )


@pytest.mark.parametrize(
    ("hours", "state", "outcome", "grey"),
    [
        (1, "recalled", "已撤回", ""),
        (23.9, "recalled", "已撤回", ""),
        (24.1, "delivered", "已更新", "已撤销"),
        (71.9, "delivered", "已更新", "已撤销"),
        (72.1, "delivered", "已受理", ""),
    ],
)
def test_a_revoked_task_is_taken_back_as_far_as_its_age_allows_T12(
    chat: Chat, world: World, hours: float, state: str, outcome: str, grey: str
):
    task_id = world.published("130102")
    chat.deliver()
    chat.later(hours=hours)

    revoke(world, task_id)
    chat.deliver()

    assert (chat.card("wangqiang", 0)["state"], chat.says("wangqiang", 0)[1]) == (state, grey)
    assert {name: found[0] for name, found in outcomes("publish.implementer").items()} == {"王强": outcome}
    assert {name: found[0] for name, found in outcomes("publish.copied_in").items()} == {
        "赵岚": outcome,
        "孙丽": outcome,
    }
    assert chat.card("wangqiang")["body"]["sub_title_text"].startswith("【任务撤销提醒】")


def test_a_recall_that_comes_too_late_for_wecom_ends_in_a_dead_card(chat: Chat, world: World):
    task_id = world.published("130102")
    chat.deliver()
    chat.later(hours=2)
    chat.fails("42052", "message/recall", times=3)

    revoke(world, task_id)
    chat.deliver()

    assert chat.card("wangqiang", 0)["state"] == "delivered"
    assert chat.says("wangqiang", 0) == ("任务已撤销。", "已撤销")


def test_what_waits_is_not_sent_and_never_recalled(chat: Chat, world: World):
    task_id = world.published("130102")

    revoke(world, task_id)
    chat.deliver()

    assert outcomes("publish.implementer") == {"王强": ("已抑制", "任务已撤销，未发送")}
    assert len(chat.messages("wangqiang")) == 1


def test_a_message_that_comes_back_to_the_queue_unsent_is_not_sent_after_all(chat: Chat, world: World):
    task_id = world.published("130105")
    taken = mail.claimed()
    revoke(world, task_id)
    mail.give_back(taken)

    amend_due(chat.wecom)
    chat.deliver()

    assert outcomes("publish.implementer") == {"李静": ("已抑制", "任务已撤销，未发送")}
    assert len(chat.messages("lijing")) == 1


def test_a_message_that_may_have_arrived_is_recalled_once_that_is_known(chat: Chat, world: World):
    task_id = world.published("130102")
    chat.fails("cut", "message/send", times=3)
    chat.deliver()

    revoke(world, task_id)
    chat.later(seconds=10)
    chat.deliver()
    chat.later(seconds=10)
    chat.deliver()

    assert [chat.card("wangqiang", number)["state"] for number in (0, 1)] == ["recalled", "delivered"]


def test_a_handed_on_row_is_taken_back_from_its_former_implementer_alone_Q31(chat: Chat, world: World):
    row = world.point_task()
    chat.deliver()
    chat.later(hours=30)

    transfer(world, row.id)
    chat.deliver()

    assert chat.says("wangqiang") == ("长安区已转派给李静。", "已转派给李静")
    assert chat.says("zhaolan") == ("", "")
    assert chat.card("lijing")["body"]["sub_title_text"].startswith("赵岚转派一条")


def test_a_message_about_several_rows_stays_with_whoever_still_has_one(chat: Chat, world: World):
    task_id = world.published("130102", "130104")
    chat.deliver()

    transfer(world, world.row(task_id, "130102").id)
    chat.deliver()
    assert chat.card("wangqiang")["state"] == "delivered"

    transfer(world, world.row(task_id, "130104").id)
    chat.deliver()
    assert chat.card("wangqiang")["state"] == "recalled"


def test_a_dead_card_keeps_its_first_reason(chat: Chat, world: World):
    row = world.point_task()
    chat.deliver()
    chat.later(hours=30)
    transfer(world, row.id)
    chat.deliver()

    revoke(world, row.task_id)
    chat.deliver()

    assert chat.says("wangqiang", 0)[1] == "已转派给李静"


def test_a_point_taken_out_of_the_task_takes_its_messages_along_Q40(chat: Chat, world: World):
    task_id = world.published("130102", "130105")
    chat.deliver()

    edit.edit(task_id, world.form("130102"), by=world.person("林敏"), seen_version=None, form_key=world.key())
    chat.deliver()

    assert chat.card("lijing", 0)["state"] == "recalled"
    assert [chat.card(who, 0)["state"] for who in ("wangqiang", "zhaolan")] == ["delivered", "delivered"]


def test_a_changed_deadline_leaves_its_own_card_as_the_only_live_one_Q52(chat: Chat, world: World):
    task_id = world.published("130102", "130105")
    chat.deliver()
    form = world.form("130102", "130105", due_at=clock.now() + timedelta(days=2))
    edit.edit(task_id, form, by=world.person("林敏"), seen_version=None, form_key=world.key())
    chat.deliver()

    for who in ("wangqiang", "lijing", "zhaolan"):
        assert chat.says(who, 0) == ("任务已修改，请在最新的卡片上办理。", "已修改")
        assert "任务要求完成时间由" in str(chat.card(who)["body"])
        assert chat.says(who)[1] == ""


def test_a_card_that_is_still_queued_when_the_deadline_changes_is_ended_once_it_is_there_Q52(
    chat: Chat, world: World
):
    task_id = world.published("130102", "130105")
    form = world.form("130102", "130105", due_at=clock.now() + timedelta(days=2))
    edit.edit(task_id, form, by=world.person("林敏"), seen_version=None, form_key=world.key())
    deliver_due(chat.wecom, threads=1)  # in their order
    amend_due(chat.wecom)

    for who in ("wangqiang", "lijing", "zhaolan"):
        assert chat.says(who, 0) == ("任务已修改，请在最新的卡片上办理。", "已修改")
        assert chat.says(who) == ("", "")


def test_a_card_on_its_way_when_its_row_is_closed_says_so_once_it_is_there(chat: Chat, world: World):
    row = world.point_task()
    mail.in_the_hands_of_a_sender()
    world.close(row)
    amend_due(chat.wecom)
    chat.later(seconds=60)
    chat.deliver()

    assert chat.says("wangqiang")[1] == "已办结 09:00"


def test_a_silent_change_leaves_the_card_that_people_have_Q52(chat: Chat, world: World):
    task_id = world.published("130102")
    chat.deliver()
    form = world.form("130102", due_at=clock.now() + timedelta(days=2), silent=True)
    edit.edit(task_id, form, by=world.person("林敏"), seen_version=None, form_key=world.key())
    chat.deliver()

    assert chat.says("wangqiang")[1] == ""
    assert "【任务发布】" in str(chat.card("wangqiang")["body"])


def test_the_card_of_a_row_that_keeps_its_deadline_stays_Q52(chat: Chat, world: World):
    task_id = world.published("130102", "130105")
    chat.deliver()
    row = world.row(task_id, "130105")
    world.close(row, by="李静")
    send_back(world, row.id, due_at=clock.now() + timedelta(days=9))
    chat.deliver()
    form = world.form("130102", "130105", due_at=clock.now() + timedelta(days=2))
    edit.edit(task_id, form, by=world.person("林敏"), seen_version=None, form_key=world.key())
    chat.deliver()

    assert chat.says("wangqiang", 0)[1] == "已修改"
    assert "【打回提醒】" in str(chat.card("lijing")["body"])
    assert chat.says("lijing")[1] == ""


@pytest.mark.parametrize(("hours", "state", "grey"), [(1, "recalled", ""), (30, "delivered", "已回退")])
def test_a_rollback_leaves_its_own_message_as_the_only_live_one_T16_T71_T72_T73(
    chat: Chat, world: World, browser_of: Open, hours: float, state: str, grey: str
):
    task_id = world.upgrade("130102", "310101")
    world.feed_back(world.row(task_id, "130102"))
    chat.deliver()
    chat.later(hours=hours)

    roll_back(world, task_id, "模块A")
    chat.deliver()

    for who in ("wangqiang", "zhaolan", "shenhai", "gudong"):
        assert (chat.card(who, 0)["state"], chat.says(who, 0)[1]) == (state, grey)
        assert "升级回退" in str(chat.card(who)["body"])
        assert chat.card(who)["state"] == "delivered"
        assert len(chat.messages(who)) == 2
    page = browser_of("林敏").get(f"/point-tasks/{world.row(task_id).id}").text
    what = "消息已撤回" if state == "recalled" else "卡片已改为失效"
    assert page.count(f"回退前的通知：{what}") == 3
    assert page.count("原实施人") == 0


def test_what_waits_when_modules_are_rolled_back_is_not_sent(chat: Chat, world: World):
    task_id = world.upgrade("310101")

    roll_back(world, task_id, "模块A")
    chat.deliver()

    assert outcomes("publish.implementer") == {"沈海": ("已抑制", "升级已回退，请看最新的消息，未发送")}
    assert len(chat.messages("shenhai")) == 1


def test_rows_of_which_the_news_no_longer_holds_can_be_withdrawn_by_any_act(chat: Chat, world: World):
    task_id = world.published("130102", "130105")
    chat.deliver()
    chat.later(hours=30)

    with transaction() as current:
        task = current.get_one(Task, task_id)
        [point] = supervise.points_of(current, task, sa.text("place_code = '130105'"))
        aftercare.gone(current, task, [point], words="模块B已回退，请看新消息。", grey="已回退")
    chat.deliver()

    assert chat.says("lijing") == ("模块B已回退，请看新消息。", "已回退")
    assert chat.says("wangqiang") == ("", "")


def test_a_row_can_be_handed_to_somebody_with_a_long_name(chat: Chat, world: World):
    name = "阿卜杜热合曼·艾合买提江·麦麦提明"
    with transaction() as current:
        current.execute(sa.update(Person).where(Person.id == world.by_name["李静"]).values(name=name))
    row = world.point_task()
    chat.deliver()
    chat.later(hours=30)

    transfer(world, row.id)
    chat.deliver()

    assert chat.says("wangqiang")[1].startswith("已转派给阿卜杜热合")
    assert world.row(row.task_id).implementer_id == world.by_name["李静"]


def test_work_that_is_gone_is_not_handed_out_by_mending(chat: Chat, world: World):
    task_id = world.published("130102")
    chat.fails("81013", "message/send")
    chat.deliver()
    [never_came] = ledger.page(of_tasks.of_task(task_id), ledger.Asked(outcome=ledger.UNDELIVERED)).lines
    revoke(world, task_id)
    by, scopes = world.person("林敏"), of_tasks.of_task(task_id)

    assert retrying.retry_all(scopes, by=by) == 0
    with pytest.raises(Conflict, match="任务已撤销。这条通知不用再补发"):
        retrying.retry(never_came.id, by=by)
    [former] = [one for one in aftercare.withdrawn_of_task(task_id) if one.name == never_came.recipient]
    assert former.withdrawn == "原来就没有送达"


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_what_a_sender_gives_back_while_it_is_withdrawn_is_not_sent(
    chat: Chat, world: World, monkeypatch: pytest.MonkeyPatch
):
    task_id = world.published("130102")
    taken = mail.claimed()
    real = queue._suppress

    def give_back() -> None:
        with chat.app.app_context():
            mail.give_back(taken)

    sender = Thread(target=give_back)

    def suppress(*given: Any, **more: Any) -> list[int]:
        found = real(*given, **more)
        sender.start()
        sender.join(0.5)  # it waits for the messages, which are being withdrawn
        return found

    monkeypatch.setattr(queue, "_suppress", suppress)
    revoke(world, task_id)
    sender.join()
    monkeypatch.undo()
    amend_due(chat.wecom)
    chat.deliver()

    assert outcomes("publish.implementer") == {"王强": ("已抑制", "任务已撤销，未发送")}
