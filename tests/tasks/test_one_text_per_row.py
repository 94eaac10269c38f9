"""Who does a row and watches it as well reads the 实施人's text of it alone; both texts only where the rows differ."""

from datetime import datetime

import pytest
import sqlalchemy as sa

from app import clock
from app.db import transaction
from app.people.models import Role, SupportArea
from app.tasks.clock import overdue, reminders
from app.tasks.managing import supervise, urging
from app.tasks.managing.urging import Whom
from app.tasks.models import PatchModule
from app.tasks.publishing import edit, preview
from app.tasks.rollback import rolling_back
from tests.tasks.test_supervise import send_back, urge_all

DUE = clock.from_local(datetime.fromisoformat("2026-11-27 18:00"))


@pytest.fixture(autouse=True)
def watches_the_own_row(world) -> None:
    """王强 is 主管 and 服务经理 of 长安区, which he does himself."""
    watch(world, "130102")


def watch(world, code: str) -> None:
    """王强 is copied in at this place, and nobody else."""
    area = sa.update(SupportArea).where(SupportArea.place_code == code, SupportArea.role != Role.IMPLEMENTER)
    with transaction() as current:
        current.execute(area.values(person_id=world.by_name["王强"]))


def publish(world) -> int:
    return world.published("130102", due_at=DUE)


def said(world, name: str = "王强") -> str:
    """The latest text."""
    return world.texts(name)[-1]


def urge_row(world, told_time):
    supervise.urge(world.row(publish(world)).id, by=world.person("林敏"), form_key=world.key())


def urge_task(world, told_time):
    urge_all(world, publish(world))


def pass_the_deadline(world, told_time):
    publish(world)
    told_time.at("2026-11-27 18:01")
    overdue.scan()


def come_near(world, told_time):
    publish(world)
    told_time.at("2026-11-26 18:00")
    reminders.scan()


def reopen(world, told_time):
    row = world.row(publish(world))
    world.close(row)
    send_back(world, world.row(row.task_id))


def revoke(world, told_time):
    task_id = publish(world)
    supervise.revoke(task_id, by=world.person("林敏"), reason="x", seen_version=None, form_key=world.key())


def change(world, told_time):
    task_id = publish(world)
    form = world.form("130102", due_at=DUE, urgency="一般")
    edit.edit(task_id, form, by=world.person("林敏"), seen_version=None, form_key=world.key())


def drop_the_point(world, told_time):
    task_id = world.published("130102", "130105", due_at=DUE)
    form = world.form("130105", due_at=DUE)
    edit.edit(task_id, form, by=world.person("林敏"), seen_version=None, form_key=world.key())


def publish_it(world, told_time):
    publish(world)


ACTS = {
    "publish": publish_it,
    "urge": urge_row,
    "urge_all": urge_task,
    "overdue": pass_the_deadline,
    "remind": come_near,
    "send_back": reopen,
    "revoke": revoke,
    "edit": change,
    "remove": drop_the_point,
}


@pytest.mark.parametrize("act", ACTS)
def test_of_a_row_of_ones_own_one_text_is_read_Q37(world, told_time, act):
    ACTS[act](world, told_time)

    assert "\n" not in said(world)
    assert "区域" not in said(world)
    assert "服务运营部发布" not in said(world)


@pytest.mark.parametrize("done", [True, False])
def test_a_rollback_of_a_row_of_ones_own_is_told_once(world, done):
    task_id = world.upgrade("130102", modules=("模块A",))
    if done:
        world.feed_back(world.row(task_id))
    with transaction() as current:
        module_id = current.execute(sa.select(PatchModule.id)).scalar_one()
    how = {"reason": "有缺陷", "seen_version": None, "form_key": world.key()}
    rolling_back.roll_back(task_id, by=world.person("林敏"), module_ids={module_id}, **how)

    assert "\n" not in said(world)
    assert "及时跟进监督" not in said(world)


def test_both_texts_are_read_where_the_rows_differ_and_the_copy_names_the_other_row_alone(world):
    watch(world, "130105")
    urge_all(world, world.published("130102", "130105"))

    assert said(world).split("\n") == [
        "【催办提醒】：王强有一条应急事件任务还未完成，请于2026-11-23 18:00前尽快完成并在长天长平台上的待办任务中办结任务。（长安区）",
        "【催办提醒】：区域新华区：李静-应急事件任务还未完成，请及时跟进监督。",
    ]


def test_the_previews_count_the_person_once_as_an_implementer(world):
    shown = preview.preview(world.form("130102"), by=world.person("林敏"))
    assert [(one.name, one.count) for one in shown.audiences] == [("实施人", 1)]

    urged = urging.preview(world.published("130102"), by=world.person("林敏"), whom=Whom.ALL)
    assert (urged.implementers, urged.copied_in) == (1, 0)
