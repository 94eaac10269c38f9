"""A long screenshot on its way through a real browser: chosen, made small, shown so that it can be read."""

from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from app.work import attachments
from tests.h5.chromium import Show
from tests.work.files import attach, encoded, upload
from tests.world import World

PHONE, DESKTOP = (390, 844), (1280, 800)


def long_screenshot(*, photos: int = 0) -> Image.Image:
    """Lines of text on 15 screens of a phone, and some photos between them."""
    page = Image.new("RGB", (1080, 12_000), "white")
    for number in range(photos):
        page.paste(Image.effect_noise((1080, 1000), 30), (0, number * 2000))
    pen = ImageDraw.Draw(page)
    for line in range(0, 12_000, 60):
        pen.text((40, line), f"{line} 0123456789", fill="black", font_size=40)
    return page


def choose(page: Page, file: Path) -> None:
    page.get_by_test_id("photos").set_input_files(file)
    expect(page.get_by_test_id("chosen-file").locator("img")).to_be_visible()
    page.get_by_test_id("feed-back").click()
    page.get_by_test_id("said").wait_for()


def test_a_long_screenshot_is_sent_with_its_width(show: Show, world: World, tmp_path: Path) -> None:
    row = world.point_task()
    file = tmp_path / "长截图.png"
    long_screenshot(photos=3).save(file)
    choose(show("王强", f"/point-tasks/{row.id}"), file)

    [kept] = attachments.of("point_task", row.id)
    assert (kept.width, kept.height) == (1080, 12_000)
    assert kept.size < file.stat().st_size / 2


def test_what_shines_through_is_left_to_the_server(show: Show, world: World, tmp_path: Path) -> None:
    row = world.point_task()
    file = tmp_path / "图标.png"
    image = Image.new("RGBA", (900, 900), (0, 0, 0, 0))
    image.paste((255, 255, 255, 255), (300, 300, 600, 600))
    image.save(file)
    page = show("王强", f"/point-tasks/{row.id}")
    choose(page, file)

    page.goto(page.url)
    address = page.get_by_test_id("photo").first.get_attribute("href")
    body = page.request.get(page.url.split("/point-tasks")[0] + str(address)).body()
    (tmp_path / "kept.jpg").write_bytes(body)
    kept = Image.open(tmp_path / "kept.jpg")
    assert kept.getpixel((450, 450))[0] > 240
    assert kept.getpixel((50, 50))[0] < 60, "white on white would be nothing at all"


@pytest.mark.parametrize(("width", "height"), [PHONE, DESKTOP])
def test_a_long_picture_fills_the_width_and_is_scrolled(
    show: Show, world: World, width: int, height: int, tmp_path: Path
) -> None:
    row = world.point_task()
    attach(row, upload(encoded(long_screenshot(), "PNG"), "长截图.png"), by=world.person("王强"))
    page = show("林敏", f"/point-tasks/{row.id}", width=width, height=height)
    page.get_by_test_id("photo").first.click()
    viewer = page.locator("#photo-viewer")
    expect(viewer).to_have_class("photo-viewer tall")
    page.screenshot(path=tmp_path / f"viewer-{width}.png")
    shown = viewer.locator("img").evaluate("image => image.getBoundingClientRect().width")
    assert round(shown) == min(width, 1080)
    viewer.evaluate("box => box.scrollTo(0, 2000)")
    assert viewer.evaluate("box => box.scrollTop") == 2000
    page.keyboard.press("Escape")
    expect(viewer).to_be_hidden()


def test_a_photo_is_shown_whole(show: Show, world: World) -> None:
    row = world.point_task()
    attach(row, upload(encoded(Image.new("RGB", (1600, 1200), "navy"), "JPEG")), by=world.person("王强"))
    page = show("林敏", f"/point-tasks/{row.id}", width=1280, height=800)
    page.get_by_test_id("photo").first.click()
    shown = page.locator("#photo-viewer img")
    expect(shown).to_be_visible()
    page.wait_for_function("document.querySelector('#photo-viewer img').naturalWidth > 0")
    assert shown.evaluate("image => image.getBoundingClientRect().height") <= 800
