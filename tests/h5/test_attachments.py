"""Photos and documents at the door: taken in with a feedback, sent only to those who may see the row."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from app.people.models import Role
from app.work import attachments
from h5.files import LARGEST_BODY
from tests.h5.conftest import Browser, Open
from tests.work import files
from tests.world import World

PHOTO = files.photo()
TEMPLATES = Path(__file__).resolve().parents[2] / "h5" / "templates"
FILE_FIELD = re.compile(r'<input[^>]*type="file"[^>]*>')


def feed_back(browser: Browser, row_id: int, *chosen: tuple[bytes, str], note: str = "") -> TestResponse:
    page = f"/point-tasks/{row_id}"
    sent = [(BytesIO(content), name) for content, name in chosen]
    return browser.submit(page, f"{page}/feed-back", note=note, files=sent or [(BytesIO(), "")])


def test_a_photo_goes_in_with_a_feedback_and_shows_in_the_timeline(browser_of: Open, world: World) -> None:
    row_id = world.point_task().id
    answer = feed_back(
        browser_of("王强"), row_id, (PHOTO, "机房.jpg"), (files.PDF, "验收 单.pdf"), note="已恢复"
    )
    assert answer.status_code == 302

    page = browser_of("林敏").get(f"/point-tasks/{row_id}").text
    photo, document = attachments.of("point_task", row_id)
    assert f'src="/attachments/{photo.uid}/thumb" alt="机房.jpg"' in page
    assert f'href="/attachments/{document.uid}"' in page
    assert "验收 单.pdf<small>1 KB</small>" in page


def test_a_feedback_without_files_still_works(browser_of: Open, world: World) -> None:
    row_id = world.point_task().id

    assert feed_back(browser_of("王强"), row_id, note="明天去").status_code == 302
    assert attachments.of("point_task", row_id) == []


def test_a_picture_opens_and_a_document_is_saved_under_its_name(browser_of: Open, world: World) -> None:
    row_id = world.point_task().id
    browser = browser_of("王强")
    feed_back(browser, row_id, (PHOTO, "机房.jpg"), (files.PDF, "验收单.pdf"))
    photo, document = attachments.of("point_task", row_id)

    picture = browser.get(f"/attachments/{photo.uid}")
    assert (picture.mimetype, picture.headers["Content-Disposition"].split(";")[0]) == (
        "image/jpeg",
        "inline",
    )
    assert files.HIDDEN not in picture.data
    saved = browser.get(f"/attachments/{document.uid}")
    assert (saved.data, saved.mimetype) == (files.PDF, "application/pdf")
    assert saved.headers["Content-Disposition"].startswith("attachment;")
    assert "%E9%AA%8C%E6%94%B6%E5%8D%95.pdf" in saved.headers["Content-Disposition"]
    for answer in (picture, saved):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer.headers["Cache-Control"] == "private, no-cache"


def test_a_picture_is_received_once_and_asked_for_each_time(browser_of: Open, world: World) -> None:
    row_id = world.point_task().id
    browser = browser_of("王强")
    feed_back(browser, row_id, (PHOTO, "a.jpg"))
    address = f"/attachments/{attachments.of('point_task', row_id)[0].uid}/thumb"

    first = browser.get(address)
    again = browser.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    stranger = browser_of("沈海").get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert stranger.status_code == 404


@pytest.mark.parametrize("name", ["李静", "沈海", "顾东", "何主任"])
def test_a_foreign_file_looks_like_a_missing_one(browser_of: Open, world: World, name: str) -> None:
    row_id = world.point_task().id
    feed_back(browser_of("王强"), row_id, (PHOTO, "a.jpg"))
    browser = browser_of(name)

    foreign = browser.get(f"/attachments/{attachments.of('point_task', row_id)[0].uid}")
    missing = browser.get(f"/attachments/{'0' * 32}")
    assert foreign.status_code == missing.status_code == 404
    assert "没有这条内容，或您无权限查看" in foreign.text
    assert "没有这条内容，或您无权限查看" in missing.text


def test_a_document_has_no_small_copy(browser_of: Open, world: World) -> None:
    row_id = world.point_task().id
    browser = browser_of("王强")
    feed_back(browser, row_id, (files.PDF, "a.pdf"))

    assert browser.get(f"/attachments/{attachments.of('point_task', row_id)[0].uid}/thumb").status_code == 404


def test_a_refused_file_is_named_and_the_note_stays(browser_of: Open, world: World) -> None:
    row_id = world.point_task().id
    answer = feed_back(browser_of("王强"), row_id, (b"MZ", "病毒.exe"), note="见附件")

    assert answer.status_code == 422
    assert "“病毒.exe”：只能上传图片" in answer.text
    assert "见附件</textarea>" in answer.text
    assert "请重新选择要上传的文件" in answer.text


def test_too_much_at_once_is_refused_before_it_is_read(browser_of: Open, world: World) -> None:
    path = f"/point-tasks/{world.point_task().id}/feed-back"
    answer = browser_of("王强").visitor.post(
        path,
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": str(LARGEST_BODY + 1)},
    )

    assert answer.status_code == 413
    assert "太大，超过 25 MB" in answer.text


def test_forms_without_files_stay_small(browser_of: Open) -> None:
    answer = browser_of("林敏").submit("/tasks/new", "/tasks/new", note="x" * 1_100_000)

    assert answer.status_code == 413
    assert "超过 1 MB" in answer.text


def test_every_file_field_names_mime_types_beside_endings(browser_of: Open, world: World) -> None:
    world.appoint("何主任", Role.ADMINISTRATOR)
    pages = (
        browser_of("王强").get(f"/point-tasks/{world.point_task().id}").text,
        browser_of("何主任").get("/people/import").text,
    )
    fields = [field for page in pages for field in FILE_FIELD.findall(page)]
    assert len(fields) == 3
    for field in fields:
        accepted = field.split('accept="')[1].split('"')[0].split(",")
        endings = [one for one in accepted if one.startswith(".")]
        assert len(accepted) - len(endings) == max(1, len(endings))


def test_no_file_field_of_any_page_takes_just_anything() -> None:
    accepted = [
        what
        for template in TEMPLATES.rglob("*.html")
        for what in re.findall(r"{{ file\([^,]+, ([^,)]+)", template.read_text(encoding="utf-8"))
    ]
    assert len(accepted) == 4
    assert all(re.match(r"'image/\*'|accepted\(|documents", what) for what in accepted)


def test_the_wrong_photo_is_taken_back_from_the_timeline(browser_of: Open, world: World) -> None:
    row_id = world.point_task().id
    browser, page = browser_of("王强"), f"/point-tasks/{row_id}"
    feed_back(browser, row_id, (PHOTO, "自拍.jpg"))
    uid = attachments.of("point_task", row_id)[0].uid

    assert "take-back" not in browser_of("赵岚").get(page).text
    answer = browser.submit(page, f"/attachments/{uid}/take-back")
    assert "撤回附件：自拍.jpg" in browser.get(answer.headers["Location"]).text
    assert browser.get(f"/attachments/{uid}").status_code == 404
