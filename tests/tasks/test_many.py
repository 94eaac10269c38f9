"""Several rows in one go."""

import pytest

from app.db import session
from app.errors import BadInput
from app.tasks.field import several
from app.tasks.reading.lines import due_text
from app.work import history

PLACES = ("130102", "130104", "130105")


def rows(world, task_id, *codes):
    return {world.row(task_id, code).id for code in codes}


def feed_back(world, task_id, ids, *, by="王强", set_done=True, note="已处理"):
    return several.feed_back(
        task_id, by=world.person(by), row_ids=ids, set_done=set_done, note=note, form_key=world.key()
    )


def test_one_feedback_reaches_every_ticked_row(world):
    task_id = world.published(*PLACES)
    answers = feed_back(world, task_id, rows(world, task_id, "130102", "130104"))

    assert [(a.place, a.done) for a in answers] == [("长安区", True), ("桥西区", True)]
    assert world.row(task_id, "130104").latest_note == "已处理"
    assert world.row(task_id, "130105").latest_note == ""


def test_ready_rows_are_closed_and_the_others_say_what_they_lack(world):
    task_id = world.published(*PLACES)
    world.feed_back(world.row(task_id, "130102"))
    answers = several.close(
        task_id,
        by=world.person("王强"),
        row_ids=rows(world, task_id, "130102", "130104"),
        form_key=world.key(),
    )

    assert [(a.place, a.done) for a in answers] == [("长安区", True), ("桥西区", False)]
    assert "还差 1 项未完成：应急事件" in answers[1].sentence
    assert [world.row(task_id, code).label for code in PLACES] == ["已办结", "正常", "正常"]


def test_a_foreign_row_among_them_is_refused_like_a_missing_one(world):
    task_id = world.published(*PLACES)
    answers = feed_back(world, task_id, rows(world, task_id, "130102", "130105"))

    assert [a.done for a in answers] == [True, False]
    assert "没有这条任务" in answers[1].sentence


def test_rows_of_another_task_are_not_touched(world):
    task_id, other = world.published("130102"), world.published("130104")

    [answer] = feed_back(world, task_id, rows(world, other, "130104"))

    assert (answer.done, answer.place, answer.sentence) == (False, "", "没有这条任务，或您无权限查看。")
    assert world.row(other, "130104").latest_note == ""


def test_a_supervisor_gives_one_note_to_many_but_decides_no_state(world):
    task_id = world.published(*PLACES)
    ids = rows(world, task_id, *PLACES)

    assert not any(a.done for a in feed_back(world, task_id, ids, by="赵岚"))
    assert all(a.done for a in feed_back(world, task_id, ids, by="赵岚", set_done=False, note="请加快"))


def test_a_repeated_tap_changes_nothing(world):
    task_id = world.published("130102")
    key, ids = world.key(), rows(world, task_id, "130102")
    world.feed_back(world.row(task_id))
    several.close(task_id, by=world.person("王强"), row_ids=ids, form_key=key)

    assert several.close(task_id, by=world.person("王强"), row_ids=ids, form_key=key) == []


@pytest.mark.parametrize("ids", [set(), set(range(1, 202))])
def test_none_or_too_many_ticks_are_refused_with_a_sentence(world, ids):
    with pytest.raises(BadInput):
        several.close(1, by=world.person("王强"), row_ids=ids, form_key=world.key())


def test_closing_after_the_deadline_is_remembered_as_late_Q11(world, told_time):
    in_time, row = world.closed_point_task(), world.point_task()
    told_time.pass_(days=3)
    world.close(row)

    def remembered(one):
        return history.of(session(), "point_task", one.id)[0].facts["late"]

    row = world.row(row.task_id)
    assert (row.label, due_text(row), remembered(row)) == ("已办结", "超期 2 天办结", True)
    assert (due_text(in_time), remembered(in_time)) == ("按时办结", False)
