"""Photos from the field: made small, not lost with the line, seen by who published."""

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.stories.demo import Demo
from tests.work import files


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A photo of 12 million pixels, as a phone takes it."""
    file = tmp_path / "机房.jpg"
    Image.effect_noise((400, 300), 80).resize((4000, 3000)).convert("RGB").save(file, quality=92)
    return file


def sign_in(page: Page, demo: Demo, userid: str) -> None:
    """Come in by scanning the code as this member, as in any browser outside WeCom."""
    page.goto(f"{demo.app_url}/login?inside=1")
    page.get_by_test_id(f"sso-member-{userid}").click()
    page.get_by_test_id("sso-confirm").click()
    page.get_by_test_id("tab-me").wait_for()


def open_row(page: Page, demo: Demo) -> str:
    """The address of a row that waits for feedback."""
    page.goto(f"{demo.app_url}/tasks?all=1")
    links = page.locator("#rows a[href*='act=feed_back']:not(.off)")
    links.first.wait_for()
    return re.sub(r"\?.*", "", demo.app_url + str(links.first.get_attribute("href")))


def test_a_photo_survives_a_broken_line_and_arrives_once_and_small(
    page: Page, demo: Demo, photo: Path
) -> None:
    sign_in(page, demo, "wangqiang")
    row = open_row(page, demo)
    page.goto(row)
    before = page.get_by_test_id("photo").count()
    page.get_by_test_id("photos").set_input_files(photo)
    expect(page.get_by_test_id("chosen-file").locator("img")).to_be_visible()
    page.get_by_test_id("note").fill("告警已处理，照片见附件。")

    page.context.set_offline(True)
    page.get_by_test_id("feed-back").click()
    expect(page.locator("[data-files-mistake]")).to_contain_text("照片和文字都还在")
    page.context.set_offline(False)
    page.get_by_test_id("feed-back").click()

    page.get_by_test_id("said").wait_for()
    expect(page.get_by_test_id("photo")).to_have_count(before + 1)
    expect(page.get_by_test_id("note")).to_have_value("")
    large = page.request.get(demo.app_url + str(page.get_by_test_id("photo").first.get_attribute("href")))
    assert len(large.body()) < photo.stat().st_size / 2

    sign_in(page, demo, "linmin")
    page.goto(row)
    page.get_by_test_id("photo").first.click()
    shown = page.locator("#photo-viewer img")
    expect(shown).to_be_visible()
    page.wait_for_function("document.querySelector('#photo-viewer img').naturalWidth > 0")
    assert shown.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [1600, 1200]
    page.go_back()
    expect(shown).to_be_hidden()
    assert page.url == row


def test_a_refused_file_leaves_the_others_chosen(page: Page, demo: Demo, photo: Path, tmp_path: Path) -> None:
    sign_in(page, demo, "wangqiang")
    page.goto(open_row(page, demo))
    wrong, right = tmp_path / "程序.pdf", tmp_path / "验收单.pdf"
    wrong.write_bytes(b"MZ")
    right.write_bytes(files.PDF)
    page.get_by_test_id("documents").set_input_files([wrong, right])
    page.get_by_test_id("feed-back").click()

    expect(page.locator("[data-files-mistake]")).to_contain_text("“程序.pdf”：只能上传")
    page.get_by_label("去掉 程序.pdf").click()
    page.get_by_test_id("feed-back").click()
    page.get_by_test_id("said").wait_for()
    expect(page.get_by_test_id("document").first).to_contain_text("验收单.pdf")
