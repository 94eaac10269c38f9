"""Rows that change elsewhere: the cards say so while they can, and what cannot be said is on record."""

from collections.abc import Callable
from datetime import timedelta
from threading import Event, Lock, Thread
from typing import Any

import pytest
import sqlalchemy as sa

from app import clock
from app.db import session
from app.notices.aftercare.carrying import BATCH, Changes, amend_due
from app.notices.models import Amendment, Delivery
from app.notices.pacing import QuietHours
from app.notices.queue import choices
from app.notices.sending import stoppage
from app.tasks.clock import overdue
from app.tasks.field import implement
from app.tasks.managing import supervise
from app.tasks.rollback import rolling_back
from app.wecom.errors import OutcomeUnknown, TryLater
from callbacks import inbox
from tests.chat.rig import Chat
from tests.world import World


def amendments() -> list[tuple[str, int | None]]:
    """Outcome and code of every amendment, oldest first."""
    session().rollback()
    query = sa.select(Amendment.outcome, Amendment.errcode).order_by(Amendment.id)
    return [tuple(row) for row in session().execute(query)]


def close(world: World, row_id: int, *, by: str = "王强") -> None:
    implement.close(row_id, by=world.person(by), seen_version=None, form_key=world.key())


@pytest.mark.proves("X-C11")
def test_what_is_closed_on_the_page_shows_on_every_card(chat: Chat, world: World):
    row = world.point_task()
    world.feed_back(row)
    chat.deliver()

    close(world, row.id, by="赵岚")
    chat.deliver()

    for who in ("wangqiang", "zhaolan", "sunli"):
        assert chat.says(who) == ("赵岚 2026-11-23 09:00 办结", "已办结 09:00")
    session().rollback()
    assert set(session().scalars(sa.select(Delivery.outcome))) == {"已更新"}
    assert set(session().scalars(sa.select(Delivery.response_code))) == {None}


def test_the_last_of_several_rows_ends_the_card_that_lists_them(chat: Chat, world: World):
    task_id = world.published("130102", "130104")
    chat.deliver()
    for code, words in (("130102", ""), ("130104", "您的点位已全部办结")):
        world.feed_back(world.row(task_id, code))
        close(world, world.row(task_id, code).id)
        chat.deliver()
        assert chat.says("wangqiang")[1] == words


def test_a_list_of_a_rollback_ends_with_the_last_row_that_waits(chat: Chat, world: World):
    """Two of three points are restored and closed; the third is 暂不升级 and waits for nobody."""
    everything = {"named": {"130105": world.by_name["王强"]}, "modules": ("模块A",)}
    task_id = world.upgrade("130102", "130104", "130105", **everything)
    two = [world.row(task_id, code).id for code in ("130102", "130104")]
    for code in ("130102", "130104"):
        world.feed_back(world.row(task_id, code))
    [module] = {item.module_id for item in world.row(task_id).items}
    how = {"reason": "请还原。", "seen_version": None, "form_key": world.key()}
    rolling_back.roll_back(task_id, by=world.person("林敏"), module_ids={module}, **how)
    chat.deliver()
    for code in ("130102", "130104"):
        world.feed_back(world.row(task_id, code))
    for row_id in two:
        close(world, row_id)
    chat.deliver()

    card = sa.select(Amendment.grey).join(Delivery).where(Delivery.wording == "roll_back.upgraded")
    session().rollback()
    assert session().scalars(card).all() == ["您的点位已全部办结"]


@pytest.mark.proves("X-B9")
def test_after_three_days_a_card_cannot_be_changed_and_is_left_alone(chat: Chat, world: World):
    row = world.point_task()
    world.feed_back(row)
    chat.deliver()
    chat.later(hours=73)

    close(world, row.id)
    chat.deliver()

    assert (chat.says("wangqiang"), amendments()) == (("", ""), [])


