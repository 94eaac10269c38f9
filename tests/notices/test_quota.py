"""The day's quota: accounts ceiling × 200 person-messages, and what happens to the rest."""

import pytest
from flask import Flask

from app import clock
from app.db import session
from app.notices.pacing import QuietHours
from app.notices.sending import quota
from app.notices.sending.messages import deliver_due
from app.wecom.errors import OutcomeUnknown, TryLater, WillNeverWork
from tests.mail import PostOffice, fresh, members, outcomes, queue


@pytest.fixture
def office() -> PostOffice:
    return PostOffice()


def test_what_the_day_does_not_hold_goes_on_tomorrow_with_the_reason(core: Flask, office, told_time):
    core.config["WECOM_ACCOUNT_CEILING"] = 1
    ids = queue(*members(250))

    assert deliver_due(office).sent == 200
    assert outcomes() == {"已受理": 200, "待发": 50}
    assert fresh(ids[-1]).reason == "今天的发送额度（200 条）已用完，明天继续"
    told_time.pass_(hours=14)
    assert deliver_due(office).sent == 0

    told_time.at("2026-11-24 00:01")
    assert deliver_due(office).sent == 50
    assert fresh(ids[-1]).reason == ""


def test_a_day_used_up_by_a_clock_that_ran_ahead_holds_nothing_once_it_is_put_right(
    core: Flask, office, told_time
):
    core.config["WECOM_ACCOUNT_CEILING"] = 1
    told_time.pass_(days=365)
    queue(*members(250))
    deliver_due(office)
    told_time.pass_(days=-365)

    assert deliver_due(office).sent == 50
    told_time.pass_(days=365)
    assert quota.used(session()) == 0


def test_what_waits_for_tomorrow_waits_on_after_midnight_for_the_quiet_hours_to_end(
    core: Flask, office, told_time
):
    core.config |= {"WECOM_ACCOUNT_CEILING": 1, "QUIET_HOURS": QuietHours.read("21:00-08:30")}
    queue(*members(201))
    deliver_due(office)

    told_time.at("2026-11-24 00:30")
    assert deliver_due(office).sent == 0
    told_time.at("2026-11-24 08:30")
    assert deliver_due(office).sent == 1


def test_the_next_days_messages_do_not_ring_at_midnight(core: Flask, office, told_time):
    core.config |= {"WECOM_ACCOUNT_CEILING": 1, "QUIET_HOURS": QuietHours.read("21:00-08:30")}
    ids = queue(*members(201))
    deliver_due(office)

    assert clock.shown(fresh(ids[-1]).next_at) == "2026-11-24 08:30"


def test_without_a_configured_ceiling_everybody_here_is_an_account(core: Flask):
    queue(*members(3))

    assert quota.most(session()) == 600


@pytest.mark.parametrize(
    ("answer", "counted"),
    [
        (WillNeverWork(81013, "不可见（81013）", invalid_recipient=True), 0),
        (TryLater(-1, "系统繁忙（-1）"), 0),
        (TryLater(45009, "频率受限（45009）", pause_seconds=60.0), 0),
        (OutcomeUnknown(None, "没有读到应答"), 1),  # it may have been taken
    ],
)
def test_only_what_wecom_may_have_taken_counts(core: Flask, office, answer, counted):
    queue("wangqiang")
    office.answers("wangqiang", answer)
    deliver_due(office)

    assert quota.used(session()) == counted
