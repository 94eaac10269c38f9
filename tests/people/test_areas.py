"""支持区域 from both sides: the places of a person, the people of a place (T-01, T-02)."""

import threading

import pytest
import sqlalchemy as sa

from app.db import session, transaction
from app.errors import BadInput, NotAllowed, NotFound, OutOfDate
from app.people import area_queries, areas
from app.people.models import AreaChange, Person, PersonRole, Role, SupportArea
from app.people.queries import primary_staff

ADMIN = "周总"  # 部门经理 of the head office


def set_areas(world, name, role, *codes, by=ADMIN, take_over=False, seen=None):
    person_id = world.by_name[name]
    editor = world.person(by)
    return areas.set_areas(
        person_id,
        by=editor,
        areas={role: set(codes)},
        take_over=take_over,
        seen=seen or area_queries.areas_seen(person_id),
    )


def set_staff(world, code, by=ADMIN, seen=None, **staff):
    editor = world.person(by)
    named = {Role(role): [world.by_name[name] for name in names] for role, names in staff.items()}
    return areas.set_staff(code, by=editor, staff=named, seen=seen or area_queries.staff_seen(code))


def staff(code, role="implementer"):
    session().rollback()
    return [line.name for line in area_queries.staff_of(code) if line.role == role]


def codes_of(world, name):
    session().rollback()
    return [(line.place_code, line.role.value) for line in area_queries.areas_of(world.by_name[name])]


def test_two_counties_added_to_a_person_are_there_when_it_is_opened_again_T01(world):
    set_areas(world, "王强", Role.IMPLEMENTER, "130102", "130104", "130107")

    assert codes_of(world, "王强") == [(code, "implementer") for code in ("130102", "130104", "130107")]


def test_a_new_task_takes_its_people_from_the_personnel_T02(world):
    set_areas(world, "李静", Role.IMPLEMENTER, "130105", "130107")
    set_areas(world, "赵岚", Role.SUPERVISOR, "130102", "130104", "130105", "130107")

    row = world.row(world.published("130107"), "130107")
    assert (row.implementer.name, row.supervisor.name, row.service_manager_id) == ("李静", "赵岚", None)


def test_who_comes_second_is_in_reserve_and_moves_up_when_the_first_goes(world):
    set_areas(world, "李静", Role.IMPLEMENTER, "130105", "130102")
    assert staff("130102") == ["王强", "李静"]
    assert primary_staff()["130102"].implementer_id == world.by_name["王强"]

    set_areas(world, "王强", Role.IMPLEMENTER, "130104")
    assert staff("130102") == ["李静"]
    assert primary_staff()["130102"].implementer_id == world.by_name["李静"]


def test_taking_over_makes_the_former_one_the_reserve(world):
    changed = set_areas(world, "李静", Role.IMPLEMENTER, "130105", "130102", take_over=True)

    assert staff("130102") == ["李静", "王强"]
    assert (changed.places, changed.copied_in) == (("130102",), ())


def test_the_people_of_a_place_are_set_in_one_go(world):
    changed = set_staff(world, "310101", implementer=["沈海"], supervisor=["顾东"], service_manager=["孙丽"])

    assert (changed.places, changed.copied_in) == (("310101",), ("310101",))
    assert staff("310101", "service_manager") == ["孙丽"]


def test_roles_that_a_form_does_not_name_stay(world):
    set_staff(world, "130102", implementer=[])

    assert staff("130102") == []
    assert staff("130102", "supervisor") == ["赵岚"]


def test_every_step_is_noted_on_both_sides(world):
    set_staff(world, "130102", implementer=["李静", "王强"])

    steps = area_queries.changes_of(place_code="130102")
    assert {(s.person.name, s.before, s.after, s.by.name) for s in steps} == {
        ("李静", "", "主要", "周总"),
        ("王强", "主要", "后备", "周总"),
    }
    [mine] = area_queries.changes_of(person_id=world.by_name["李静"])
    assert (mine.place_code, mine.role, mine.grants_role) == ("130102", "implementer", False)


