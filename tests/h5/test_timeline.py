"""The timeline tells acts apart by what they are, not by what people call them."""

import pytest

from app.tasks.face import ACTS
from app.tasks.lifecycle import Act
from tests.h5.conftest import Open
from tests.world import World


@pytest.mark.parametrize("name", ["退回", ACTS[Act.FEED_BACK]])
def test_another_name_for_打回_changes_its_words_alone(
    browser_of: Open, world: World, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setitem(ACTS, Act.SEND_BACK, name)
    row = world.closed_point_task()
    page = f"/point-tasks/{row.id}"
    why = {"reason": "抽查不合格", "impact": "全区"}
    browser_of("林敏").submit(page, f"{page}/send-back", item=str(row.items[0].id), **why)
    browser_of("王强").submit(page, f"{page}/feed-back", note="正在修复")

    text = browser_of("王强").get(page).text
    sent_back = text.split('data-testid="sent-back"')[1].split("</section>")[0]
    assert "抽查不合格" in sent_back
    assert "正在修复" not in sent_back
    assert f"<b>{name}</b> 林敏" in text.split('data-testid="timeline"')[1]


def test_who_comes_too_late_hears_of_the_act_that_changed_something_not_of_an_urge(
    browser_of: Open, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ACTS, Act.FEED_BACK, ACTS[Act.URGE])
    row = world.point_task()
    page, browser = f"/point-tasks/{row.id}", browser_of("王强")
    browser_of("赵岚").submit(page, f"{page}/feed-back", note="已电话跟进")
    browser_of("林敏").submit(page, f"{page}/urge")

    answer = browser.submit(page, f"{page}/feed-back", note="已恢复", version="0")
    assert answer.status_code == 409
    newest = answer.text.split('data-testid="newest"')[1].split("</p>")[0]
    assert "赵岚" in newest
