"""`flask deliveries list` and `retry`."""

import json

import pytest
from flask import Flask, current_app

from app import clock
from app.notices.ledger import retrying
from app.notices.ledger.commands import deliveries
from app.notices.ledger.lines import EVERYTHING
from app.notices.models import Outcome
from app.notices.sending.messages import deliver_due
from app.tasks.managing import supervise
from app.wecom.errors import StopTheQueue, WillNeverWork
from tests.mail import PostOffice, fresh, in_the_hands_of_a_sender, outcomes, queue
from tests.told_time import ToldTime


@pytest.fixture
def refused(core: Flask) -> int:
    """A message that WeCom refused."""
    office = PostOffice()
    office.answers("wangqiang", WillNeverWork(41033, "缺少描述（41033）"))
    [message, _] = queue("wangqiang", "lijing")
    deliver_due(office)
    return message


def test_the_list_shows_what_did_not_arrive_and_why(core: Flask, refused: int):
    result = core.test_cli_runner().invoke(deliveries, ["list"])

    assert result.exit_code == 0
    assert (
        f"{refused}  被拒  wangqiang  任务  2026-11-23 09:00  尝试 1 次  缺少描述（41033）" in result.output
    )
    assert "lijing" not in result.output


def test_the_list_says_why_the_queue_stands_still(core: Flask):
    office = PostOffice()
    office.close(StopTheQueue(60020, "服务器 IP 未加入企业可信 IP（60020）"))
    queue("wangqiang")
    deliver_due(office)

    result = core.test_cli_runner().invoke(deliveries, ["list"])

    assert (
        "队列自 2026-11-23 09:00 起暂停：服务器 IP 未加入企业可信 IP（60020）；2026-11-23 09:01 再试。"
        in (result.output)
    )


def test_the_list_counts_cards_that_wait_to_be_changed(world, told_time: ToldTime):
    task_id = world.published("130102")
    deliver_due(PostOffice())
    supervise.revoke(task_id, by=world.person("林敏"), reason="误发", seen_version=None, form_key=world.key())

    result = current_app.test_cli_runner().invoke(deliveries, ["list"])

    waits = "3 条（最早 2026-11-23 09:00）"
    assert f"排队 {waits}，待改的卡片 {waits}。" in result.output


def test_the_list_as_json_has_one_object_a_line(core: Flask, refused: int):
    result = core.test_cli_runner().invoke(deliveries, ["list", "--outcome", "被拒", "--json"])

    [line] = result.output.splitlines()
    assert json.loads(line)["errcode"] == 41033


def test_a_refused_message_is_queued_again(core: Flask, refused: int):
    result = core.test_cli_runner().invoke(deliveries, ["retry", str(refused)])

    assert (result.exit_code, result.output) == (0, f"{refused}：已重新排队。\n")
    assert fresh(refused).outcome == Outcome.PENDING


def test_what_cannot_be_sent_again_is_said_and_the_exit_code_tells(core: Flask, refused: int):
    result = core.test_cli_runner().invoke(deliveries, ["retry", str(refused), str(refused + 1), "999"])

    assert result.exit_code == 1
    assert f"{refused}：已重新排队。" in result.output
    assert f"{refused + 1}：这条通知的状态是“已受理”，不需要补发。" in result.output
    assert "999：没有这条通知。" in result.output


def test_all_of_unknown_outcome_are_queued_again_after_a_question(core: Flask, told_time: ToldTime):
    queue("wangqiang", "lijing")
    in_the_hands_of_a_sender(2)
    told_time.pass_(hours=5)
    deliver_due(PostOffice())
    run = core.test_cli_runner()

    asked = run.invoke(deliveries, ["retry", "--unknown"], input="n\n")
    assert "共 2 条“结果未知”" in asked.output
    assert outcomes() == {Outcome.UNKNOWN: 2}

    assert "已重新排队 2 条。" in run.invoke(deliveries, ["retry", "--unknown", "--yes"]).output
    assert outcomes() == {Outcome.PENDING: 2}
    assert "没有可以补发的" in run.invoke(deliveries, ["retry", "--unknown", "--yes"]).output


@pytest.mark.proves("R-P14")
def test_what_a_backup_held_is_not_sent_by_putting_it_back(core: Flask) -> None:
    waiting, leased = queue("wangqiang", "lijing")
    in_the_hands_of_a_sender()

    result = core.test_cli_runner().invoke(deliveries, ["restored"])

    assert result.output.startswith("2 条待发的通知改为“结果未知”。")
    office = PostOffice()
    deliver_due(office)
    assert office.taken == []
    assert {fresh(one).outcome for one in (waiting, leased)} == {Outcome.UNKNOWN}
    retrying.retry_doubtful(EVERYTHING, seen_at=clock.now(), by=None)
    assert deliver_due(office).sent == 2


def test_what_to_send_again_must_be_said(core: Flask, refused: int):
    run = core.test_cli_runner()

    assert run.invoke(deliveries, ["retry"]).exit_code == 2
    assert run.invoke(deliveries, ["retry", "--unknown", str(refused)]).exit_code == 2