def test_sent_back_and_overdue_cards_lead_to_the_new_one(chat: Chat, world: World):
    row = world.point_task()
    world.feed_back(row)
    chat.deliver()
    chat.press("wangqiang")
    supervise.send_back(
        row.id,
        by=world.person("林敏"),
        item_ids={row.items[0].id},
        reason="漏了一项",
        impact="无",
        new_due_at=clock.now().replace(hour=4),
        seen_version=None,
        form_key=world.key(),
    )
    chat.deliver()
    assert chat.says("wangqiang", 0) == ("长安区被打回，请在最新的卡片上办理。", "已打回")

    chat.later(hours=4)
    overdue.scan()
    chat.deliver()
    assert chat.says("wangqiang", 1) == ("任务已超期，请在最新的卡片上办理。", "已超期")
    assert chat.says("wangqiang") == ("", "")


def test_a_card_lives_on_where_the_next_one_comes_in_the_morning(chat: Chat, world: World):
    chat.app.config["QUIET_HOURS"] = QuietHours.read("12:00-18:00")
    world.published("130102", type="数据调度", due_at=clock.now() + timedelta(hours=4))
    chat.deliver()

    chat.later(hours=4)
    overdue.scan()
    chat.deliver()

    assert len(chat.messages("wangqiang")) == 1
    assert chat.says("wangqiang") == ("", "")


def test_a_card_lives_on_where_its_holder_reads_the_next_message_in_the_app(chat: Chat, world: World):
    choices.choose(world.person("赵岚"), pushed=["publish.copied_in"])
    world.published("130102", due_at=clock.now() + timedelta(hours=4))
    chat.deliver()

    chat.later(hours=4)
    overdue.scan()
    chat.deliver()

    assert chat.says("zhaolan") == ("", "")
    assert chat.says("sunli", -2)[1] == "已超期"


@pytest.mark.proves("X-B9")
def test_a_used_code_is_recorded_as_such_and_tried_no_more(chat: Chat, world: World):
    row = world.point_task()
    world.feed_back(row)
    chat.deliver()
    chat.fails("60140", "message/update_template_card", times=3)

    close(world, row.id)
    chat.deliver()

    assert amendments() == [("被拒", 60140)] * 3
    assert set(session().scalars(sa.select(Delivery.response_code))) == {None}


def test_a_change_without_an_answer_is_tried_again(chat: Chat, world: World):
    row = world.point_task()
    chat.deliver()
    chat.fails("reset", "message/update_template_card")
    chat.press("wangqiang")
    assert chat.says("wangqiang") == ("", "")

    chat.later(seconds=3)
    chat.deliver()

    assert chat.says("wangqiang")[0].startswith("还差 1 项")
    assert amendments() == [("已更新", None)]
    assert world.row(row.task_id).closed_at is None


def test_a_change_that_may_have_been_made_is_called_unknown_not_done(chat: Chat, world: World):
    world.point_task()
    chat.deliver()
    chat.fails("cut", "message/update_template_card")
    chat.press("wangqiang")

    chat.later(seconds=3)
    chat.deliver()

    assert amendments() == [("结果未知", 60140)]


def test_while_the_queue_is_held_changes_wait_with_it(chat: Chat, world: World):
    world.point_task()
    chat.deliver()
    chat.fails("60020", "message/update_template_card")
    chat.press("wangqiang")
    assert stoppage.present() is not None
    assert amend_due(chat.wecom) == 0

    chat.later(seconds=61)

    assert amend_due(chat.wecom) == 1
    assert stoppage.present() is None


def test_a_newer_state_takes_the_place_of_one_that_still_waits(chat: Chat, world: World):
    row = world.point_task()
    chat.deliver()
    chat.fails("-1", "message/update_template_card")
    chat.press("wangqiang")
    world.feed_back(row)

    chat.press("wangqiang")
    chat.later(minutes=1)
    chat.deliver()

    assert chat.says("wangqiang") == ("长安区 已办结", "已办结 09:00")
    assert ("已抑制", None) in [(outcome, None) for outcome, _ in amendments()]


