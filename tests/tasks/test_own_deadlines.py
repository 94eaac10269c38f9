"""What people are told of a row names the row's own deadline, which 打回 or 升级回退 may have given it."""

import json
from datetime import datetime

import pytest
import sqlalchemy as sa

from app import clock
from app.db import session
from app.notices.models import Delivery
from app.tasks.clock import overdue
from app.tasks.field import handing_on
from app.tasks.managing import supervise
from app.tasks.rollback.rolling_back import roll_back
from tests.tasks.test_supervise import send_back, urge_all
from tests.world import World

OWN, OF_THE_TASK = "2026-11-26 18:00", "2026-11-23 18:00"
BEFORE_OWN = f"请于{OWN}前"
BEFORE_THE_FIRST = f"请于{OF_THE_TASK}（最早的点位）前"


def later() -> datetime:
    return clock.from_local(datetime.fromisoformat(OWN))


def card(world: World, name: str) -> dict[str, str]:
    """The lines of the newest card that somebody was sent: its name → what it says."""
    query = sa.select(Delivery.body).where(Delivery.recipient_id == world.by_name[name])
    body = session().execute(query.order_by(Delivery.id.desc()).limit(1)).scalar_one()
    return {
        one["keyname"]: one["value"] for one in json.loads(body)["template_card"]["horizontal_content_list"]
    }


@pytest.fixture
def task_id(world: World) -> int:
    """Three rows; that of 长安区 was sent back with more time."""
    task_id = world.published("130102", "130104", "130105")
    world.close(world.row(task_id))
    send_back(world, world.row(task_id), new_due_at=later())
    return task_id


@pytest.mark.parametrize("name", ["王强", "赵岚", "孙丽"])
def test_the_card_of_a_row_that_is_sent_back_says_until_when_T64_T65(
    world: World, task_id: int, name: str
) -> None:
    assert card(world, name)["完成时间"] == OWN


def test_urging_the_row_names_its_deadline_T66(world: World, task_id: int) -> None:
    supervise.urge(world.row(task_id).id, by=world.person("林敏"), form_key=world.key())

    assert BEFORE_OWN in world.texts("王强")[-1]
    assert card(world, "王强")["完成时间"] == card(world, "赵岚")["完成时间"] == OWN


def test_urging_all_names_the_first_of_several_deadlines_T66_Q41(world: World, task_id: int) -> None:
    urge_all(world, task_id)

    assert BEFORE_THE_FIRST in world.texts("王强")[-1]
    assert card(world, "赵岚")["完成时间"] == f"{OF_THE_TASK}（最早的点位）"
    assert f"请于{OF_THE_TASK}前" in world.texts("李静")[-1]


def test_a_row_that_is_handed_on_comes_with_its_deadline_T74(world: World, task_id: int) -> None:
    world.transfer(world.row(task_id).id)

    assert BEFORE_OWN in world.texts("李静")[-1]
    assert card(world, "李静")["完成时间"] == OWN


def test_rows_that_an_administrator_hands_on_come_with_theirs_Q30(world: World, task_id: int) -> None:
    rows = {world.row(task_id, code).id for code in ("130102", "130104")}
    how = {"reason": "已停用", "form_key": world.key()}
    to_id = world.by_name["李静"]
    handing_on.hand_on(world.by_name["王强"], rows, by=world.person("何志远"), to_id=to_id, **how)

    assert BEFORE_THE_FIRST in world.texts("李静")[-1]


def test_the_card_of_an_overdue_row_says_since_when_T68(world: World, task_id: int, told_time) -> None:
    for code, who in (("130104", "王强"), ("130105", "李静")):
        world.close(world.row(task_id, code), by=who)
    told_time.at("2026-11-27 09:30")
    overdue.scan()

    assert card(world, "王强")["完成时间"] == OWN


def test_the_card_of_a_rollback_says_until_when_T71(world: World) -> None:
    task_id = world.upgrade("130102", "130105")
    world.close(world.row(task_id))
    modules = {item.module_id or 0 for item in world.row(task_id).items}
    how = {"reason": "有缺陷", "seen_version": None, "form_key": world.key()}
    roll_back(task_id, by=world.person("林敏"), module_ids=modules, due_at=later(), **how)

    assert card(world, "王强")["完成时间"] == OWN
