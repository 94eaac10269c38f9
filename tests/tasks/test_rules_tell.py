"""What the tables of rules say about who is told is what people get."""

from collections.abc import Callable
from datetime import date

import pytest
import sqlalchemy as sa

from app.db import session
from app.notices.models import Delivery
from app.notices.wordings.catalogue import wordings
from app.tasks.field import handing_on
from app.tasks.labels import ItemState
from app.tasks.lifecycle import RULES, TASK_RULES, Act
from app.tasks.managing import pausing, supervise
from app.tasks.models import Task
from app.tasks.publishing import edit
from app.tasks.rollback import rolling_back
from app.work.models import HistoryEvent
from tests.world import World

Do = Callable[[World], None]


def urge(world: World) -> None:
    supervise.urge(world.point_task().id, by=world.person("林敏"), form_key=world.key())


def send_back(world: World) -> None:
    row = world.closed_point_task()
    ticked = {item.id for item in row.items}
    words = {"reason": "日志不全", "impact": "须重做"}
    how = {"seen_version": None, "form_key": world.key()}
    supervise.send_back(row.id, by=world.person("林敏"), item_ids=ticked, **words, **how)


def feed_back(world: World) -> None:
    world.feed_back(world.point_task())


def close(world: World) -> None:
    world.closed_point_task()


def transfer(world: World) -> None:
    world.transfer(world.point_task().id)


def reassign(world: World) -> None:
    row = world.point_task()
    how = {"to_id": world.by_name["李静"], "reason": "人已离岗", "form_key": world.key()}
    handing_on.hand_on(row.implementer_id, {row.id}, by=world.person("何志远"), **how)


def change(world: World) -> None:
    """One point goes, one comes."""
    task_id = world.published("130102", "130104")
    form = world.form("130102", "130105", due_at=world.row(task_id).due_at)
    edit.edit(task_id, form, by=world.person("林敏"), seen_version=None, form_key=world.key())


def urge_all(world: World) -> None:
    supervise.urge_all(world.published("130102"), by=world.person("林敏"), form_key=world.key())


def revoke(world: World) -> None:
    how = {"reason": "不做了", "seen_version": None, "form_key": world.key()}
    supervise.revoke(world.published("130102"), by=world.person("林敏"), **how)


def roll_back(world: World) -> None:
    """One has done the module, the other has not."""
    task_id = world.upgrade("130102", "130105", modules=("模块A",))
    world.feed_back(world.row(task_id))
    [item] = world.row(task_id).items
    assert item.state == ItemState.DONE
    how = {"reason": "请还原。", "seen_version": None, "form_key": world.key()}
    rolling_back.roll_back(task_id, by=world.person("林敏"), module_ids={item.module_id}, **how)


def pause(world: World) -> None:
    task_id = world.published("130102")
    how = {"to": date(2026, 11, 25), "reason": "等厂商", "seen_version": None, "form_key": world.key()}
    pausing.pause_reminders(task_id, by=world.person("林敏"), **how)


def resume(world: World) -> None:
    pause(world)
    [task_id] = session().execute(sa.select(Task.id)).scalars()
    how = {"seen_version": None, "form_key": world.key()}
    pausing.resume_reminders(task_id, by=world.person("林敏"), **how)


DONE: dict[Act, Do] = {
    Act.URGE: urge,
    Act.SEND_BACK: send_back,
    Act.FEED_BACK: feed_back,
    Act.TRANSFER: transfer,
    Act.CLOSE: close,
    Act.REASSIGN: reassign,
    Act.EDIT: change,
    Act.URGE_ALL: urge_all,
    Act.REVOKE: revoke,
    Act.ROLL_BACK: roll_back,
    Act.PAUSE_REMINDERS: pause,
    Act.RESUME_REMINDERS: resume,
}


@pytest.mark.parametrize("act", DONE, ids=str)
def test_who_is_told_of_an_act_is_what_its_rule_says(world: World, act: Act) -> None:
    DONE[act](world)

    told = (
        sa.select(Delivery.wording)
        .join(HistoryEvent, HistoryEvent.id == Delivery.event_id)
        .where(HistoryEvent.act == act)
    )
    session().rollback()
    sources = {wordings()[key].source for key in session().execute(told).scalars()}
    # A text of ours has no source in the requirement.
    assert sources - {""} == set((RULES | TASK_RULES)[act].tells)


def test_every_act_that_a_rule_is_about_is_tried() -> None:
    """But for 详情, which changes nothing."""
    assert DONE.keys() == (RULES | TASK_RULES).keys() - {Act.DETAILS}
