"""The limits, proved by the stand-in's own ledger over real HTTP while its clock and ours run ahead together."""

from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app import clock
from app.db import session
from app.notices import pacing
from app.notices.sending import stoppage
from app.notices.sending.backlog import backlog
from app.notices.sending.messages import deliver_due
from app.settings import Settings
from tests.databases import settings_for
from tests.mail import outcomes, queue
from tests.wecom.peers import StandIn, running_stand_in

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # the wire is the same


@pytest.fixture(scope="module")
def _stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[StandIn, Path]]:
    folder = tmp_path_factory.mktemp("stand_in")
    with running_stand_in(folder) as running:
        yield running, folder / "clock"


@pytest.fixture
def stand_in(_stand_in: tuple[StandIn, Path]) -> StandIn:
    _stand_in[0].desk("reset")
    _stand_in[0].desk("clock", offset=0)
    return _stand_in[0]


@pytest.fixture
def settings(database_url: str, stand_in: StandIn, tmp_path: Path) -> Settings:
    return settings_for(database_url, WECOM_API_BASE=stand_in.base, UPLOAD_DIR=tmp_path)


@pytest.fixture
def send(core: Flask, _stand_in: tuple[StandIn, Path]) -> "Sender":
    return Sender(core, *_stand_in)


class Sender:
    """Our sender, connected to the stand-in; both tell the same time."""

    def __init__(self, core: Flask, stand_in: StandIn, clock_file: Path) -> None:
        self.core, self.stand_in, self.clock_file = core, stand_in, clock_file
        clock.follow_offset_file(clock_file)

    def __call__(self) -> int:
        """Everything that may go now; how many went."""
        return deliver_due(self.core.extensions["wecom"], threads=4).sent

    def wait(self, seconds: int) -> None:
        """Let the time pass for both."""
        self.stand_in.desk("clock", forward=seconds)
        clock.follow_offset_file(self.clock_file)  # read anew at once


@pytest.mark.proves("X-B7")
def test_no_member_is_ever_written_to_more_often_than_wecom_delivers(send: Sender, stand_in: StandIn):
    queue(*["wangqiang"] * 70, "linmin")
    waited = 0
    while outcomes().get("待发"):
        send()
        send.wait(20)
        waited += 20
    told = stand_in.chat("wangqiang")

    assert waited <= 240
    assert [message["state"] for message in told] == ["delivered"] * 70
    assert most_within(60, told) <= 30
    assert [message["state"] for message in stand_in.chat("linmin")] == ["delivered"]


def test_the_hour_is_kept_as_well(send: Sender, stand_in: StandIn, monkeypatch):
    """With a tenth of both limits, so that it takes 100 messages instead of 1,000."""
    monkeypatch.setattr(pacing, "PER_HOUR", 90)
    stand_in.desk("switch", name="member_per_hour", value=100)
    queue(*["wangqiang"] * 130)
    for _ in range(75):
        send()
        send.wait(60)
    told = stand_in.chat("wangqiang")

    assert [message["state"] for message in told] == ["delivered"] * 130
    assert most_within(3600, told) <= 100


def test_the_days_quota_is_respected_without_a_single_refusal(send: Sender, stand_in: StandIn):
    send.core.config["WECOM_ACCOUNT_CEILING"] = 1
    for name, value in (("account_ceiling", 1), ("member_per_minute", 1000)):
        stand_in.desk("switch", name=name, value=value)
    queue(*["wangqiang", "linmin", "zhaolan", "sunli"] * 55)
    for _ in range(10):
        send()
        send.wait(60)

    assert outcomes() == {"已受理": 200, "待发": 20}
    assert stand_in.errors() == []


@pytest.mark.proves("X-B3")
def test_45009_pauses_the_app_and_it_goes_on_by_itself(send: Sender, stand_in: StandIn):
    stand_in.fails("45009", "message/send", times=1)
    queue("wangqiang", "linmin")
    deliver_due(send.core.extensions["wecom"], threads=1)
    assert stoppage.present().errcode == 45009
    assert send() == 0

    send.wait(61)
    assert send() >= 1
    session().rollback()
    assert stoppage.present() is None
    assert outcomes() == {"已受理": 2}


@pytest.mark.proves("X-B5")
def test_60020_stops_the_queue_with_an_alarm_and_loses_nothing(send: Sender, stand_in: StandIn, caplog):
    stand_in.fails("60020", "message/send", times=100)
    queue("wangqiang", "linmin")
    send()

    assert "ERROR" in {record.levelname for record in caplog.records}
    assert "可信 IP" in caplog.text
    assert backlog().stopped.errcode == 60020
    stand_in.desk("fault/clear")
    send.wait(61)
    send()
    assert outcomes() == {"已受理": 2}


def most_within(seconds: float, told: list[dict]) -> int:
    """The most messages in any window of that length."""
    moments = sorted(message["time"] for message in told)
    return max(n + 1 - bisect_right(moments, moment - seconds) for n, moment in enumerate(moments))
