"""无法按时完成 is a box of its own on the form of 反馈, and stands out where the publisher looks."""

from app.tasks.clock import news
from tests.h5.conftest import Open
from tests.world import World


def test_the_box_wants_a_reason_keeps_its_tick_and_stands_out(browser_of: Open, world: World) -> None:
    row = world.point_task()
    field = browser_of("王强")
    page = f"/point-tasks/{row.id}"
    assert 'data-testid="cannot-meet"' in field.get(page).text

    refused = field.submit(page, f"{page}/feed-back", cannot_meet="1", note="")
    assert "勾选了“无法按时完成”，请写明原因" in refused.text
    assert 'data-testid="cannot-meet" checked' in refused.text

    field.submit(page, f"{page}/feed-back", cannot_meet="1", note="设备未到货")
    news.Watch().scan()

    assert 'data-testid="hopeless"' in browser_of("林敏").get(page).text
    messages = browser_of("林敏").get("/messages").text
    assert 'data-testid="hopeless">无法按时完成' in messages
    assert "长安区（王强：设备未到货）" in messages
    assert "无法按时完成（要求 2026-11-23 18:00）" in browser_of("林敏").get(page).text
