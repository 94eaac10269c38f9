"""People: added, corrected, disabled and enabled again; never without an administrator."""

import threading

import pytest
import sqlalchemy as sa

from app.administration import people
from app.administration.people import PersonForm
from app.db import session
from app.errors import BadInput, NotAllowed, OutOfDate
from app.people import queries, sessions
from app.people.models import LoginSession, Role
from app.tasks.telling import departed
from app.work import history
from tests.administration.conftest import form_of

NEW = PersonForm(name="张伟", position="工程师", mobile="138 0000 0000", roles=frozenset({Role.IMPLEMENTER}))


def add(world, userid="ZhangWei", form=NEW, *, by="何志远", key=None):
    return people.create(userid, form, by=world.person(by), form_key=key or world.key())


def edit(world, who, *, by="何志远", seen=None, **changes):
    person = world.person(who)
    form = form_of(person, **changes)
    return people.edit(person.id, form, by=world.person(by), seen=seen or people.seen(person.id))


def log(person_id):
    session().rollback()
    return [
        (event.act, event.by.name, event.facts["changes"])
        for event in history.of(session(), "person", person_id)
    ]


def test_a_new_person_is_found_by_pinyin_and_on_record(world):
    person_id = add(world)

    assert [one.name for one in queries.search_people("zhangw").people] == ["张伟"]
    person = queries.by_userid("zhangwei")
    assert (person.mobile, person.role_names) == ("13800000000", ["实施人"])
    ((act, by, changes),) = log(person_id)
    assert (act, by, changes["账号"], changes["角色"]) == (
        "create_person",
        "何志远",
        ["", "zhangwei"],
        ["", "实施人"],
    )


@pytest.mark.proves("X-D1")
def test_the_second_tap_adds_nobody(world):
    key = world.key()

    assert add(world, key=key) == add(world, key=key)


