"""一并更新未办结任务的抄送人: published rows follow a change of 支持区域 only when asked."""

import pytest

from app.db import session
from app.errors import NotAllowed
from app.people import area_queries, areas
from app.people.models import Role
from app.tasks.publishing import copied_in
from app.tasks.reading.queries import rows_page
from app.work import history


def hand_over(world, *codes, to="顾东"):
    """`to` becomes 主管 of these places."""
    for code in codes:
        areas.set_staff(
            code,
            by=world.person("周总"),
            staff={Role.SUPERVISOR: [world.by_name[to]]},
            seen=area_queries.staff_seen(code),
        )


def test_a_change_of_support_areas_touches_no_published_row_T49(world):
    row = world.point_task()
    hand_over(world, "130102")

    after = world.row(row.task_id)
    assert (after.supervisor.name, after.version) == ("赵岚", row.version)
    assert copied_in.outdated(["130102"]) == 1


def test_open_rows_follow_when_asked_and_say_so_in_their_history(world):
    row = world.point_task()
    seen = row.version
    hand_over(world, "130102")

    assert copied_in.update_copied_in(["130102"], by=world.person("周总")) == 1
    after = world.row(row.task_id)
    assert (after.supervisor.name, after.implementer.name, after.version) == ("顾东", "王强", seen + 1)
    event = history.of(session(), "point_task", row.id)[0]
    assert (event.act, event.by.name) == ("update_copied_in", "周总")
    assert event.facts == {"changes": ["主管：赵岚→顾东"]}
    assert row.id in [line.id for line in rows_page(world.person("顾东")).rows]
    assert copied_in.outdated(["130102"]) == 0


def test_closed_rows_and_other_places_stay(world):
    closed, other = world.closed_point_task(), world.row(world.published("130104"), "130104")
    hand_over(world, "130102", "130104")

    assert copied_in.update_copied_in(["130102"], by=world.person("周总")) == 0
    assert world.row(closed.task_id).supervisor.name == "赵岚"
    assert world.row(other.task_id, "130104").supervisor.name == "赵岚"


def test_a_second_time_changes_nothing(world):
    world.point_task()
    hand_over(world, "130102")
    copied_in.update_copied_in(["130102"], by=world.person("周总"))

    assert copied_in.update_copied_in(["130102"], by=world.person("周总")) == 0


def test_where_nobody_is_registered_any_more_nobody_is_copied_in(world):
    row = world.point_task()
    areas.set_staff(
        "130102",
        by=world.person("周总"),
        staff={Role.SERVICE_MANAGER: []},
        seen=area_queries.staff_seen("130102"),
    )
    copied_in.update_copied_in(["130102"], by=world.person("周总"))

    assert world.row(row.task_id).service_manager_id is None
    assert history.of(session(), "point_task", row.id)[0].facts == {"changes": ["服务经理：孙丽→无"]}


@pytest.mark.parametrize(("name", "code"), [("王强", "130102"), ("林敏", "130102"), ("郑大区", "310101")])
def test_only_those_who_keep_the_place_may_ask_for_it(world, name, code):
    with pytest.raises(NotAllowed):
        copied_in.update_copied_in([code], by=world.person(name))


def test_the_region_may_for_its_own_places(world):
    world.point_task()
    hand_over(world, "130102")

    assert copied_in.update_copied_in(["130102", "130104"], by=world.person("郑大区")) == 1
