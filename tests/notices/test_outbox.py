"""The outbox: one message per person, in the same commit."""

import json

import pytest
import sqlalchemy as sa

from app.db import session, transaction
from app.notices.models import Delivery
from app.notices.queue import outbox
from app.notices.telling import Letter, Recipient, Telling
from app.tasks.telling.naming import points_in_words
from app.work import history


def telling(world, name, wording, *, points=("长安区",), left=False):
    values = {"urgency": "紧急", "type": "应急事件", "due": "2026-11-23 18:00", "department": "服务运营部"}
    return Telling(
        Letter(wording, "应急事件 · 紧急", values=values, buttons=(("查看", ""),)),
        to=Recipient(world.by_name[name], "wangqiang", name, left=left),
        values={"name": name},
        points=points,
        link="/point-tasks/1",
    )


def announce(world, *tellings):
    row = world.point_task()
    with transaction() as current:
        event = history.record(current, row, "test", by=None)
        outbox.announce(current, event, tellings)
    query = sa.select(Delivery).where(Delivery.event_id == event.id).order_by(Delivery.id)
    return list(session().execute(query).scalars())


def announce_then(what, row, told):
    with transaction() as current:
        event = history.record(current, row, "test", by=None)
        outbox.announce(current, event, [told])
        what(event)


def test_someone_in_two_parts_gets_both_texts_in_one_message_Q37(world):
    deliveries = announce(
        world,
        telling(world, "王强", "publish.implementer"),
        telling(world, "王强", "publish.copied_in"),
    )

    assert len(deliveries) == 1
    assert deliveries[0].wording == "publish.implementer"
    assert "王强有一条紧急的应急事件任务" in deliveries[0].text
    assert "服务运营部发布一条紧急的应急事件任务" in deliveries[0].text


def test_texts_about_different_points_say_each_which_are_its_own(world):
    (delivery,) = announce(
        world,
        telling(world, "王强", "publish.implementer", points=("长安区",)),
        telling(world, "王强", "publish.copied_in", points=("桥西区", "新华区")),
    )
    card = json.loads(delivery.body)["template_card"]

    first, second = delivery.text.split("\n")
    assert (first[-5:], second[-9:]) == ("（长安区）", "（桥西区、新华区）")
    assert card["sub_title_text"] == delivery.text
    assert card["main_title"]["desc"] == "长安区、桥西区、新华区"


def test_who_has_left_is_recorded_with_the_reason_and_not_sent_Q36(world):
    (delivery,) = announce(world, telling(world, "王强", "publish.implementer", left=True))

    assert (delivery.outcome, delivery.next_at) == ("无效账号", None)
    assert "已离职" in delivery.reason


def test_a_text_too_long_for_a_card_begins_there_keeps_its_buttons_and_is_whole_in_the_app(world):
    parts = [
        telling(world, "王强", f"{act}.implementer") for act in ("publish", "urge", "overdue", "transfer")
    ]
    (delivery,) = announce(world, *parts)
    card = json.loads(delivery.body)["template_card"]

    assert len(card["sub_title_text"]) == 160
    assert card["sub_title_text"] == delivery.text[:159] + "…"
    assert [button["text"] for button in card["button_list"]] == ["查看"]


def test_nothing_is_queued_when_the_act_fails(world):
    row = world.point_task()
    before = len(world.queued())
    with pytest.raises(ZeroDivisionError):
        announce_then(lambda _event: 1 / 0, row, telling(world, "王强", "publish.implementer"))

    assert len(world.queued()) == before


def test_the_same_act_cannot_be_announced_to_a_person_twice(world):
    row, once = world.point_task(), telling(world, "王强", "publish.implementer")
    with pytest.raises(sa.exc.IntegrityError):
        announce_then(lambda event: outbox.announce(session(), event, [once]), row, once)


def test_many_points_are_shortened_with_their_number_T32():
    names = tuple(f"第{i}区" for i in range(40))

    assert points_in_words(names) == "第0区、第1区、第2区等40个点位"
    assert points_in_words(names[:2]) == "第0区、第1区"
