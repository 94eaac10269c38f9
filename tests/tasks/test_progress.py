"""完成进度 of a whole task: what its items have done, the same number everywhere, closed rows beside it (Q55)."""

import random
from datetime import timedelta

import flask_migrate
import pytest
import sqlalchemy as sa

from app import clock
from app.db import session
from app.errors import Conflict, Refusal
from app.insight import to_do
from app.notices.models import Delivery
from app.people.models import Role
from app.tasks import labels
from app.tasks.clock import overdue, reminders
from app.tasks.managing import pausing, supervise
from app.tasks.models import PointTask, TaskCount
from app.tasks.publishing import edit
from app.tasks.reading import outside
from app.tasks.reading.heads import head, standings
from app.tasks.reading.tree import tree_months
from tests.tasks.test_rolling_back import roll_back, tick
from tests.world import World

CODES = ("130102", "130104", "130105")


def shown(world: World, task_id: int, name: str = "林敏") -> tuple[int, str]:
    """What the task page says."""
    found = head(world.person(name), task_id)
    return found.percent, found.closed_text


def two_thirds(world: World) -> int:
    """Two of three modules are 是 everywhere, no row is closed."""
    task_id = world.upgrade(*CODES)
    for code, name in zip(CODES, ("王强", "王强", "李静"), strict=True):
        tick(world, world.row(task_id, code), "模块A", "模块B", by=name)
    return task_id


def test_a_task_reads_what_its_items_have_done_before_any_row_is_closed_T60_Q55(world):
    task_id = two_thirds(world)

    assert shown(world, task_id) == (66, "办结 0/3")


def test_the_number_is_the_same_wherever_a_task_is_read_Q55(world):
    task_id = two_thirds(world)
    tick(world, world.row(task_id), "模块A", "模块B", "模块C", close=True)
    publisher = world.person("林敏")

    [[node]] = [month.nodes for month in tree_months(publisher)]
    [published] = to_do.published(publisher)
    entry = outside.task(None, task_id)
    assert shown(world, task_id) == (77, "办结 1/3")
    assert (node.percent_text, node.closed_text) == ("77%", "办结 1/3")
    assert published == node
    assert (entry.percent, entry.closed, entry.live) == (77, 1, 3)
    assert standings([task_id]) == {task_id: "77% · 办结 1/3"}


def test_the_rows_that_i_implement_have_a_progress_of_their_own_Q25_Q55(world):
    world.appoint("王强", Role.PUBLISHER)
    task_id = world.upgrade(*CODES, by="王强")
    tick(world, world.row(task_id), "模块A", "模块B", "模块C", close=True)

    [month] = tree_months(world.person("王强"))
    said = [(node.mine, node.percent_text, node.closed_text) for node in month.nodes]
    assert said == [(False, "33%", "办结 1/3"), (True, "50%", "办结 1/2")]


def test_progress_is_1_to_99_while_anything_is_open_Q8(world):
    names = tuple(f"模块{n}" for n in range(50))
    task_id = world.upgrade(*CODES, modules=names)
    tick(world, world.row(task_id), "模块7")
    assert shown(world, task_id) == (1, "办结 0/3")

    for code, name in zip(CODES, ("王强", "王强", "李静"), strict=True):
        tick(world, world.row(task_id, code), *names[code == "130102" :], by=name)
    assert shown(world, task_id) == (99, "办结 0/3")


def test_revoked_points_do_not_count_Q6(world):
    task_id = world.upgrade(*CODES)
    tick(world, world.row(task_id), "模块A", "模块B", "模块C")
    change(world, world.row(task_id).task, "130102", "130104")

    assert shown(world, task_id) == (50, "办结 0/2")


def change(world, task, *codes):
    values = {"type": task.type, "patch_id": task.patch_id, "due_at": task.due_at, "urgency": task.urgency}
    form = world.form(*codes, **values, note=task.note)
    edit.edit(task.id, form, by=world.person("林敏"), seen_version=None, form_key=world.key())


def test_a_task_whose_rows_are_all_not_upgraded_is_over_and_says_nothing_more_Q16(world, told_time):
    task_id = world.upgrade(*CODES)
    roll_back(world, task_id, "模块A", "模块B", "模块C")

    [[node]] = [month.nodes for month in tree_months(world.person("林敏"))]
    found = head(world.person("林敏"), task_id)
    assert node.title.endswith("-暂不升级")
    assert (found.state, found.percent_text, found.closed_text) == ("暂不升级", "—", "")
    assert outside.task(None, task_id).state == "暂不升级"
    for act in (supervise.urge_all, pause):
        with pytest.raises(Conflict, match="所有点位都暂不升级"):
            act(task_id, by=world.person("林敏"), form_key=world.key())
    before = messages()
    for _ in range(6):
        told_time.pass_(days=1)
        overdue.scan()
        reminders.scan()
    assert messages() == before


