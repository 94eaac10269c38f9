"""查看任务: who sees what, filters, order, paging, the tree."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app import clock
from app.db import session
from app.errors import NotFound
from app.people import queries as people
from app.people.models import Role
from app.tasks import access
from app.tasks.clock import overdue
from app.tasks.field import implement
from app.tasks.filters import Filter
from app.tasks.managing import supervise
from app.tasks.models import PointTask
from app.tasks.reading.heads import head
from app.tasks.reading.queries import rows_page
from app.tasks.reading.tree import last_in, tree_months
from tests.world import CAST

ALL = ("130102", "130104", "130105", "310101")


def places(world, name, **options):
    return [row.place_name for row in rows_page(world.person(name), **options).rows]


def titles(world, name):
    return [node.title for month in tree_months(world.person(name)) for node in month.nodes]


def test_clicking_a_task_lists_every_chosen_point_T05(world):
    task_id, other = world.published(*ALL), world.published("130102")

    assert places(world, "林敏", task_id=task_id) == ["长安区", "桥西区", "新华区", "黄浦区"]
    assert places(world, "林敏", task_id=other) == ["长安区"]


def test_the_head_office_manager_sees_every_task_T06_Q24(world):
    world.published("130102", by="何主任")
    world.published("310101")

    assert places(world, "周总") == ["黄浦区", "长安区"]


@pytest.mark.parametrize("name", ["郑大区", "赵岚"])
def test_region_roles_see_their_region_and_nothing_else_T07_Q27(world, name):
    task_id = world.published(*ALL)
    shanghai = world.published("310101")

    assert places(world, name) == ["新华区", "桥西区", "长安区"]
    assert places(world, name, task_id=task_id) == ["长安区", "桥西区", "新华区"]
    with pytest.raises(NotFound):
        head(world.person(name), shanghai)


def test_a_supervisor_reads_rows_of_the_region_that_name_somebody_else_T07(world):
    world.appoint("李静", Role.SUPERVISOR)
    world.published("130102", "310101")

    assert places(world, "李静") == ["长安区"]


def test_a_region_reads_what_its_members_published_without_the_rows_elsewhere_T07_Q27(world):
    world.appoint("赵岚", Role.PUBLISHER)
    task_id = world.published("310101", by="赵岚")

    assert titles(world, "郑大区")
    assert head(world.person("郑大区"), task_id).rows == 1
    assert places(world, "郑大区", task_id=task_id) == []


def test_others_see_what_they_published_or_implement_T08(world):
    task_id = world.published(*ALL)
    world.published("130105", by="何主任")

    assert places(world, "王强") == ["桥西区", "长安区"]
    assert places(world, "李静", task_id=task_id) == ["新华区"]
    assert places(world, "林敏") == ["黄浦区", "新华区", "桥西区", "长安区"]
    assert places(world, "陌生人") == []


def test_service_managers_see_their_own_points(world):
    world.published(*ALL)

    assert places(world, "孙丽") == ["新华区", "桥西区", "长安区"]


def test_a_department_manager_sees_the_tasks_of_his_department_Q24(world):
    world.published("130102")
    world.published("310101", by="何主任")

    assert places(world, "何主任") == ["黄浦区"]


def test_tree_titles_read_as_the_source_wants_T10(world, told_time):
    told_time.at("2026-11-23 09:30")
    world.published("130102", "130104")

    assert titles(world, "林敏") == ["发布-应急事件-2026-11-23 09:30-未完成"]
    assert titles(world, "王强") == ["实施-应急事件-2026-11-23 09:30-未完成"]
    assert titles(world, "赵岚") == ["发布-应急事件-2026-11-23 09:30-未完成"]
    assert titles(world, "陌生人") == []


def test_older_tasks_follow_where_the_tree_ends(world, told_time):
    ids = []
    for _ in range(3):
        ids.append(world.published("130102"))
        told_time.pass_(minutes=1)
    first = tree_months(world.person("林敏"), limit=2)
    rest = tree_months(world.person("林敏"), older_than=last_in(first, limit=2), limit=2)

    assert [node.task_id for month in first for node in month.nodes] == ids[:0:-1]
    assert [node.task_id for month in rest for node in month.nodes] == ids[:1]
    assert last_in(rest, limit=2) is None


def test_the_tree_follows_what_is_done(world):
    task_id = world.published("130102", "130105")
    world.feed_back(world.row(task_id))
    implement.close(world.row(task_id).id, by=world.person("王强"), seen_version=None, form_key=world.key())

    assert titles(world, "林敏")[0].endswith("-部分完成")
    assert titles(world, "王强")[0].endswith("-已完成")
    assert titles(world, "李静")[0].endswith("-未完成")


@pytest.mark.parametrize(
    ("narrowed", "expected"),
    [
        ({"label": "已办结"}, ["长安区"]),
        ({"label": "正常"}, ["桥西区", "新华区", "黄浦区"]),
        ({"place_code": "130000"}, ["长安区", "桥西区", "新华区"]),
        ({"place_code": "130100"}, ["长安区", "桥西区", "新华区"]),
        ({"place_code": "310101"}, ["黄浦区"]),
        ({"type": "数据调度"}, []),
        ({"type": "应急事件", "label": "已办结"}, ["长安区"]),
    ],
)
def test_filters_combine(world, narrowed, expected):
    task_id = world.published(*ALL)
    world.feed_back(world.row(task_id))
    implement.close(world.row(task_id).id, by=world.person("王强"), seen_version=None, form_key=world.key())

    assert places(world, "林敏", task_id=task_id, narrowed=Filter(**narrowed)) == expected
    assert sorted(places(world, "林敏", narrowed=Filter(**narrowed))) == sorted(expected)


def test_filters_by_region_person_and_time(world, told_time):
    world.published(*ALL)
    east = people.by_userid("gudong").region_id
    tomorrow = clock.now() + timedelta(days=1)

    assert places(world, "林敏", narrowed=Filter(region_id=east)) == ["黄浦区"]
    assert places(world, "林敏", narrowed=Filter(person_id=world.by_name["李静"])) == ["新华区"]
    assert places(world, "林敏", narrowed=Filter(since=tomorrow)) == []
    assert len(places(world, "林敏", narrowed=Filter(until=tomorrow))) == 4


def test_the_overdue_filter_finds_sent_back_rows_past_their_deadline_Q2(world, told_time):
    row = world.closed_point_task()
    supervise.send_back(
        row.id,
        by=world.person("林敏"),
        item_ids={row.items[0].id},
        reason="未完成",
        impact="窗口",
        seen_version=None,
        form_key=world.key(),
    )
    told_time.pass_(days=3)
    overdue.scan()

    assert places(world, "林敏", narrowed=Filter(label="已超期")) == ["长安区"]
    assert places(world, "林敏", narrowed=Filter(label="打回")) == ["长安区"]


def test_every_state_can_be_reached_and_filtered_for_T61(world, told_time):
    task_id = world.published("130102", "130104", due_at=told_time.moment + timedelta(days=9))
    late = world.row(world.published("310101"), "310101")
    back = world.closed_point_task(implementer="李静")
    items, why = {back.items[0].id}, {"reason": "抽查不合格", "impact": "全区"}
    by, key = world.person("林敏"), world.key()
    supervise.send_back(back.id, by=by, item_ids=items, **why, seen_version=None, form_key=key)
    gone = world.published("130105")
    supervise.revoke(gone, by=by, reason="发布有误", seen_version=None, form_key=world.key())
    told_time.pass_(hours=10)
    overdue.scan()

    found = {
        label: [row.id for row in rows_page(world.person("林敏"), narrowed=Filter(label=label)).rows]
        for label in ("正常", "已超期", "打回", "已撤销")
    }
    assert found["正常"] == [world.row(task_id, "130104").id, world.row(task_id).id]
    assert found["已超期"] == [back.id, late.id]  # the 打回 row wears the chip (Q2)
    assert (found["打回"], found["已撤销"]) == ([back.id], [world.row(gone, "130105").id])


@pytest.mark.parametrize("sort", ["place", "due", "state"])
def test_pages_follow_each_other_without_gaps_or_doubles(world, sort):
    task_id = world.published(*ALL)
    world.feed_back(world.row(task_id, "130104"))
    implement.close(
        world.row(task_id, "130104").id, by=world.person("王强"), seen_version=None, form_key=world.key()
    )
    seen, after = [], None
    while True:
        page = rows_page(world.person("林敏"), task_id=task_id, size=1, after=after, sort=sort)
        seen += [row.place_name for row in page.rows]
        after = page.next_after
        if after is None:
            break

    assert sorted(seen) == sorted(["长安区", "桥西区", "新华区", "黄浦区"])
    assert seen == places(world, "林敏", task_id=task_id, sort=sort)


def test_my_own_rows_of_a_task_Q25(world):
    task_id = world.published(*ALL)

    assert places(world, "王强", task_id=task_id, mine=True) == ["长安区", "桥西区"]
    assert places(world, "王强", mine=True) == ["桥西区", "长安区"]


@pytest.mark.parametrize(
    ("name", "seen"), [("李静", ["新华区"]), ("郑大区", ["长安区", "桥西区", "新华区"]), ("顾东", ["黄浦区"])]
)
def test_clicking_a_task_shows_the_rows_one_may_see_and_the_progress_of_all_Q26(world, name, seen):
    task_id = world.published(*ALL)
    world.close(world.row(task_id))

    found = head(world.person(name), task_id)
    assert places(world, name, task_id=task_id) == seen
    assert (found.percent, found.closed_text) == (25, "办结 1/4")


def test_buttons_are_those_of_the_rules_table_T40_T53_Q37(world):
    task_id = world.published("130102")

    def names(who):
        (row,) = rows_page(world.person(who), task_id=task_id).rows
        return [button.name for button in row.buttons]

    assert names("王强") == names("赵岚") == names("孙丽") == ["反馈", "转派", "办结"]
    assert names("林敏") == names("周总") == ["详情", "催办", "打回"]
    assert names("郑大区") == []


@pytest.mark.parametrize("place", ["130102", "310101"])
def test_a_page_holds_the_rows_that_the_plain_condition_finds(world, place):
    world.appoint("赵岚", Role.PUBLISHER)  # several reasons to see a row at once
    world.appoint("王强", Role.SUPERVISOR)
    for codes, by in ((ALL, "林敏"), ((place,), "何主任"), (("130102",), "赵岚"), (ALL, "何主任")):
        world.published(*codes, by=by)

    for name, *_ in CAST:
        person = world.person(name)
        plain = sa.select(PointTask.id).where(access.visible_to(person)).order_by(PointTask.id.desc())
        wanted = list(session().execute(plain).scalars())

        first = rows_page(person, size=3)
        rest = rows_page(person, after=first.next_after) if first.next_after else first

        seen = [row.id for row in first.rows] + [row.id for row in rest.rows if first.next_after]
        assert seen == wanted, name
