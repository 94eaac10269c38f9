"""Open rows of somebody who was disabled: said by name, told at once, handed on (Q30, Q36)."""

import pytest
import sqlalchemy as sa

from app.db import session
from app.errors import BadInput, Conflict, NotAllowed
from app.notices.models import Delivery, Outcome
from app.people.models import Person, Role
from app.tasks import lifecycle
from app.tasks.field import handing_on
from app.tasks.lifecycle import Act, Part
from app.tasks.managing import supervise, urging
from app.tasks.reading import queries
from app.tasks.telling import departed
from app.work import history
from tests.world import World

SAID = "王强 已停用，收不到提醒，请转派"


def sent(world: World, wording: str) -> list[tuple[str, str, Outcome]]:
    """(who, text, outcome) of every message of a wording."""
    session().rollback()
    query = sa.select(Person.name, Delivery.text, Delivery.outcome).join(
        Person, Person.id == Delivery.recipient_id
    )
    found = session().execute(query.where(Delivery.wording == wording).order_by(Delivery.id))
    return [(name, text, Outcome(outcome)) for name, text, outcome in found]


@pytest.mark.proves("R-P15", "X-D8")
def test_disabling_tells_the_supervisor_and_the_publisher_once_each_over_all_tasks_Q36(world):
    world.published("130102", "130104", "130105")
    world.published("130102", type="数据调度")
    closed = world.published("130104", by="何主任")
    world.close(world.row(closed, "130104"))

    assert world.disable("王强") == 3

    place = "长安区、桥西区、长安区"
    text = f"【人员停用提醒】：王强已停用，收不到提醒，{place}的3条任务还未办结，"
    assert sent(world, "disable.supervisor") == [("赵岚", text + "请及时转派。", Outcome.PENDING)]
    said = text + "请联系主管或服务经理转派。"
    assert sent(world, "disable.publisher") == [("林敏", said, Outcome.IN_APP)]


def test_who_has_no_open_rows_leaves_in_silence(world):
    world.close(world.row(world.published("130102")))
    before = world.queued()

    assert world.disable("王强") == 0
    assert world.queued() == before


def test_without_a_supervisor_the_service_manager_is_told_and_without_both_the_publisher_s_rings(world):
    world.published("130102")
    world.published("310101")
    world.disable("赵岚")
    world.disable("王强")
    assert [who for who, _, _ in sent(world, "disable.supervisor")] == ["孙丽"]

    world.disable("顾东")
    world.disable("沈海")
    assert sent(world, "disable.publisher")[-1][2] == Outcome.PENDING


def test_urging_names_who_is_out_of_reach_and_reaches_the_others_Q36(world):
    task_id = world.published("130102", "130105")
    world.disable("王强")
    publisher = world.person("林敏")

    shown = urging.preview(task_id, by=publisher, whom=urging.Whom.ALL)
    assert [(one.name, one.rows) for one in shown.departed] == [("王强", 1)]
    assert (shown.implementers, shown.copied_in, shown.unseen) == (1, 2, 1)
    done = supervise.urge_all(task_id, by=publisher, form_key=world.key())
    assert (done.people, done.departed) == (3, ("王强",))


def test_urging_a_row_whose_people_are_all_out_of_reach_says_so_instead_of_urging_nobody(world):
    row = world.row(world.published("310101"), "310101")
    world.disable("沈海")
    assert supervise.urge(row.id, by=world.person("林敏"), form_key=world.key()) == ("沈海",)

    world.disable("顾东")
    for act, subject in ((supervise.urge, row.id), (supervise.urge_all, row.task_id)):
        with pytest.raises(Conflict, match="沈海 已停用，收不到提醒，请转派（主管或服务经理可转派）。"):
            act(subject, by=world.person("林敏"), form_key=world.key())


def test_a_task_names_those_whose_open_rows_one_may_see(world):
    task_id = world.published("130102", "130104", "310101")
    for name in ("王强", "沈海"):
        world.disable(name)
    seen = {
        name: [(one.name, one.rows) for one in departed.in_task(world.person(name), task_id)]
        for name in ("林敏", "赵岚", "顾东", "李静")
    }
    both = [("沈海", 1), ("王强", 2)]
    assert seen == {"林敏": both, "赵岚": [("王强", 2)], "顾东": [("沈海", 1)], "李静": []}
    assert departed.sentence(["王强"]) == SAID