@pytest.mark.parametrize(
    ("userid", "changes", "field", "why"),
    [
        ("wangqiang", {}, "userid", "已经是王强"),
        ("王强", {}, "userid", "企业微信通讯录里的“账号”"),
        ("x", {"name": ""}, "name", "请填写姓名"),
        ("x", {"name": "名" * 31}, "name", "最多 30 个字"),
        ("x", {"mobile": "12345"}, "mobile", "11 位手机号"),
        ("x", {"roles": frozenset({Role.SUPERVISOR})}, "region", "主管必须选择大区"),
        ("x", {"roles": frozenset({Role.DEPARTMENT_MANAGER})}, "department", "部门经理必须选择部门"),
        ("x", {"region_id": 999}, "region", "已不存在"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(world, userid, changes, field, why):
    form = PersonForm(**({"name": "张伟"} | changes))
    with pytest.raises(BadInput) as refused:
        add(world, userid, form)

    assert why in refused.value.fields[field]


def test_a_correction_tells_before_and_after(world):
    assert edit(world, "李静", name="李净", roles=frozenset({Role.IMPLEMENTER, Role.PUBLISHER}))
    changes = log(world.by_name["李静"])[0][2]

    assert changes == {"姓名": ["李静", "李净"], "角色": ["实施人", "实施人、发布人"]}
    assert [one.name for one in queries.search_people("lijing").people] == ["李净"]


def test_nothing_changed_is_no_record(world):
    assert edit(world, "李静") is False
    assert log(world.by_name["李静"]) == []


@pytest.mark.proves("X-D3")
def test_somebody_else_was_faster(world):
    seen = people.seen(world.by_name["李静"])
    edit(world, "李静", name="李净")
    with pytest.raises(OutOfDate, match="刚被其他人修改"):
        edit(world, "李静", position="工程师", seen=seen)


def test_a_role_that_places_rely_on_stays_until_they_are_given_to_others(world):
    with pytest.raises(BadInput) as refused:
        edit(world, "王强", roles=frozenset({Role.PUBLISHER}))

    assert "王强还登记为 2 个点位的实施人" in refused.value.fields["roles"]


@pytest.mark.proves("X-D9")
def test_a_role_taken_away_counts_at_once(world):
    assert world.person("林敏").holds(Role.PUBLISHER)
    edit(world, "林敏", roles=frozenset())

    assert not world.person("林敏").holds(Role.PUBLISHER)


@pytest.mark.proves("X-D8")
def test_disabling_ends_every_session_and_keeps_roles_and_places(world):
    token = sessions.start(world.by_name["王强"])
    assert world.disable("王强") == 0
    session().rollback()

    assert sessions.find(token) is None
    assert session().execute(sa.select(sa.func.count()).select_from(LoginSession)).scalar() == 0
    assert world.person("王强").role_names == ["实施人"]
    assert world.disable("王强") is None
    assert log(world.by_name["王强"]) == [("disable_person", "何志远", {"状态": ["在职", "停用"]})]


def test_enabling_brings_a_person_back(world):
    world.disable("王强")
    people.enable(world.by_name["王强"], by=world.person("何志远"))

    assert world.person("王强").holds(Role.IMPLEMENTER)
    assert world.row(world.published("130102")).implementer.name == "王强"
    assert people.enable(world.by_name["王强"], by=world.person("何志远")) is False


def test_nobody_disables_themselves(world):
    with pytest.raises(BadInput, match="不能停用自己"):
        world.disable("何志远")


def test_the_last_administrator_keeps_the_role(world):
    with pytest.raises(BadInput, match="至少要有一位在职的管理员"):
        edit(world, "何志远", roles=frozenset({Role.PUBLISHER}))

    edit(world, "周总", roles=frozenset({Role.DEPARTMENT_MANAGER, Role.ADMINISTRATOR}))
    assert edit(world, "何志远", roles=frozenset({Role.PUBLISHER}))
    assert world.person("何志远").role_names == ["发布人"]


def test_an_administrator_who_left_does_not_count(world):
    edit(world, "周总", roles=frozenset({Role.DEPARTMENT_MANAGER, Role.ADMINISTRATOR}))
    world.disable("周总")
    with pytest.raises(BadInput, match="至少要有一位"):
        edit(world, "何志远", roles=frozenset())


@pytest.mark.parametrize("name", ["林敏", "周总", "郑大区", "陌生人"])
def test_only_administrators_change_people(world, name):
    with pytest.raises(NotAllowed):
        add(world, by=name)
    with pytest.raises(NotAllowed):
        edit(world, "李静", name="李净", by=name)
    with pytest.raises(NotAllowed):
        world.disable("李静", by=name)
    with pytest.raises(NotAllowed):
        people.enable(world.by_name["李静"], by=world.person(name))


def test_two_administrators_cannot_disable_each_other_at_the_same_moment(app, world):
    edit(world, "周总", roles=frozenset({Role.DEPARTMENT_MANAGER, Role.ADMINISTRATOR}))
    ready, refused = threading.Barrier(2), []

    def disable(who, by):
        with app.app_context():
            editor = queries.person(world.by_name[by])
            ready.wait()
            try:
                people.disable(world.by_name[who], by=editor, tells=departed.tell)
            except BadInput as refusal:
                refused.append(str(refusal))

    threads = [
        threading.Thread(target=disable, args=pair) for pair in (("周总", "何志远"), ("何志远", "周总"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(refused) == 1
    assert sum(world.person(name).holds(Role.ADMINISTRATOR) for name in ("周总", "何志远")) == 1


def test_a_name_of_twenty_five_long_syllables_is_added_edited_and_found(world):
    name = "庄" * 25
    person_id = add(world, "zhuang", PersonForm(name=name))
    edit(world, "林敏", name=name + "林")

    assert queries.by_userid("zhuang").pinyin == "zhuang" * 25
    assert {one.id for one in queries.search_people("zhuang" * 25).people} == {
        person_id,
        world.by_name["林敏"],
    }


def test_a_padded_name_is_kept_without_its_blanks_and_an_unreadable_one_refused(world):
    person_id = add(world, form=PersonForm(name="李　四"))
    assert queries.person(person_id).name == "李四"

    with pytest.raises(BadInput, match="姓名含有私用区字符（U\\+E863）"):
        add(world, "other", PersonForm(name="王\ue863"))
