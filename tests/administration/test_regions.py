"""大区 and departments: a province has one 大区, and everybody's rights follow."""

import pytest

from app.administration import regions
from app.db import session
from app.errors import BadInput, NotAllowed, NotFound, OutOfDate
from app.people import queries
from app.people.queries import heads_the_company
from app.work import history


def region_id(name):
    session().rollback()
    return {one.name: one.id for one in queries.regions()}[name]


def save(world, region=None, *, name="华中大区", provinces=(), by="何志远", seen=None):
    return regions.save_region(
        region,
        name=name,
        provinces=provinces,
        by=world.person(by),
        seen=seen or regions.regions_seen(),
        form_key=world.key(),
    )


def save_department(world, department=None, *, name="客服部", head=False, by="何志远", seen=None):
    return regions.save_department(
        department,
        name=name,
        is_head_office=head,
        by=world.person(by),
        seen=seen or regions.departments_seen(),
        form_key=world.key(),
    )


def log(kind, subject_id):
    session().rollback()
    return [(event.act, event.facts["changes"]) for event in history.of(session(), kind, subject_id)]


def test_a_province_moves_to_the_new_region_and_both_say_so(world):
    new, east = save(world, provinces=["310000"]), region_id("华东大区")

    assert queries.region_of_province() == {"130000": region_id("华北大区"), "310000": new}
    assert [one.name for one in queries.regions()][-1] == "华中大区"
    assert log("region", new) == [("create_region", {"大区": ["", "华中大区"], "省份": ["", "上海市"]})]
    assert log("region", east) == [("edit_region", {"省份": ["上海市", ""]})]


def test_new_tasks_follow_the_division_and_old_ones_stay(world):
    before = world.row(world.published("310101"), "310101")
    new = save(world, provinces=["310000"])
    after = world.row(world.published("310101"), "310101")

    assert after.region_id == new
    assert world.row(before.task_id, "310101").region_id == region_id("华东大区")


def test_a_region_is_renamed_and_loses_what_is_not_ticked(world):
    north = region_id("华北大区")
    save(world, north, name="北方大区", provinces=[])

    assert "130000" not in queries.region_of_province()
    assert log("region", north) == [
        ("edit_region", {"大区": ["华北大区", "北方大区"], "省份": ["河北省", ""]})
    ]


@pytest.mark.parametrize(
    ("values", "field", "why"),
    [
        ({"name": ""}, "name", "请填写大区的名称"),
        ({"name": "华北大区"}, "name", "已经有“华北大区”"),
        ({"name": "区" * 21}, "name", "最多 20 个字"),
        ({"provinces": ["130100"]}, "provinces", "省份已不存在"),
    ],
)
def test_what_cannot_be_is_refused(world, values, field, why):
    with pytest.raises(BadInput) as refused:
        save(world, **values)
    assert why in refused.value.fields[field]


@pytest.mark.proves("X-D3")
def test_somebody_else_was_faster(world):
    with pytest.raises(OutOfDate, match="大区刚被其他人修改"):
        save(world, seen="old")
    with pytest.raises(OutOfDate, match="部门刚被其他人修改"):
        save_department(world, seen="old")
    with pytest.raises(NotFound):
        save(world, 999)


def test_the_head_of_a_head_office_sees_everything_Q24(world):
    data_centre = world.person("何主任").department_id
    assert not heads_the_company(world.person("何主任"))
    save_department(world, data_centre, name="数据中心", head=True)

    assert heads_the_company(world.person("何主任"))
    assert log("department", data_centre) == [("edit_department", {"总部": ["否", "是"]})]


def test_only_administrators_divide_the_country(world):
    with pytest.raises(NotAllowed):
        save(world, by="周总")
    with pytest.raises(NotAllowed):
        save_department(world, by="郑大区")
