"""反馈 with photos and files."""

from pathlib import Path

import pytest

from app.db import session
from app.errors import BadInput, Conflict, NotAllowed, NotFound
from app.insight import files as files_of_any
from app.tasks.field import implement
from app.work import attachments, history
from tests.work import files
from tests.work.files import upload


def feed_back(world, row, *uploads, by="王强", note="", key=None):
    implement.feed_back(
        row.id,
        by=world.person(by),
        done_item_ids=None,
        note=note,
        seen_version=None,
        form_key=key or world.key(),
        files=uploads,
    )


def on_disk(app):
    return [path for path in Path(app.config["UPLOAD_DIR"]).rglob("*") if path.is_file()]


def test_a_photo_alone_is_a_feedback_and_leaves_the_last_note_standing(world):
    row = world.point_task()
    feed_back(world, row, note="已到现场")
    feed_back(world, row, upload(files.photo(), "机房.jpg"))

    [photo] = attachments.of("point_task", row.id)
    event = history.of(session(), "point_task", row.id)[0]
    assert (event.act, event.facts["files"], photo.event_id) == ("feed_back", [photo.uid], event.id)
    assert (photo.name, photo.by.name) == ("机房.jpg", "王强")
    assert world.row(row.task_id).latest_note == "已到现场"


def test_a_note_and_two_files_are_one_event(world):
    row = world.point_task()
    feed_back(world, row, upload(files.PDF, "a.pdf"), upload(files.office("xlsx"), "b.xlsx"), note="见附件")

    assert [one.name for one in attachments.of("point_task", row.id)] == ["a.pdf", "b.xlsx"]
    assert [event.act for event in history.of(session(), "point_task", row.id)] == ["feed_back"]


def test_those_copied_in_may_add_files(world):
    row = world.point_task()
    feed_back(world, row, upload(files.PDF), by="赵岚")

    assert attachments.of("point_task", row.id)[0].by.name == "赵岚"


def test_one_bad_file_refuses_the_whole_feedback(world, app):
    row = world.point_task()
    with pytest.raises(BadInput, match=r"“坏\.exe”"):
        feed_back(world, row, upload(files.PDF), upload(b"MZ", "坏.exe"), note="见附件")

    assert (world.row(row.task_id).latest_note, on_disk(app)) == ("", [])


@pytest.mark.parametrize(("name", "refusal"), [("陌生人", NotFound), ("李静", NotFound)])
def test_a_foreign_row_takes_no_files_and_keeps_none(world, app, name, refusal):
    with pytest.raises(refusal):
        feed_back(world, world.point_task(), upload(files.PDF), by=name)
    assert on_disk(app) == []


def test_a_closed_row_takes_no_files_and_keeps_none(world, app):
    with pytest.raises(Conflict, match="已办结"):
        feed_back(world, world.closed_point_task(), upload(files.PDF))
    assert on_disk(app) == []


def test_a_double_tap_stores_the_files_once(world, app):
    row, key = world.point_task(), world.key()
    feed_back(world, row, upload(files.PDF), key=key)
    feed_back(world, row, upload(files.PDF), key=key)

    assert len(attachments.of("point_task", row.id)) == len(on_disk(app)) == 1


def test_the_wrong_photo_is_taken_back_and_the_history_says_so(world):
    row = world.point_task()
    feed_back(world, row, upload(files.photo(), "自拍.jpg"), upload(files.PDF, "验收单.pdf"))
    uid = attachments.of("point_task", row.id)[0].uid

    assert files_of_any.take_back(uid, by=world.person("王强")) == f"/point-tasks/{row.id}"
    assert [one.name for one in attachments.of("point_task", row.id)] == ["验收单.pdf"]
    event = history.of(session(), "point_task", row.id)[0]
    assert (event.act, event.facts) == ("take_back_file", {"changes": ["撤回附件：自拍.jpg"]})


@pytest.mark.parametrize(
    ("name", "refusal"), [("赵岚", NotAllowed), ("林敏", NotAllowed), ("李静", NotFound), ("沈海", NotFound)]
)
def test_somebody_elses_file_is_not_taken_back(world, name, refusal):
    row = world.point_task()
    feed_back(world, row, upload(files.PDF))
    uid = attachments.of("point_task", row.id)[0].uid

    with pytest.raises(refusal):
        files_of_any.take_back(uid, by=world.person(name))
    assert len(attachments.of("point_task", row.id)) == 1


def test_evidence_stays_once_the_row_is_closed(world):
    row = world.point_task()
    feed_back(world, row, upload(files.PDF))
    world.feed_back(row)
    implement.close(row.id, by=world.person("王强"), seen_version=None, form_key=world.key())

    with pytest.raises(Conflict, match="已办结"):
        files_of_any.take_back(attachments.of("point_task", row.id)[0].uid, by=world.person("王强"))


def test_a_file_that_is_gone_cannot_be_taken_back_again(world):
    row = world.point_task()
    feed_back(world, row, upload(files.PDF))
    uid = attachments.of("point_task", row.id)[0].uid
    files_of_any.take_back(uid, by=world.person("王强"))

    with pytest.raises(NotFound):
        files_of_any.take_back(uid, by=world.person("王强"))
