"""Take the pictures of the documents: `make screenshots` writes docs/pictures/<name>-<phone|desktop>-<light|dark>.png.

Starts the product with a database of its own, tells a short story in the
browser and photographs every page. Needs Chromium and a Chinese font. A page
on which something went wrong keeps its last picture, and the program ends with 1.
"""

import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from PIL import Image
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    TimeoutError,
    ViewportSize,
    sync_playwright,
)

from app.clock import SHANGHAI
from scripts.watching import Watch
from tests.stories.demo import Demo, press_publish

TARGET = Path(__file__).resolve().parents[1] / "docs" / "pictures"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
SIZES: dict[str, ViewportSize] = {
    "phone": {"width": 390, "height": 844},
    "desktop": {"width": 1280, "height": 800},
}
THEMES = ("light", "dark")
IN_WECOM = "Mozilla/5.0 Chrome/142.0 MicroMessenger/7.0 wxwork/4.1.30"  # signs in without a code to scan
SETTLED_MS = 900  # badges, live numbers and fades of the first second
PUBLISHER, IMPLEMENTER, SUPERVISOR, ADMINISTRATOR = "linmin", "wangqiang", "zhaolan", "hezhiyuan"

Prepare = Callable[[Page], None]


@dataclass(frozen=True)
class Picture:
    """A page as one member sees it; `path` may name what the story made."""

    name: str
    of: str
    path: str
    prepare: Prepare = lambda _page: None
    sizes: tuple[str, ...] = ("phone", "desktop")


def choose_places(page: Page) -> None:
    """石家庄市 in the division tree, found by its initials, then a few more."""
    page.get_by_test_id("places").click()
    page.get_by_test_id("place-search").fill("sjz")
    page.get_by_test_id("place-130100").click()
    page.get_by_test_id("place-search").fill("")
    page.get_by_test_id("place-toggle-130000").click()
    page.get_by_test_id("place-130200").click()


def fill_form(page: Page) -> None:
    """发布任务 filled in, nothing pressed."""
    for choice in ("type-emergency", "urgency-重要紧急"):
        page.locator("label", has=page.get_by_test_id(choice)).click()
    due = datetime.now(SHANGHAI) + timedelta(days=2)
    page.get_by_test_id("due_at").fill(due.strftime("%Y-%m-%dT18:00"))
    page.get_by_test_id("note").fill("请先备份数据库，再处理告警；完成后确认业务恢复。")
    choose_places(page)
    page.get_by_test_id("place-confirm").click()


def show_form(page: Page) -> None:
    """The filled form, its date as a Chinese browser writes it: Debian's Chromium knows English only."""
    fill_form(page)
    page.get_by_test_id("lines").wait_for()  # what asks for them reads the date, too
    speak_chinese(page)


def speak_chinese(page: Page) -> None:
    page.get_by_test_id("due_at").evaluate(
        "field => { const said = field.value; field.type = 'text';"
        " field.value = said.replaceAll('-', '/').replace('T', ' '); }"
    )


def show_told(page: Page) -> None:
    """Below the form: who will be told what, and two counties that lack somebody."""
    fill_form(page)
    page.get_by_test_id("places").click()
    page.get_by_test_id("place-search").fill("bds")
    page.get_by_test_id("place-130600").check()
    page.get_by_test_id("place-confirm").click()
    page.get_by_test_id("gap-list").wait_for()
    speak_chinese(page)
    page.get_by_test_id("told").evaluate("told => told.closest('section').scrollIntoView()")


def show_edit(page: Page) -> None:
    """The form with a later deadline, and whom saving it would ring."""
    due = datetime.now(SHANGHAI) + timedelta(days=3)
    page.get_by_test_id("due_at").fill(due.strftime("%Y-%m-%dT18:00"))
    page.get_by_test_id("due_at").blur()
    page.get_by_test_id("told").get_by_text("将通知").first.wait_for()
    speak_chinese(page)


def tick_two(page: Page) -> None:
    """Two rows ticked, the sheet for one 反馈 open."""
    for box in page.locator(".tick input").all()[:2]:
        box.check()
    page.get_by_test_id("several-feed-back").click()


