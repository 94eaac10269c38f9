"""Attachments: on disk before the commit, gone where nothing was committed, found only by their uid."""

from contextlib import suppress
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from app.db import session, transaction
from app.errors import BadInput, Busy, Conflict, NotFound, TooOften
from app.work import attachments, history
from app.work.models import Attachment
from app.work.uploads import storage
from tests.work import files
from tests.work.files import upload


@pytest.fixture
def folder(world, app):
    return Path(app.config["UPLOAD_DIR"])


@pytest.fixture
def row(world):
    return world.point_task()


def on_disk(folder):
    return {path.name for path in folder.rglob("*") if path.is_file()}


def attach(world, row, *uploads, by="王强"):
    return files.attach(row, *uploads, by=world.person(by))


def test_what_is_stored_is_found_with_who_when_and_by_which_act(world, row, folder):
    picture, pdf = attach(world, row, upload(files.photo()), upload(files.PDF, "验收单.pdf"))

    event = history.of(session(), "point_task", row.id)[0]
    assert event.facts["files"] == [picture.uid, pdf.uid]
    assert (picture.event_id, picture.by.name, picture.at) == (event.id, "王强", event.at)
    assert (picture.kind, picture.width, picture.height) == ("image", 1200, 1600)
    assert (pdf.name, pdf.kind, pdf.size, pdf.thumb_name) == ("验收单.pdf", "pdf", len(files.PDF), None)
    assert on_disk(folder) == {picture.stored_name, picture.thumb_name, pdf.stored_name}
    assert attachments.find(pdf.uid).id == pdf.id


def test_a_file_is_served_with_its_own_name_from_a_random_one(world, row):
    [pdf] = attach(world, row, upload(files.PDF, "../验收单.pdf"))

    served = attachments.served(pdf)
    assert served.path.read_bytes() == files.PDF
    assert "验" not in served.path.name
    assert (served.mime, served.disposition.split(";")[0]) == ("application/pdf", "attachment")
    with pytest.raises(NotFound):
        attachments.served(pdf, thumb=True)


def test_pictures_may_open_in_the_page_and_have_a_small_copy(world, row):
    [picture] = attach(world, row, upload(files.photo()))

    assert attachments.served(picture).disposition.startswith("inline;")
    small = attachments.served(picture, thumb=True)
    assert small.path.stat().st_size < picture.size


def test_only_the_owner_of_the_process_may_read_the_files(world, row, folder):
    [pdf] = attach(world, row, upload(files.PDF))

    assert storage.path_of(pdf.stored_name).stat().st_mode & 0o077 == 0


def test_a_refused_act_leaves_no_file_behind(world, row, folder):
    by = world.person("王强")
    with suppress(Conflict), attachments.receive([upload(files.photo())], by=by):
        assert len(on_disk(folder)) == 2
        raise Conflict

    assert on_disk(folder) == set()


def test_an_act_that_was_done_before_keeps_no_second_copy(world, row, folder):
    with attachments.receive([upload(files.PDF)], by=world.person("王强")):
        pass  # a repeated form key: nothing is stored

    assert on_disk(folder) == set()


def test_a_lost_answer_to_a_commit_leaves_the_files_to_the_daily_job(world, row, folder, told_time):
    with pytest.raises(OperationalError), attachments.receive([upload(files.PDF)], by=world.person("王强")):
        raise OperationalError("COMMIT", {}, Exception("server closed the connection"))
    assert len(on_disk(folder)) == 1

    told_time.pass_(hours=25)
    assert attachments.remove_orphans() == 1
    assert on_disk(folder) == set()


def test_the_daily_job_leaves_alone_what_is_known_or_young(world, row, folder, told_time):
    attach(world, row, upload(files.photo()))
    told_time.pass_(hours=25)
    storage.write(b"being uploaded right now")
    before = on_disk(folder)

    assert attachments.remove_orphans() == 0
    assert on_disk(folder) == before


def test_the_daily_job_does_nothing_before_the_first_upload(world):
    assert attachments.remove_orphans() == 0


def test_a_removed_attachment_is_found_no_more_and_its_file_goes(world, row, folder, told_time):
    [pdf] = attach(world, row, upload(files.PDF))
    with transaction() as current:
        current.execute(sa.update(Attachment).values(removed_at=told_time.moment))

    assert attachments.of("point_task", row.id) == []
    with pytest.raises(NotFound):
        attachments.find(pdf.uid)
    told_time.pass_(hours=25)
    assert attachments.remove_orphans() == 1


def test_a_file_missing_on_the_disk_is_said_so(world, row):
    [pdf] = attach(world, row, upload(files.PDF))
    storage.remove([pdf.stored_name])

    with pytest.raises(NotFound, match="附件已不存在"):
        attachments.served(pdf)


@pytest.mark.parametrize("uid", ["", "../../etc/passwd", "0" * 32, "%"])
def test_an_invented_uid_finds_nothing(world, uid):
    with pytest.raises(NotFound):
        attachments.find(uid)


@pytest.mark.proves("X-S11")
def test_a_stored_name_cannot_lead_outside_the_folder(world):
    with pytest.raises(ValueError, match="not a stored name"):
        storage.path_of("../" + "a" * 29)


def test_every_refused_file_is_named_in_one_answer(world, folder):
    uploads = [upload(files.PDF), upload(b"MZ", "病毒.exe"), upload(b"", "空.jpg")]

    with pytest.raises(BadInput) as refusal, attachments.receive(uploads, by=world.person("王强")):
        pass
    assert "“病毒.exe”：只能上传" in refusal.value.fields["files"]
    assert "“空.jpg”：文件是空的" in refusal.value.fields["files"]
    assert not folder.exists()


def test_ten_files_at_once_are_one_too_many(world):
    ten = attachments.receive([upload(files.PDF)] * 10, by=world.person("王强"))

    with pytest.raises(BadInput, match="一次最多上传 9 个文件，现在选了 10 个"), ten:
        pass


def test_a_person_may_bring_in_so_many_files_a_day(world, row, monkeypatch, told_time):
    monkeypatch.setattr(attachments, "MOST_FILES_A_DAY", 2)
    attach(world, row, upload(files.PDF), upload(files.PDF))

    with pytest.raises(TooOften, match="已上传 2 个文件，每人每天最多 2 个，已达上限"):
        attach(world, row, upload(files.PDF))
    assert len(attach(world, row, upload(files.PDF), by="赵岚")) == 3
    told_time.pass_(days=1)
    assert len(attach(world, row, upload(files.PDF))) == 4


def test_a_person_may_bring_in_so_many_bytes_a_day(world, row, monkeypatch):
    attach(world, row, upload(files.PDF))
    monkeypatch.setattr(attachments, "MOST_BYTES_A_DAY", 10)

    with pytest.raises(TooOften, match="已上传 0 MB 的文件，每人每天最多 0 MB"):
        attach(world, row, upload(files.PDF))


@pytest.mark.proves("X-A6")
def test_a_disk_that_takes_nothing_is_said_so_and_nothing_half_written_stays(world, app, folder):
    folder.write_bytes(b"a file where the folder should be")

    with (
        pytest.raises(Busy, match="附件暂时无法保存"),
        attachments.receive([upload(files.PDF)], by=world.person("王强")),
    ):
        pass
