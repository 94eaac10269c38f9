"""办结 on the card: the same guard as the page, one effect, and the card says what came of it."""

import pytest
import sqlalchemy as sa

from app.db import session, transaction
from app.notices import presses
from app.notices.aftercare.queue import Press
from app.notices.ledger import totals
from app.notices.models import Amendment, Delivery, Outcome
from app.tasks.field import implement, pressing
from app.tasks.managing import supervise
from app.tasks.telling import letters
from app.work import history
from callbacks.models import InboxEvent
from tests.chat.rig import Chat
from tests.world import World

STILL_OPEN = "还差 1 项：应急事件"


def closings(row_id: int) -> list[str]:
    """Who closed the row, as its history has it."""
    session().rollback()
    return [event.by.name for event in history.of(session(), "point_task", row_id) if event.act == "close"]


def inbox_outcome() -> str:
    """What the inbox noted of the newest callback."""
    session().rollback()
    return session().scalars(sa.select(InboxEvent.outcome).order_by(InboxEvent.id.desc())).first() or ""


def buttons(chat: Chat, userid: str) -> list[str]:
    return [button["text"] for button in chat.card(userid)["body"]["button_list"]]


def test_each_part_gets_a_card_that_fits(chat: Chat, world: World):
    world.published("130105")
    chat.deliver()

    assert buttons(chat, "lijing") == ["反馈", "转派", "办结"]
    assert buttons(chat, "zhaolan") == ["查看点位", "转派"]
    links = [b.get("url", "") for b in chat.card("lijing")["body"]["button_list"]]
    assert "%23feed-back" in links[0]
    assert "%3Fact%3Dtransfer" in links[1]
    assert "/point-tasks/" in chat.card("lijing")["body"]["card_action"]["url"]


def test_an_open_item_is_refused_on_the_card_in_few_words_T52(chat: Chat, world: World):
    row = world.point_task()
    chat.deliver()

    chat.press("wangqiang")

    assert chat.says("wangqiang") == (STILL_OPEN, "")
    assert buttons(chat, "wangqiang") == ["反馈", "转派", "办结"]
    assert world.row(row.task_id).closed_at is None


def test_a_refused_card_names_what_is_open_T52(chat: Chat, world: World):
    row = world.row(world.upgrade())
    first = {row.items[0].id}
    implement.feed_back(
        row.id,
        by=world.person("王强"),
        done_item_ids=first,
        note="",
        seen_version=None,
        form_key=world.key(),
    )
    chat.deliver()

    chat.press("wangqiang")

    assert chat.says("wangqiang") == ("还差 2 项：模块B、模块C", "")


def test_what_is_done_is_closed_at_once_and_the_card_says_when(chat: Chat, world: World):
    row = world.point_task()
    world.feed_back(row)
    chat.deliver()
    chat.later(hours=5, minutes=3)

    chat.press("wangqiang")

    assert chat.says("wangqiang") == ("长安区 已办结", "已办结 14:03")
    assert world.row(row.task_id).label == "已办结"
    assert closings(row.id) == ["王强"]
    assert chat.says("zhaolan") == ("王强 2026-11-23 14:03 办结", "已办结 14:03")


def test_a_refused_card_closes_once_the_item_is_done(chat: Chat, world: World):
    row = world.point_task()
    chat.deliver()
    chat.press("wangqiang")
    world.feed_back(row)

    chat.press("wangqiang")

    assert chat.says("wangqiang") == ("长安区 已办结", "已办结 09:00")


@pytest.mark.proves("R-P4")
def test_two_presses_at_once_have_one_effect(chat: Chat, world: World):
    row = world.point_task()
    world.feed_back(row)
    chat.deliver()
    chat.press_only("wangqiang")
    chat.press_only("wangqiang")

    chat.work_off()

    assert closings(row.id) == ["王强"]
    assert chat.says("wangqiang") == ("该点位已办结。", "已办结 09:00")


def test_a_callback_that_comes_again_changes_nothing(chat: Chat, world: World):
    row = world.point_task()
    world.feed_back(row)
    chat.deliver()
    chat.press("wangqiang")
    session().execute(sa.update(InboxEvent).values(key="again", next_at=InboxEvent.received_at, attempts=0))
    session().commit()

    chat.work_off()

    assert closings(row.id) == ["王强"]
    assert chat.says("wangqiang")[1] == "已办结 09:00"


def test_who_handed_the_row_on_is_told_who_has_it_now(chat: Chat, world: World):
    row = world.point_task()
    chat.deliver()
    chat.press_only("wangqiang")
    world.transfer(row.id, by="赵岚")

    chat.work_off()

    assert chat.card("wangqiang")["state"] == "recalled"
    assert chat.says("wangqiang") == ("长安区已转派给李静。", "不能办理")
    assert closings(row.id) == []


