"""Two 长安区 in one task: nobody has to guess which one is meant."""

import json

import pytest
import sqlalchemy as sa

from app.db import session, transaction
from app.errors import BadInput
from app.insight.to_do import to_do
from app.notices.models import Delivery
from app.people.models import SupportArea
from app.places.models import Place
from app.tasks.clock import news
from app.tasks.field import several
from app.tasks.managing import who_saw
from app.tasks.publishing import edit, preview
from app.tasks.rollback.rolling_back import roll_back
from app.tasks.telling import scopes
from tests.world import World

BOTH = ("130102", "130602")


@pytest.fixture
def world(world: World) -> World:
    """保定市 has a 长安区 as well, and the same people there."""
    with transaction() as current:
        first = current.get_one(Place, "130102")
        for code, name, parent, level in (
            ("130600", "保定市", "130000", 2),
            ("130602", "长安区", "130600", 3),
        ):
            above = current.get_one(Place, parent)
            current.add(
                Place(
                    code=code,
                    name=name,
                    level=level,
                    parent_code=parent,
                    province_code="130000",
                    city_code="130600",
                    path=f"{above.path} / {name}",
                    pinyin="x",
                    initials="x",
                    is_leaf=level == 3,
                    valid_from=first.valid_from,
                )
            )
            current.flush()
        for role, name in (("implementer", "王强"), ("supervisor", "赵岚"), ("service_manager", "孙丽")):
            current.add(SupportArea(place_code="130602", role=role, person_id=world.by_name[name]))
    return world


@pytest.mark.parametrize("name", ["王强", "赵岚"])
def test_messages_and_the_choices_of_a_card_carry_the_city(world: World, name: str) -> None:
    world.published(*BOTH, "130104")
    card = body_of(world, name)

    assert "长安区（石家庄市）" in card
    assert "长安区（保定市）" in card
    assert "桥西区（" not in card


def body_of(world: World, name: str) -> str:
    query = sa.select(Delivery.body).where(Delivery.recipient_id == world.by_name[name])
    return json.dumps(json.loads(session().execute(query).scalars().one()), ensure_ascii=False)


def test_one_alone_is_named_as_it_is(world: World) -> None:
    world.published("130102", "130104")

    assert "长安区（" not in body_of(world, "赵岚") + body_of(world, "王强")


def test_what_is_previewed_and_refused_names_the_city(world: World) -> None:
    lines = preview.preview(world.form(*BOTH), by=world.person("林敏")).lines
    assert [line.place for line in lines] == ["长安区（石家庄市）", "长安区（保定市）"]

    with transaction() as current:
        current.execute(sa.delete(SupportArea).where(SupportArea.place_code.in_(BOTH)))
    with pytest.raises(BadInput, match="长安区（石家庄市）、长安区（保定市）共 2 个点位没有实施人"):
        world.published(*BOTH)


def test_lists_of_rows_without_their_city_carry_it(world: World) -> None:
    task_id = world.published(*BOTH)

    to_do_list = to_do(world.person("王强"))
    listed = {one.title for one in to_do_list.today}
    assert listed == {"应急事件 · 长安区（石家庄市）", "应急事件 · 长安区（保定市）"}
    [seen] = who_saw.seen_of(task_id)
    assert seen.places == ["长安区（石家庄市）", "长安区（保定市）"]
    rows = {world.row(task_id, code).id for code in BOTH}
    answers = several.close(task_id, by=world.person("王强"), row_ids=rows, form_key=world.key())
    assert {answer.place for answer in answers} == {"长安区（石家庄市）", "长安区（保定市）"}


def test_the_ledger_and_a_refused_edit_tell_them_apart(world: World) -> None:
    task_id = world.published(*BOTH, "130104")
    for code in BOTH:
        world.feed_back(world.row(task_id, code))
    lines = session().execute(sa.select(Delivery)).scalars().all()
    assert not any(name.endswith("长安区") for name in scopes.named(lines).values())

    form = world.form("130104")
    with pytest.raises(BadInput, match="长安区（石家庄市）、长安区（保定市）已有反馈"):
        edit.edit(
            task_id,
            form,
            by=world.person("林敏"),
            seen_version=world.row(task_id, "130104").task.version,
            form_key=world.key(),
        )


def test_a_rollback_tells_them_apart(world: World) -> None:
    task_id = world.upgrade(*BOTH)
    for code in BOTH:
        world.feed_back(world.row(task_id, code))
    [module, *_] = world.row(task_id).items

    roll_back(
        task_id,
        by=world.person("林敏"),
        module_ids={module.module_id or 0},
        reason="有缺陷",
        seen_version=None,
        form_key=world.key(),
    )

    query = sa.select(Delivery.body).where(Delivery.act == "roll_back")
    cards = [json.dumps(json.loads(body), ensure_ascii=False) for body in session().execute(query).scalars()]
    assert len(cards) == 3
    assert all("长安区（石家庄市）、长安区（保定市）" in card for card in cards)


def test_what_a_publisher_reads_of_them_tells_them_apart(world: World) -> None:
    task_id = world.published(*BOTH)
    for code in BOTH:
        world.feed_back(world.row(task_id, code), done=False, note="停电，不能按时完成")
    news.Watch().scan()

    [text] = [one for one in world.texts("林敏") if "任务进展" in one]
    assert "长安区（石家庄市） 王强 反馈" in text
    assert "长安区（保定市） 王强 反馈" in text


def test_who_can_hand_on_the_rows_of_somebody_who_left_reads_where_they_are(world: World) -> None:
    world.published(*BOTH)
    world.disable("王强")

    assert "长安区（石家庄市）、长安区（保定市）" in world.texts("赵岚")[-1]