def say_why_paused(page: Page) -> None:
    """The sheet filled in."""
    day = datetime.now(SHANGHAI) + timedelta(days=7)
    page.get_by_test_id("pause_to").fill(day.strftime("%Y-%m-%d"))
    page.get_by_test_id("pause_reason").fill("县里停电检修，恢复供电后再处理。")
    page.get_by_test_id("pause_to").evaluate(
        "field => { const said = field.value; field.type = 'text'; field.value = said.replaceAll('-', '/'); }"
    )


def open_first_wording(page: Page) -> None:
    """任务发布 as the 实施人 reads it."""
    page.locator("main a[href^='/admin/wordings/']").first.click()
    page.wait_for_load_state()


def open_person(page: Page) -> None:
    """王强 among the people, with the 支持区域 on his page."""
    page.get_by_test_id("person-wangqiang").click()


PICTURES = (
    Picture("chat", IMPLEMENTER, "{stand_in}/{client}/wangqiang#chat"),
    Picture("to-do", IMPLEMENTER, "/"),
    Picture("row", IMPLEMENTER, "/point-tasks/{row}"),
    Picture("publish", PUBLISHER, "/tasks/new", show_form),
    Picture("picker", PUBLISHER, "/tasks/new", choose_places),
    Picture("told", PUBLISHER, "/tasks/new", show_told),
    Picture("edit", PUBLISHER, "/tasks/{task}/edit", show_edit),
    Picture("tree", PUBLISHER, "/tasks", sizes=("phone",)),
    Picture("tasks", PUBLISHER, "/tasks/{task}"),
    Picture("urge", PUBLISHER, "/tasks/{task}/urge"),
    Picture("filters", PUBLISHER, "/tasks?all=1&label=已办结#filters"),
    Picture("several", IMPLEMENTER, "/tasks/{task}", tick_two),
    Picture("transfer", IMPLEMENTER, "/point-tasks/{row}?act=transfer"),
    Picture("send-back", PUBLISHER, "/point-tasks/{closed}?act=send_back"),
    Picture("gaps", SUPERVISOR, "/people/gaps"),
    Picture("place", SUPERVISOR, "/people/places/130102"),
    Picture("person", SUPERVISOR, "/people?q=wangqiang", open_person),
    Picture("messages", IMPLEMENTER, "/messages"),
    Picture("me", PUBLISHER, "/me"),
    Picture("seen", PUBLISHER, "/tasks/{task}/seen"),
    Picture("deliveries", PUBLISHER, "/tasks/{task}/deliveries"),
    Picture("pause", PUBLISHER, "/tasks/{task}?act=pause_reminders", say_why_paused),
    Picture("roll-back", PUBLISHER, "/tasks/{upgrade}/roll-back"),
    Picture("administration", ADMINISTRATOR, "/admin"),
    Picture("wording", ADMINISTRATOR, "/admin/wordings", open_first_wording),
)