def test_a_press_on_a_revoked_row_is_told_so(chat: Chat, world: World):
    row = world.point_task()
    chat.deliver()
    chat.later(hours=30)
    supervise.revoke(
        row.task_id, by=world.person("林敏"), reason="误发", seen_version=None, form_key=world.key()
    )
    chat.press("wangqiang")

    assert chat.says("wangqiang") == ("任务已撤销。", "已撤销")
    assert "任务已撤销" in inbox_outcome()


def test_a_stranger_and_an_unknown_button_get_clear_words(chat: Chat, world: World):
    world.point_task()
    chat.deliver()
    card = chat.card("wangqiang")
    chat.report_unheard_of("wangqiang", card["msgid"], "point_task.close:999999")
    chat.work_off()
    assert "找不到这张卡片对应的任务" in chat.says("wangqiang")[0]

    chat.report_unheard_of("wangqiang", card["msgid"], "point_task.explode")
    chat.work_off()
    assert chat.says("wangqiang") == ("这个按钮已不能使用，请打开服务任务办理。", "")


def test_among_several_rows_a_refusal_names_the_one_it_is_about(chat: Chat, world: World):
    world.published("130102", "130104")
    chat.deliver()

    chat.press("wangqiang", chosen="桥西区")

    assert chat.says("wangqiang") == (f"桥西区：{STILL_OPEN}", "")
    selection = chat.card("wangqiang")["body"]["button_selection"]
    assert [one["text"] for one in selection["option_list"]] == ["长安区", "桥西区"]


def test_several_rows_are_closed_one_by_one_by_choosing_them(chat: Chat, world: World):
    task_id = world.published("130102", "130104")
    for code in ("130102", "130104"):
        world.feed_back(world.row(task_id, code))
    chat.deliver()

    chat.press("wangqiang", chosen="桥西区")
    options = chat.card("wangqiang")["body"]["button_selection"]["option_list"]
    assert ([one["text"] for one in options], chat.says("wangqiang")) == (["长安区"], ("桥西区 已办结", ""))

    chat.press("wangqiang", chosen="长安区")
    assert chat.says("wangqiang") == ("长安区 已办结", "您的点位已全部办结")
    assert {world.row(task_id, code).label for code in ("130102", "130104")} == {"已办结"}


def test_an_old_card_still_closes_when_its_message_is_a_number_by_now(chat: Chat, world: World):
    row = world.point_task()
    world.feed_back(row)
    chat.deliver()
    chat.later(days=91)
    world.published("130105")
    assert totals.sum_up(keep_days=90) == 3

    chat.press("wangqiang")

    assert closings(row.id) == ["王强"]
    assert chat.card("wangqiang")["button"] == "已办结 09:00"


def test_an_old_card_that_cannot_close_says_where_to_go_on(chat: Chat, world: World):
    world.point_task()
    chat.deliver()
    chat.later(days=91)
    world.published("130105")
    totals.sum_up(keep_days=90)

    chat.press("wangqiang")

    assert chat.card("wangqiang")["button"] == "请打开服务任务办理"
    assert inbox_outcome() == STILL_OPEN


def test_a_refusal_that_is_worked_off_twice_is_still_read(chat: Chat, world: World):
    row = world.point_task()
    chat.deliver()
    uid = session().scalars(sa.select(Delivery.uid).where(Delivery.wording == "publish.implementer")).one()
    press = Press("wangqiang", uid, f"{letters.CLOSE}:{row.id}", "", "a-code", "b" * 64)

    for _ in range(2):  # cut off before the inbox could record the first time
        presses.carry_out(press, pressing.CLOSE)

    assert session().scalars(sa.select(Amendment.outcome)).all() == ["待发"]


def test_who_presses_a_card_of_unknown_outcome_has_it_and_is_answered(chat: Chat, world: World):
    row = world.point_task()
    chat.deliver()
    unknown = {"outcome": Outcome.UNKNOWN, "msgid": None, "response_code": None}
    with transaction() as current:
        current.execute(sa.update(Delivery).values(unknown))
    world.feed_back(row)

    chat.press("wangqiang")

    assert chat.says("wangqiang") == ("长安区 已办结", "已办结 09:00")
    of_press = Delivery.wording == "publish.implementer"
    assert session().scalars(sa.select(Delivery.outcome).where(of_press)).one() == "已更新"


def test_a_card_does_not_call_closed_what_was_handed_on(chat: Chat, world: World):
    task_id = world.published("130102", "130104")
    chat.deliver()
    handed = world.row(task_id, "130104")
    world.transfer(handed.id)
    row = world.row(task_id, "130102")
    world.feed_back(row)

    chat.press("wangqiang", chosen="长安区")

    assert chat.says("wangqiang") == ("长安区 已办结", "您的点位已全部办结")
    assert world.row(task_id, "130104").closed_at is None