def pause(task_id, *, by, form_key):
    to = (clock.local(clock.now()) + timedelta(days=2)).date()
    pausing.pause_reminders(task_id, by=by, to=to, reason="等待", seen_version=None, form_key=form_key)


def messages() -> int:
    session().rollback()
    return session().execute(sa.select(sa.func.count()).select_from(Delivery)).scalar_one()


def counted_anew() -> dict[tuple[int, int, str], tuple[int, int, int]]:
    """What the rows themselves add up to."""
    session().rollback()
    region = sa.func.coalesce(PointTask.region_id, 0)
    items = (sa.func.sum(PointTask.items_total), sa.func.sum(PointTask.items_done))
    query = sa.select(PointTask.task_id, region, PointTask.label, sa.func.count(), *items)
    found = session().execute(query.group_by(PointTask.task_id, region, PointTask.label))
    return {tuple(row[:3]): tuple(map(int, row[3:])) for row in found}


def kept() -> dict[tuple[int, int, str], tuple[int, int, int]]:
    """What the summary says, nothing left out but what is nothing."""
    columns = TaskCount.__table__.c
    found = session().execute(sa.select(*columns))
    return {tuple(row[:3]): tuple(row[3:]) for row in found if any(row[3:])}


@pytest.mark.parametrize("seed", range(3))
def test_after_any_acts_the_summary_says_what_the_rows_do_Q55(world, told_time, seed):
    dice = random.Random(seed)  # noqa: S311 (a test's own choices)
    task_id = world.upgrade("130102", "130105", "310101")
    for _ in range(25):
        step(world, told_time, dice, task_id)
        assert kept() == counted_anew()


def step(world, told_time, dice, task_id):
    """One act of somebody who may; what is refused changes nothing."""
    row = world.row(task_id, dice.choice(("130102", "130105", "310101")))
    names = [item.name for item in row.items if dice.random() < 0.7]
    act = dice.choice(("tick", "close", "close", "send back", "roll back", "add", "time", "transfer"))
    try:
        if act == "tick":
            tick(world, row, *names, by=row.implementer.name)
        elif act == "close":
            world.close(row, by=row.implementer.name)
        elif act == "send back":
            send_back(world, row)
        elif act == "roll back":
            roll_back(world, task_id, *names[:1])
        elif act == "add":
            change(world, row.task, "130102", "130105", "310101", *dice.choice(((), ("130104",))))
        elif act == "time":
            told_time.pass_(hours=dice.choice((1, 30)))
            overdue.scan()
        else:
            world.transfer(row.id, by=row.implementer.name, to=dice.choice(("王强", "李静", "沈海")))
    except Refusal:
        pass


def send_back(world, row):
    supervise.send_back(
        row.id,
        by=world.person("林敏"),
        item_ids={item.id for item in row.items},
        reason="重做",
        impact="全部",
        seen_version=None,
        form_key=world.key(),
    )


def test_what_was_published_before_is_added_up_by_the_migration(world):
    task_id = two_thirds(world)
    before = kept()
    session().rollback()

    flask_migrate.downgrade(revision="0008_proof")
    flask_migrate.upgrade()

    assert kept() == before == counted_anew()
    assert shown(world, task_id) == (66, "办结 0/3")


def test_tonight_s_midnight_is_today_T75(world, told_time):
    midnight = told_time.at("2026-11-24 00:00")
    told_time.at("2026-11-23 09:00")
    for due_at in (midnight - timedelta(seconds=1), midnight, midnight + timedelta(minutes=1)):
        world.published(due_at=due_at)

    found = to_do.to_do(world.person("王强"))
    assert [row.due_at for row in found.today] == [midnight - timedelta(seconds=1), midnight]
    assert len(found.next_seven_days) == 1


def test_a_task_nobody_works_on_is_not_over():
    assert labels.task_state({}) is labels.TaskState.OPEN
    assert labels.task_state({"暂不升级": 1, "已撤销": 2}) is labels.TaskState.NOT_UPGRADED
