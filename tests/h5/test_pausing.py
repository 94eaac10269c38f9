"""暂停提醒 on the pages: the sheet, the line at the head, the way back."""

from tests.h5.conftest import Open
from tests.world import World

PAUSED = "提醒暂停至 2026-12-03：县里停电检修（林敏）"


def test_the_publisher_pauses_and_everyone_who_sees_the_task_reads_it(world: World, browser_of: Open) -> None:
    task_id = world.published("130102")
    linmin, page = browser_of("林敏"), f"/tasks/{task_id}"
    assert 'data-testid="pause-reminders"' in linmin.get(page).text
    assert 'data-testid="resume-reminders"' not in linmin.get(page).text

    typed = {"pause_to": "2026-12-03", "pause_reason": "县里停电检修"}
    answer = linmin.submit(page, f"{page}/pause-reminders", **typed)

    assert answer.status_code == 302
    for name in ("林敏", "王强", "赵岚"):
        assert PAUSED in browser_of(name).get(page).text
    assert PAUSED in linmin.get(f"{page}/deliveries").text
    row = browser_of("王强").get(f"/point-tasks/{world.row(task_id).id}").text
    assert PAUSED in row
    assert "暂停提醒" in row[row.index("办理过程") :]


def test_a_refused_pause_keeps_what_was_typed(world: World, browser_of: Open) -> None:
    page = f"/tasks/{world.published('130102')}"

    typed = {"pause_to": "2027-03-01", "pause_reason": "县里停电检修"}
    answer = browser_of("林敏").submit(page, f"{page}/pause-reminders", **typed)

    assert answer.status_code == 422
    assert "最多 30 天" in answer.text
    sheet = answer.text.partition('id="pause_reminders"')[2].partition("</dialog>")[0]
    assert sheet.startswith(' aria-labelledby="pause_reminders-title" open')
    assert 'value="2027-03-01"' in sheet
    assert ">县里停电检修</textarea>" in sheet


def test_reminders_are_resumed_from_the_same_place(world: World, browser_of: Open) -> None:
    page = f"/tasks/{world.published('130102')}"
    linmin = browser_of("林敏")
    linmin.submit(page, f"{page}/pause-reminders", pause_to="2026-12-03", pause_reason="县里停电检修")

    answer = linmin.submit(page, f"{page}/resume-reminders")

    assert answer.status_code == 302
    assert 'data-testid="pause"' not in linmin.get(page).text