def test_saving_what_is_there_already_changes_and_notes_nothing(world):
    before = area_queries.areas_seen(world.by_name["王强"])

    assert set_areas(world, "王强", Role.IMPLEMENTER, "130102", "130104", seen="old").places == ()
    assert set_staff(world, "130102", implementer=["王强"], seen="old").places == ()
    assert area_queries.areas_seen(world.by_name["王强"]) == before
    assert area_queries.changes_of(place_code="130102") == []


@pytest.mark.proves("X-D3")
def test_an_old_page_is_refused_on_both_sides(world):
    seen_person = area_queries.areas_seen(world.by_name["李静"])
    seen_place = area_queries.staff_seen("130107")
    set_areas(world, "李静", Role.IMPLEMENTER, "130105", "130107")

    with pytest.raises(OutOfDate):
        set_areas(world, "李静", Role.IMPLEMENTER, "130105", seen=seen_person)
    with pytest.raises(OutOfDate):
        set_staff(world, "130107", implementer=["王强"], seen=seen_place)


@pytest.mark.parametrize("code", ["130100", "999999", "'; --"])
def test_what_is_no_point_is_refused(world, code):
    with pytest.raises(BadInput, match="点位已不存在"):
        set_areas(world, "王强", Role.IMPLEMENTER, code)


def test_an_abolished_place_can_be_given_up_but_not_taken(world, told_time):
    with transaction() as current:
        current.execute(sa.text("UPDATE place SET valid_to = '2026-01-01' WHERE code = '130102'"))

    with pytest.raises(BadInput):
        set_areas(world, "李静", Role.IMPLEMENTER, "130105", "130102")
    set_areas(world, "王强", Role.IMPLEMENTER, "130104")
    assert codes_of(world, "王强") == [("130104", "implementer")]


def test_someone_who_left_is_not_registered_anew_and_makes_room_for_others(world, told_time):
    with transaction() as current:
        current.get_one(Person, world.by_name["王强"]).left_at = told_time.moment

    with pytest.raises(BadInput, match="王强已不在通讯录"):
        set_areas(world, "王强", Role.IMPLEMENTER, "130102", "130104", "130107")
    set_areas(world, "李静", Role.IMPLEMENTER, "130105", "130102")
    assert staff("130102") == ["李静", "王强"]
    assert primary_staff()["130102"].implementer_id == world.by_name["李静"]
    set_areas(world, "王强", Role.IMPLEMENTER)
    assert codes_of(world, "王强") == []


def test_unknown_people_are_refused(world):
    with pytest.raises(NotFound):
        areas.set_areas(999_999, by=world.person(ADMIN), areas={}, seen="")
    with pytest.raises(BadInput, match="已不在通讯录"):
        areas.set_staff(
            "130102",
            by=world.person(ADMIN),
            staff={Role.IMPLEMENTER: [999_999]},
            seen=area_queries.staff_seen("130102"),
        )


def test_a_list_of_everybody_is_refused(world):
    with pytest.raises(BadInput, match="最多登记 20 人"):
        areas.set_staff(
            "130102", by=world.person(ADMIN), staff={Role.IMPLEMENTER: list(range(1, 30))}, seen=""
        )


@pytest.mark.parametrize("name", ["郑大区", "赵岚"])
def test_a_region_keeps_its_own_people_and_places(world, name):
    set_areas(world, "李静", Role.IMPLEMENTER, "130105", "130107", by=name)
    set_staff(world, "130102", implementer=["李静"], by=name)

    assert staff("130107") == staff("130102") == ["李静"]


@pytest.mark.parametrize("name", ["郑大区", "赵岚"])
def test_a_region_keeps_nothing_of_another(world, name):
    with pytest.raises(NotAllowed, match="黄浦区不在本大区"):
        set_areas(world, "李静", Role.IMPLEMENTER, "130105", "310101", by=name)
    with pytest.raises(NotAllowed, match="黄浦区不在本大区"):
        set_staff(world, "310101", implementer=[], by=name)
    with pytest.raises(NotAllowed, match="沈海不在本大区"):
        set_areas(world, "沈海", Role.IMPLEMENTER, by=name)
    with pytest.raises(NotAllowed, match="沈海不在本大区"):
        set_staff(world, "130102", implementer=["沈海"], by=name)


