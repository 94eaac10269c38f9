"""转派."""

import pytest

from app.errors import BadInput, NotAllowed, NotFound
from app.tasks.field import handing_on, implement
from app.tasks.reading.queries import point_task


def transfer(world, row, to, *, by="王强"):
    handing_on.transfer(
        row.id,
        by=world.person(by),
        to_id=world.by_name[to],
        reason="出差",
        seen_version=None,
        form_key=world.key(),
    )


@pytest.mark.parametrize("by", ["王强", "赵岚", "孙丽"])
def test_the_three_of_the_field_may_transfer_within_the_region_T46_T50_T74_Q32(world, by):
    row = world.point_task()
    transfer(world, row, "李静", by=by)

    assert world.row(row.task_id).implementer.name == "李静"
    assert world.texts("李静") == [
        f"{by}转派一条紧急的应急事件任务，请于2026-11-23 18:00前完成并在长天长平台上的待办任务中办结任务。"
    ]


@pytest.mark.parametrize("by", ["赵岚", "孙丽"])
def test_those_copied_in_help_a_stuck_row_along_T78(world, by):
    row, helper = world.point_task(), world.person(by)
    world.feed_back(row, by=by, done=False, note="王强在外地，改由李静处理")
    transfer(world, row, by=by, to="李静")
    world.feed_back(row, by="李静")
    implement.close(row.id, by=helper, seen_version=None, form_key=world.key())

    after = world.row(row.task_id)
    assert (after.label, after.implementer.name, after.closed_by_id) == ("已办结", "李静", helper.id)


@pytest.mark.proves("X-D10")
def test_another_region_is_refused_by_the_server_T48(world):
    row = world.point_task()

    with pytest.raises(BadInput, match="只能转派给本大区人员"):
        transfer(world, row, "沈海")
    assert world.row(row.task_id).implementer.name == "王强"


@pytest.mark.proves("X-D11")
def test_a_transfer_to_the_holder_himself_is_refused(world):
    with pytest.raises(BadInput, match="已是该点位的实施人"):
        transfer(world, world.point_task(), "王强")


@pytest.mark.parametrize("by", ["林敏", "周总"])
def test_those_who_manage_may_not_transfer_T46_Q30(world, by):
    with pytest.raises(NotAllowed):
        transfer(world, world.point_task(), "李静", by=by)


def test_the_next_task_still_goes_to_the_original_implementer_T49(world):
    transfer(world, world.point_task(), "李静")

    assert world.point_task().implementer.name == "王强"


def test_the_former_implementer_keeps_sight_and_is_told_in_the_app_Q31(world):
    row = world.point_task()
    transfer(world, row, "李静")

    assert point_task(world.person("王强"), row.id).id == row.id
    assert world.texts("王强")[1:] == ["您在长安区的应急事件任务已由王强转派给李静，您仍可查看。"]
    with pytest.raises(NotFound):
        world.feed_back(row, note="我还想填")


@pytest.mark.proves("X-D11")
def test_the_new_implementer_may_hand_it_back_and_the_chain_is_counted_Q31(world):
    row = world.point_task()
    transfer(world, row, "李静")
    transfer(world, row, "王强", by="李静")

    row = world.row(row.task_id)
    assert (row.implementer.name, row.transfer_count) == ("王强", 2)
