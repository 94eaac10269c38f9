"""管理 → 工作日历: an administrator decides about a day, and deadlines follow at once."""

import pytest

from app.people.models import Role
from tests.h5.conftest import Open, tight
from tests.told_time import ToldTime
from tests.world import World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
DAY = "/admin/calendar?day=2026-11-27"


def test_only_administrators_open_it(browser_of: Open, world: World) -> None:
    assert browser_of("周总").get("/admin/calendar").status_code == 403
    world.appoint("周总", Role.ADMINISTRATOR)
    browser = browser_of("周总")

    assert "工作日历" in tight(browser.get("/admin/calendar").text)
    assert 'href="/admin"' in browser.get("/me").text
    assert 'href="/admin/calendar"' in browser.get("/admin").text


def test_a_decided_day_moves_the_deadline_that_the_form_shows(
    browser_of: Open, world: World, told_time: ToldTime
) -> None:
    told_time.at("2026-11-26 15:00")
    world.appoint("周总", Role.ADMINISTRATOR)
    browser = browser_of("周总")
    assert "2026-11-27 23:59" in browser.get("/tasks/deadline?due_days=1").text

    saved = browser.submit(DAY, "/admin/calendar", works="rest", note="公司年会")

    assert saved.location == "/admin/calendar?year=2026#month-11"
    assert "2026-11-30 23:59" in browser.get("/tasks/deadline?due_days=1").text
    assert "2026-11-27 改为休息<small>公司年会</small>" in tight(browser.get("/admin/calendar").text)


def test_a_day_without_a_reason_is_asked_for_one_and_keeps_the_choice(browser_of: Open, world: World) -> None:
    world.appoint("周总", Role.ADMINISTRATOR)
    answer = browser_of("周总").submit(DAY, "/admin/calendar", works="rest", note="")

    assert answer.status_code == 422
    assert "请写明依据" in answer.text
    assert 'value="rest" data-testid="works-rest" checked' in answer.text


def test_a_year_nobody_has_announced_is_said_to_be_an_estimate(browser_of: Open, world: World) -> None:
    world.appoint("周总", Role.ADMINISTRATOR)
    browser = browser_of("周总")

    assert (
        "2031 年的节假日安排未发布，按法定节假日和周末估算" in browser.get("/admin/calendar?year=2031").text
    )
    assert "未发布" not in browser.get("/admin/calendar?year=2026").text


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("year=1999", 404),
        ("year=2051", 404),
        ("day=0001-01-01", 404),
        ("day=2026-02-30", 422),
        ("day=x", 422),
    ],
)
def test_days_out_of_reach_are_refused(browser_of: Open, world: World, asked: str, status: int) -> None:
    world.appoint("周总", Role.ADMINISTRATOR)
    assert browser_of("周总").get(f"/admin/calendar?{asked}").status_code == status