def test_a_region_may_take_a_stranger_off_its_own_place(world):
    set_staff(world, "130107", implementer=["沈海"])
    set_staff(world, "130107", implementer=[], by="郑大区")

    assert staff("130107") == []


@pytest.mark.parametrize("name", ["林敏", "王强", "孙丽", "何主任", "沈海", "陌生人"])
def test_others_keep_nothing(world, name):
    with pytest.raises(NotAllowed, match="由管理员、总部部门经理"):
        set_areas(world, "王强", Role.IMPLEMENTER, by=name)
    with pytest.raises(NotAllowed, match="由管理员、总部部门经理"):
        set_staff(world, "130102", implementer=["李静"], by=name)


def test_an_administrator_makes_someone_what_they_are_registered_as_and_a_region_does_not(world):
    with pytest.raises(NotAllowed, match="李静还没有主管角色"):
        set_areas(world, "李静", Role.SUPERVISOR, "130107", by="郑大区")
    set_areas(world, "李静", Role.SUPERVISOR, "130107", "130105")

    assert world.person("李静").holds(Role.SUPERVISOR)
    assert all(step.grants_role for step in area_queries.changes_of(person_id=world.by_name["李静"]))


def test_the_role_administrator_is_enough(world):
    with transaction() as current:
        current.add(PersonRole(person_id=world.by_name["林敏"], role=Role.ADMINISTRATOR))

    set_staff(world, "310101", implementer=["李静"], by="林敏")
    assert staff("310101") == ["李静"]


def test_a_refused_change_leaves_everything_as_it_was(world):
    before = area_queries.areas_seen(world.by_name["李静"])
    with pytest.raises(NotAllowed):
        set_areas(world, "李静", Role.IMPLEMENTER, "310101", by="郑大区")

    assert area_queries.areas_seen(world.by_name["李静"]) == before
    assert session().execute(sa.select(sa.func.count(AreaChange.id))).scalar() == 0


def test_two_editors_at_once_leave_one_primary_and_lose_nobody(world, app):
    seen = {name: area_queries.areas_seen(world.by_name[name]) for name in ("王强", "李静")}
    session().rollback()
    start = threading.Barrier(2)

    def take(name, *codes):
        with app.app_context():
            start.wait()
            set_areas(world, name, Role.IMPLEMENTER, *codes, take_over=True, seen=seen[name])

    threads = [
        threading.Thread(target=take, args=("王强", "130102", "130104", "130107")),
        threading.Thread(target=take, args=("李静", "130105", "130107")),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(staff("130107")) == ["李静", "王强"]
    primaries = sa.select(sa.func.count()).where(SupportArea.place_code == "130107", SupportArea.is_primary)
    assert session().execute(primaries).scalar() == 1


def test_gaps_name_every_point_and_what_it_lacks_by_province(world, told_time):
    with transaction() as current:
        current.get_one(Person, world.by_name["李静"]).left_at = told_time.moment

    hebei, shanghai = area_queries.gaps()
    assert (hebei.name, hebei.region, hebei.points) == ("河北省", "华北大区", 4)
    assert [(place.name, place.parents, place.lacking) for place in hebei.places] == [
        ("新华区", "河北省 / 石家庄市", (Role.IMPLEMENTER,)),
        ("井陉矿区", "河北省 / 石家庄市", (Role.IMPLEMENTER, Role.SUPERVISOR, Role.SERVICE_MANAGER)),
    ]
    assert hebei.lacking == {Role.IMPLEMENTER: 2, Role.SUPERVISOR: 1, Role.SERVICE_MANAGER: 1}
    assert [place.lacking for place in shanghai.places] == [(Role.SERVICE_MANAGER,)]


def test_a_person_sees_who_is_first_where_they_are_in_reserve(world):
    set_areas(world, "李静", Role.IMPLEMENTER, "130105", "130102")

    lines = area_queries.areas_of(world.by_name["李静"])
    assert [(line.place_name, line.is_primary, line.first) for line in lines] == [
        ("长安区", False, "王强"),
        ("新华区", True, ""),
    ]