def test_a_supervisor_hands_the_row_on_and_nothing_is_said_of_it_any_more_T78(world):
    row = world.row(world.published("130102"))
    world.disable("王强")
    assert departed.of_row(world.row(row.task_id)) == "王强"

    world.transfer(row.id, by="赵岚")

    assert departed.of_row(world.row(row.task_id)) == ""
    assert departed.in_task(world.person("林敏"), row.task_id) == []


def hand_on(world, *rows, by="何志远", to="李静", reason="王强离职，主管休假。", key=None):
    return handing_on.hand_on(
        world.by_name["王强"],
        {row.id for row in rows},
        by=world.person(by),
        to_id=world.by_name[to],
        reason=reason,
        form_key=key or world.key(),
    )


def test_an_administrator_hands_rows_on_in_an_emergency_on_record_and_told_as_a_transfer_Q30_T74(world):
    task_id = world.published("130102", "130104")
    rows = [world.row(task_id, code) for code in ("130102", "130104")]
    before = world.queued()

    assert hand_on(world, *rows) == 2

    for code in ("130102", "130104"):
        assert (world.row(task_id, code).implementer.name, world.row(task_id, code).transfer_count) == (
            "李静",
            1,
        )
    assert world.queued()[len(before) :] == [("李静", "transfer.implementer"), ("王强", "transfer.former")]
    assert "何志远转派一条紧急的应急事件任务" in world.texts("李静")[-1]
    [event] = [one for one in history.of(session(), "point_task", rows[0].id) if one.act == "reassign"]
    assert (event.by.name, event.facts["from"], event.facts["to"]) == ("何志远", "王强", "李静")
    assert event.facts["reason"] == "王强离职，主管休假。"


def test_rows_of_several_tasks_are_told_of_task_by_task(world):
    rows = [world.row(world.published("130102")), world.row(world.published("130102", type="数据调度"))]
    before = len(world.texts("李静"))

    hand_on(world, *rows)

    assert [text[:16] for text in world.texts("李静")[before:]] == [
        "何志远转派一条紧急的应急事件任务",
        "何志远转派一条紧急的数据调度任务",
    ]


@pytest.mark.parametrize("name", ["林敏", "周总", "郑大区", "赵岚", "王强", "陌生人"])
def test_nobody_else_may_hand_on_in_an_emergency_Q30(world, name):
    row = world.row(world.published("130102"))

    with pytest.raises(NotAllowed):
        hand_on(world, row, by=name)


def test_an_emergency_does_not_let_publishers_and_managers_transfer_Q30():
    facts = lifecycle.Facts(revoked=False, closed=False, items_open=1)
    others = frozenset({Part.PUBLISHER, Part.DEPARTMENT_MANAGER, Part.REGION_MANAGER})

    assert lifecycle.why_not(Act.TRANSFER, facts, others) == "只有主管、服务经理、实施人可以转派。"
    assert lifecycle.why_not(Act.REASSIGN, facts, others) == "只有管理员可以紧急转派。"


def test_an_emergency_asks_for_a_reason_for_rows_and_for_somebody_of_the_region_Q30_T48(world):
    row = world.row(world.published("130102"))
    with pytest.raises(BadInput) as wrong:
        hand_on(world, reason=" ")
    assert set(wrong.value.fields) == {"row", "reason"}
    with pytest.raises(BadInput, match="只能转派给本大区人员"):
        hand_on(world, row, to="沈海")
    assert world.row(row.task_id).implementer.name == "王强"


def test_a_row_that_is_finished_or_somebody_else_s_meanwhile_stops_all_of_them(world):
    task_id = world.published("130102", "130104")
    rows = [world.row(task_id, code) for code in ("130102", "130104")]
    world.transfer(rows[0].id)
    with pytest.raises(BadInput, match="已不由他实施"):
        hand_on(world, *rows)
    world.close(world.row(task_id, "130104"))
    with pytest.raises(Conflict, match="已办结"):
        hand_on(world, rows[1])
    assert world.row(task_id, "130104").implementer.name == "王强"


def test_pressing_twice_hands_on_once(world):
    row, key = world.row(world.published("130102")), world.key()

    assert (hand_on(world, row, key=key), hand_on(world, row, key=key)) == (1, 1)
    assert world.row(row.task_id).transfer_count == 1


def test_administrators_see_only_what_waits_and_no_task_of_it(world):
    world.appoint("何志远", Role.IMPLEMENTER)
    task_id = world.published("130102", "130105")
    groups = queries.open_rows_by_region(world.by_name["王强"], by=world.person("何志远"))

    assert [[row.place_name for row in rows] for rows in groups.values()] == [["长安区"]]
    assert departed.in_task(world.person("何志远"), task_id) == []