class Studio:
    """The running product and a browser to photograph it with."""

    def __init__(self, demo: Demo, browser: Browser) -> None:
        self.demo, self.browser = demo, browser
        self.made: dict[str, str] = {"stand_in": demo.phone_url}

    def tell_story(self) -> None:
        """林敏 publishes, 王强 closes some points and says why one takes longer, 林敏 sends the first back."""
        self.publish()
        self.made["row"], late, *easy = self.rows_of_the_implementer()
        self.made["closed"] = easy[0]
        self.feed_back(late, done=False, note="现场停电，预计明天上午恢复后处理。")
        for row in (self.made["row"], *easy):
            self.feed_back(row, done=True, note="告警已处理，业务恢复，日志已留存。")
        self.send_back(self.made["row"])

    def publish(self) -> None:
        with self.signed_in(PUBLISHER, "phone", "light") as page:
            page.goto(f"{self.demo.app_url}/tasks/new")
            fill_form(page)
            press_publish(page)
            page.wait_for_url(re.compile(r"/tasks/\d+$"))
            self.made["task"] = page.url.rsplit("/", 1)[1]
            page.goto(f"{self.demo.app_url}/tasks")
            upgrade = page.locator("#tree a.node", has_text="升级任务").first.get_attribute("href")
            self.made["upgrade"] = str(upgrade).rsplit("/", 1)[1]

    def rows_of_the_implementer(self) -> list[str]:
        """Five rows of the new task, by number."""
        with self.signed_in(IMPLEMENTER, "phone", "light") as page:
            page.goto(f"{self.demo.app_url}/tasks/{self.made['task']}")
            rows = page.get_by_test_id("rows").locator(".row")
            found = [str(rows.nth(n).get_attribute("id")) for n in range(5)]
        return [row.removeprefix("row-") for row in found]

    def feed_back(self, row: str, *, done: bool, note: str) -> None:
        with self.signed_in(IMPLEMENTER, "phone", "light") as page:
            page.goto(f"{self.demo.app_url}/point-tasks/{row}")
            if done:
                page.locator("[data-testid^=item-]").first.click()
            page.get_by_test_id("note").fill(note)
            page.get_by_test_id("feed-back").click()
            page.get_by_test_id("said").wait_for()
            if done:
                page.get_by_test_id("close").click()
                page.get_by_test_id("said").wait_for()

    def send_back(self, row: str) -> None:
        with self.signed_in(PUBLISHER, "phone", "light") as page:
            page.goto(f"{self.demo.app_url}/point-tasks/{row}?act=send_back")
            page.get_by_test_id("reason").fill("抽查发现接口仍有超时。")
            page.get_by_test_id("impact").fill("上报数据可能延迟。")
            page.get_by_test_id("send_back-confirm").click()
            page.get_by_test_id("said").wait_for()

    def take(self, picture: Picture, size: str, theme: str) -> list[str]:
        """One picture; returns what went wrong on its page, and keeps the last one where something did."""
        file = TARGET / f"{picture.name}-{size}-{theme}.png"
        path = picture.path.format(client=size, **self.made)
        with self.signed_in(picture.of, size, theme) as page:
            watch = Watch(page)
            page.goto(path if path.startswith("http") else self.demo.app_url + path)
            try:
                picture.prepare(page)
            except TimeoutError as late:
                watch.noticed.append(f"not there: {late}")
            page.mouse.move(0, 0)  # nothing looks pointed at
            page.wait_for_timeout(SETTLED_MS)
            if page.locator("dialog:modal").count() or "#" in picture.path:
                # Behind a sheet, and above an anchor, a page begins at its top.
                page.evaluate("scrollTo(0, 0)")
            if faults := watch.faults():
                return [f"{file.name}  {fault}" for fault in faults]
            page.screenshot(path=file)
        shrink(file)
        print(f"{file.name}  {file.stat().st_size // 1024} kB", flush=True)
        return []

    @contextmanager
    def signed_in(self, userid: str, size: str, theme: str) -> Iterator[Page]:
        """A browser of this member, already let in by WeCom."""
        context = self.context(size, theme)
        page = context.new_page()
        login = quote(f"{self.demo.app_url}/login?next=/me&inside=1", safe="")
        page.goto(f"{self.demo.phone_url}/open?member={userid}&url={login}")
        page.get_by_test_id("my-name").wait_for()
        yield page
        context.close()

    def context(self, size: str, theme: str) -> BrowserContext:
        return self.browser.new_context(
            viewport=SIZES[size],
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            color_scheme="dark" if theme == "dark" else "light",
            reduced_motion="reduce",
            user_agent=IN_WECOM,
        )


def shrink(file: Path) -> None:
    """256 colours are enough for a page without photos, at a third of the size."""
    with Image.open(file) as picture:
        small = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    small.save(file, optimize=True)


def main() -> int:
    """Take all pictures, or those whose names are given; 1 where something went wrong on a page."""
    faults: list[str] = []
    wanted = [picture for picture in PICTURES if not sys.argv[1:] or picture.name in sys.argv[1:]]
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        demo = Demo(Path(folder), f"sqlite:///{folder}/app.db")
        try:
            demo.run("flask", "db", "upgrade")
            demo.start()
            browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            studio = Studio(demo, browser)
            studio.tell_story()
            for picture in wanted:
                for size in picture.sizes:
                    for theme in THEMES:
                        faults += studio.take(picture, size, theme)
        finally:
            demo.stop()
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