def test_a_change_whose_sender_vanished_is_made_once_its_lease_is_over(chat: Chat, world: World):
    world.point_task()
    chat.deliver()
    chat.press_only("wangqiang")
    inbox.work_off()
    Changes().claim(BATCH, lease=timedelta(seconds=60), token="gone")

    chat.later(seconds=59)
    assert amend_due(chat.wecom) == 0
    chat.later(seconds=1)

    assert amend_due(chat.wecom) == 1
    assert chat.says("wangqiang")[0].startswith("还差 1 项")


def test_several_senders_at_once_take_each_message_back_once(chat: Chat, world: World):
    task_id = world.published("130102", "130104", "130105")
    chat.deliver()
    supervise.revoke(task_id, by=world.person("林敏"), reason="误发", seen_version=None, form_key=world.key())
    done: list[int] = []

    def send() -> None:
        with chat.app.app_context():
            done.append(amend_due(chat.wecom, threads=2))

    threads = [Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(done) == 4
    assert amendments() == [("已撤回", None)] * 4


class Recalls:
    """WeCom, as far as `amend_due` asks it; `each` happens in every call."""

    def __init__(self, each: Callable[[int], None]) -> None:
        self.each = each
        self.calls = 0
        self.lock = Lock()

    def recall(self, _msgid: str) -> None:
        with self.lock:
            self.calls += 1
        self.each(self.calls)

    def update_card(self, _payload: dict[str, Any]) -> None:
        raise AssertionError


def revoked(chat: Chat, world: World, *codes: str) -> None:
    task_id = world.published(*codes)
    chat.deliver()
    supervise.revoke(
        task_id, by=world.person("林敏"), reason="发错了", seen_version=None, form_key=world.key()
    )


def test_after_a_pause_one_change_goes_ahead(chat: Chat, world: World):
    revoked(chat, world, "130102", "130105", "310101")
    stoppage.begin("频率超限", errcode=45009, seconds=60)
    chat.later(seconds=61)

    def too_fast(_call: int) -> None:
        Event().wait(0.2)  # time enough for others to be on their way, if there were any
        raise TryLater(45009, "频率超限", pause_seconds=60.0)

    wecom = Recalls(too_fast)
    assert amend_due(wecom) == 0
    assert wecom.calls == 1
    assert stoppage.present() is not None

    chat.later(seconds=61)
    assert amend_due(Recalls(lambda _call: None)) == 6
    assert stoppage.present() is None


def test_while_nothing_is_answered_the_change_in_doubt_goes_ahead_not_another(chat: Chat, world: World):
    revoked(chat, world, "130102", "130104", "130105", "310101")

    def nothing(_call: int) -> None:
        raise OutcomeUnknown(None, "企业微信接口返回 HTTP 502")

    amend_due(Recalls(nothing), threads=1)
    in_flight = in_doubt()
    assert in_flight == 5
    for _ in range(60):
        chat.later(seconds=61)
        amend_due(Recalls(nothing))

    assert in_doubt() == in_flight
    chat.later(seconds=61)
    amend_due(Recalls(lambda _call: None))
    assert {outcome for outcome, _ in amendments()} == {"已撤回"}


def in_doubt() -> int:
    session().rollback()
    return session().query(Amendment).filter(Amendment.doubtful_since.is_not(None)).count()


def test_a_clock_that_jumps_past_the_lease_in_the_middle_of_a_call_stops_nothing(chat: Chat, world: World):
    revoked(chat, world, "130102", "130105")
    jumped = Event()

    def jump(call: int) -> None:
        if call == 1:
            chat.later(minutes=5)
            jumped.wait(1)  # claimed again meanwhile
        elif call > 4:  # more than there are messages
            jumped.set()

    amend_due(Recalls(jump))

    assert {outcome for outcome, _ in amendments()} == {"已撤回"}
