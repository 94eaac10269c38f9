"""消息: the list in the app, and which copies ring in WeCom."""

import re

import pytest

from app.notices.ledger import lines as ledger
from app.notices.queue import choices
from app.notices.wordings import kinds
from app.notices.wordings.catalogue import wordings
from app.tasks.managing import supervise


@pytest.fixture
def told(world) -> int:
    """王强 was told of a publish and of a 催办."""
    task_id = world.published("130102")
    supervise.urge(world.row(task_id).id, by=world.person("林敏"), form_key=world.key())
    return task_id


def listed(page: str) -> int:
    return len(re.findall(r'class="card message', page))


def test_messages_are_narrowed_by_kind_with_the_unread_of_each(browser_of, told):
    browser = browser_of("王强")
    page = browser.get("/messages").text
    assert "未读 2" in page
    assert listed(page) == 2

    urges = browser.get("/messages?act=urge").text
    assert listed(urges) == 1
    assert "【催办提醒】" in urges
    browser.submit("/messages?act=urge", "/messages/read")
    assert browser.get("/messages/unread").json == {"unread": 1}
    assert listed(browser.get("/messages?act=nonsense").text) == 2


def test_who_switches_copies_off_reads_them_in_the_app_only(browser_of, world):
    browser = browser_of("赵岚")
    browser.submit("/me", "/me/push", push=["urge.copied_in", "overdue.copied_in"])
    task_id = world.published("130102")

    outcomes = {line.recipient: (line.outcome, line.reason) for line in ledger.page(ledger.EVERYTHING).lines}
    assert outcomes["赵岚"] == ("站内", "本人关闭了这类推送，只在应用的消息里")
    assert outcomes["孙丽"] == ("待发", "")
    assert listed(browser.get("/messages").text) == 1
    supervise.urge(world.row(task_id).id, by=world.person("林敏"), form_key=world.key())
    assert ledger.page(ledger.EVERYTHING).lines[1].outcome == "待发"


def test_what_must_be_done_cannot_be_switched_off(browser_of, world):
    browser = browser_of("王强")
    assert "必收，不能关闭：</b>任务发布、打回、催办" in browser.get("/me").text
    browser.submit("/me", "/me/push", push=[])
    world.published("130102")

    assert choices.muted(world.person("王强")) == choices.MAY_BE_MUTED
    outcomes = {line.recipient: line.outcome for line in ledger.page(ledger.EVERYTHING).lines}
    assert outcomes["王强"] == "待发"


def test_there_are_four_sizes_of_text(browser_of):
    browser = browser_of("王强")
    assert len(re.findall(r'name="size"', browser.get("/me").text)) == 4
    browser.submit("/me", "/me/look", size="giant")
    assert 'data-size="giant"' in browser.get("/me").text


def test_every_wording_belongs_to_a_kind_and_every_choice_is_a_wording():
    assert {key.partition(".")[0] for key in wordings()} <= kinds.acts().keys()
    assert wordings().keys() >= choices.MAY_BE_MUTED
    assert not any(wording.endswith(".implementer") for wording in choices.MAY_BE_MUTED)
