"""Every page in Chromium: readable for everyone, fitting every width, within reach of a finger."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from app.tasks.rollback import rolling_back
from tests.h5.chromium import Show
from tests.world import World

ALL = {
    "林敏": (
        *(
            "/",
            "/tasks",
            "/tasks/1",
            "/tasks/1?act=revoke",
            "/tasks/1?act=pause_reminders",
            "/tasks/new",
            "/messages",
            "/me",
            "/nowhere",
        ),
        *("/tasks/1/urge", "/tasks/1/deliveries", "/tasks/1/seen", "/tasks/1#more-acts"),
    ),
    "赵岚": ("/?tab=copied-in", "/tasks/1#several-note", "/tasks?all=1&label=正常&place=石家庄市#filters"),
    "何主任": (
        *("/admin/calendar", "/admin/calendar?day=2026-10-10", "/admin/tokens"),
        *("/tasks/3/roll-back", "/tasks/3/roll-back?module=2"),
    ),
    "何志远": (
        *("/admin", "/admin/wordings", "/admin/wordings/roll_back.upgraded", "/admin/settings"),
        *("/people/new", "/people/2", "/people/2?act=disable", "/people/2/edit", "/people/import"),
        *("/admin/regions", "/admin/regions/1", "/admin/departments/1", "/admin/audit?act=publish"),
    ),
    "周总": ("/patches", "/patches/new?from=1", "/patches/1", "/tasks/new?patch=1", "/tasks/2", "/versions"),
    "李静": ("/point-tasks/5",),
    "王强": (
        "/",
        "/tasks?all=1",
        "/point-tasks/1",
        "/point-tasks/3",
        "/point-tasks/4",
        "/point-tasks/1?act=transfer",
        "/messages",
    ),
    "郑大区": ("/deliveries", "/people/2/deliveries", "/messages"),
}
WIDTHS = (320, 900)
NARROW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
SMALL = """() => [...document.querySelectorAll('a[href], button, input, summary, textarea')]
  .filter((e) => e.getClientRects().length && !e.closest('.skip, dialog:not([open])'))
  .map((e) => [e.closest('label') || e, e.outerHTML.slice(0, 90)])
  .filter(([e]) => e.getBoundingClientRect().height < 43.5).map(([, html]) => html)"""
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def furnish(world: World) -> None:
    """Something on every page: a task, an 升级任务 of which a module was rolled back, and one to roll back."""
    world.published("130102", "130104")
    task_id = world.upgrade("130102", "130104")
    row = world.row(task_id)
    world.feed_back(row)
    module = row.items[0].module
    assert module is not None
    rolling_back.roll_back(
        task_id,
        by=world.person("林敏"),
        module_ids={module.id},
        reason="取数有误，请还原。",
        seen_version=None,
        form_key=world.key(),
    )
    world.upgrade("130105", by="何主任")


def test_every_page_is_readable_within_reach_and_as_wide_as_its_window(
    show: Show, world: World, address: str
) -> None:
    """Each page is opened once: looked at by axe in light and dark, by a finger, and in windows of three widths."""
    furnish(world)
    faults = []
    for name, paths in ALL.items():
        page = show(name, "/healthz", color_scheme="light")
        for path in paths:
            page.goto(address + path)
            found = _axe_finds(page) + [f"too small for a finger: {html}" for html in page.evaluate(SMALL)]
            page.emulate_media(color_scheme="dark")
            found += _axe_finds(page, only=["color-contrast"])
            page.emulate_media(color_scheme="light")
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 844})
                found += [f"{wide} px wider than {width}" for wide in [page.evaluate(NARROW)] if wide > 0]
            page.set_viewport_size({"width": 390, "height": 844})
            faults += [f"{name} {path}: {fault}" for fault in found]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("size", ["huge", "giant"])
def test_large_text_is_not_wider_than_a_phone_either(
    show: Show, world: World, address: str, size: str
) -> None:
    furnish(world)
    wide = []
    for name, paths in ALL.items():
        page = show(name, "/healthz")
        page.context.add_cookies([{"name": "fwrw_look", "value": f"auto.{size}.plain", "url": address}])
        for path in paths:
            page.goto(address + path)
            if page.evaluate(NARROW) > 0:
                wide.append(f"{name} {path}: {page.evaluate(NARROW)} px")
    assert not wide, "\n".join(wide)


def _axe_finds(page: Page, *, only: list[str] | None = None) -> list[str]:
    """What axe objects to; `only` these rules, where they are named."""
    asked = {"runOnly": only} if only else None
    found = Axe().run(page, options=asked).response["violations"]
    return [f"{fault['id']} {[node['html'][:120] for node in fault['nodes']]}" for fault in found]
