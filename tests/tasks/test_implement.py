"""反馈 and 办结."""

import pytest

from app.db import session
from app.errors import BadInput, Conflict, NotAllowed, NotFound, OutOfDate
from app.tasks.field import implement
from app.tasks.labels import ItemState, progress
from app.tasks.reading.heads import head
from app.tasks.reading.queries import point_task
from app.work import history


def close(world, row, *, by="王强", seen=None, key=None):
    implement.close(row.id, by=world.person(by), seen_version=seen, form_key=key or world.key())


def test_a_note_alone_is_enough_and_stays_readable_T42_T77(world):
    row = world.point_task()
    world.feed_back(row, done=False, note="等客户停业后再做")

    row = world.row(row.task_id)
    events = history.of(session(), "point_task", row.id)
    assert row.latest_note == "等客户停业后再做"
    assert (events[0].act, events[0].facts["note"], events[0].by.name) == (
        "feed_back",
        "等客户停业后再做",
        "王强",
    )


def test_setting_the_item_to_done_moves_the_progress_T43_T45(world):
    row = world.point_task()
    world.feed_back(row)

    row = world.row(row.task_id)
    assert [item.state for item in row.items] == [ItemState.DONE]
    assert progress(done=row.items_done, total=row.items_total) == 100
    assert row.label == "正常"
    assert head(world.person("林敏"), row.task_id).percent == 100


def test_an_open_item_is_named_when_closing_is_refused_T52(world):
    row = world.point_task()

    with pytest.raises(Conflict, match="还差 1 项未完成：应急事件"):
        close(world, row)


def test_closing_ends_the_row_and_the_task_reads_done(world):
    row = world.closed_point_task()

    assert (row.label, row.closed_by_id, row.next_look_at) == ("已办结", world.by_name["王强"], None)
    seen = head(world.person("林敏"), row.task_id)
    assert (seen.state, seen.percent) == ("已完成", 100)


def test_a_closed_row_takes_no_more_feedback(world):
    row = world.closed_point_task()

    with pytest.raises(Conflict, match="已办结"):
        world.feed_back(row, note="补充")


def test_those_copied_in_may_add_a_note_but_not_decide_the_state_Q28(world):
    row = world.point_task()
    world.feed_back(row, by="赵岚", done=False, note="已电话跟进")

    with pytest.raises(NotAllowed, match="完成状态只能由实施人选择"):
        world.feed_back(row, by="赵岚", done=True)
    assert world.row(row.task_id).latest_note == "已电话跟进"


def test_where_it_is_allowed_the_supervisor_decides_in_place_of_the_implementer_Q28(world, app):
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"SUPERVISOR_FEEDS_BACK": True})
    row, other = world.point_task(), world.point_task()
    world.feed_back(row, by="赵岚", note="王强电话确认")

    event = history.of(session(), "point_task", row.id)[0]
    assert event.facts == {"note": "王强电话确认", "changes": ["应急事件：否→是"], "deputy": True}
    with pytest.raises(NotAllowed, match="完成状态只能由实施人选择"):
        world.feed_back(other, by="孙丽")


def test_the_supervisor_may_close_what_is_done_Q29(world):
    row = world.point_task()
    world.feed_back(row)
    close(world, row, by="赵岚")

    assert world.row(row.task_id).closed_by_id == world.by_name["赵岚"]


@pytest.mark.parametrize("name", ["陌生人", "李静", "沈海", "顾东"])
def test_a_foreign_row_looks_like_a_missing_one_T08(world, name):
    row = world.point_task()

    with pytest.raises(NotFound) as foreign:
        world.feed_back(row, by=name, note="你好")
    with pytest.raises(NotFound) as opened:
        point_task(world.person(name), row.id)
    with pytest.raises(NotFound) as missing:
        point_task(world.person(name), 999_999)
    assert str(foreign.value) == str(opened.value) == str(missing.value) == "没有这条任务，或您无权限查看。"


@pytest.mark.parametrize("name", ["林敏", "周总"])
def test_those_who_manage_may_look_but_not_do_the_work(world, name):
    row = world.point_task()

    with pytest.raises(NotAllowed, match="可以反馈"):
        world.feed_back(row, by=name, note="我来填")
    assert point_task(world.person(name), row.id).id == row.id


@pytest.mark.proves("X-D3")
def test_an_old_page_is_refused_instead_of_overwriting(world):
    row = world.point_task()
    seen = row.version
    world.feed_back(row, note="先到")

    with pytest.raises(OutOfDate):
        close(world, row, seen=seen)


def test_a_double_tap_closes_once(world):
    row = world.point_task()
    world.feed_back(row)
    key = world.key()
    close(world, row, key=key)
    close(world, row, key=key)

    acts = [event.act for event in history.of(session(), "point_task", row.id)]
    assert acts.count("close") == 1


def test_an_empty_feedback_says_what_is_missing(world):
    with pytest.raises(BadInput, match="请填写说明"):
        world.feed_back(world.point_task(), done=False)


def test_an_item_of_another_row_is_refused(world):
    row, other = world.point_task(), world.point_task(implementer="李静")

    with pytest.raises(BadInput, match="不属于该点位"):
        implement.feed_back(
            row.id,
            by=world.person("王强"),
            done_item_ids={other.items[0].id},
            note="",
            seen_version=None,
            form_key=world.key(),
        )
