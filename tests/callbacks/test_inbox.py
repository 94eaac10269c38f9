"""The inbox is worked off: every event once, a failing one alone, given up in the open."""

import threading
from collections.abc import Callable

import pytest
from flask import Flask

from app import clock
from app.wecom.inbound import Event
from callbacks import events, inbox
from callbacks.models import InboxEvent
from tests.told_time import ToldTime

Stored = Callable[[], list[InboxEvent]]


def an_event(name: str = "enter_agent", key: str = "k1") -> Event:
    return Event(name=name, userid="wangqiang", key=key, fields={"Event": name})


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A use case that refuses, and the keys it was asked for."""
    asked: list[str] = []

    def refuse(event: Event) -> str:
        asked.append(event.key)
        raise RuntimeError("no such task")

    monkeypatch.setitem(events.EVENTS, "template_card_event", refuse)
    return asked


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("enter_agent", "已记录：进入应用"),
        ("template_card_event", "这个按钮已不能使用，请打开服务任务办理。"),
        ("never_heard_of", "未处理：未知事件"),
        ("message:text", "未处理：成员发来的消息"),
    ],
)
def test_an_event_is_settled_with_what_became_of_it(app: Flask, stored: Stored, name: str, outcome: str):
    inbox.store(an_event(name))

    assert inbox.work_off() == 1
    assert inbox.work_off() == 0

    (row,) = stored()
    assert (row.outcome, row.next_at, row.done_at) == (outcome, None, clock.now())


def test_an_event_is_stored_once(app: Flask):
    assert inbox.store(an_event())
    assert not inbox.store(an_event())


def test_oldest_events_come_first_and_no_more_than_asked_for(app: Flask, stored: Stored, told_time: ToldTime):
    for number in range(5):
        inbox.store(an_event(key=f"k{number}"))
        told_time.pass_(seconds=1)

    assert inbox.work_off(limit=3) == 3
    assert [row.done_at is not None for row in stored()] == [True, True, True, False, False]


def test_a_failing_event_stands_in_nobodys_way(app: Flask, stored: Stored, failing: list[str]):
    inbox.store(an_event("template_card_event", key="bad"))
    inbox.store(an_event(key="good"))

    assert inbox.work_off() == 1

    bad, good = stored()
    assert good.done_at is not None
    assert bad.outcome == "第 1 次失败：RuntimeError: no such task"
    assert bad.next_at is not None
    assert bad.next_at > clock.now()


def test_a_failing_event_is_given_up_after_five_tries_with_its_reason(
    app: Flask, stored: Stored, told_time: ToldTime, failing: list[str]
):
    inbox.store(an_event("template_card_event"))
    for _ in range(8):
        inbox.work_off()
        told_time.pass_(minutes=11)

    (row,) = stored()
    assert len(failing) == 5
    assert (row.attempts, row.next_at, row.done_at) == (5, None, None)
    assert row.outcome == "已放弃：RuntimeError: no such task"


def test_a_try_that_was_cut_off_is_repeated_when_its_lease_ends(
    app: Flask, stored: Stored, told_time: ToldTime, monkeypatch: pytest.MonkeyPatch
):
    def killed(event: Event) -> str:
        raise SystemExit

    inbox.store(an_event("template_card_event"))
    with monkeypatch.context() as patch:
        patch.setitem(events.EVENTS, "template_card_event", killed)
        with pytest.raises(SystemExit):
            inbox.work_off()

    assert inbox.work_off() == 0
    told_time.pass_(seconds=61)
    assert inbox.work_off() == 1


def test_an_event_that_kills_every_try_is_given_up(
    app: Flask, stored: Stored, told_time: ToldTime, monkeypatch: pytest.MonkeyPatch
):
    def killed(event: Event) -> str:
        raise SystemExit

    inbox.store(an_event("template_card_event"))
    monkeypatch.setitem(events.EVENTS, "template_card_event", killed)
    for _ in range(5):
        with pytest.raises(SystemExit):
            inbox.work_off()
        told_time.pass_(seconds=61)

    assert inbox.work_off() == 1
    assert stored()[0].outcome == "已放弃：处理中断多次"


@pytest.mark.proves("R-P5")
def test_four_workers_handle_each_event_once(app: Flask, stored: Stored, monkeypatch: pytest.MonkeyPatch):
    handled: list[str] = []
    monkeypatch.setitem(events.EVENTS, "enter_agent", lambda event: handled.append(event.key) or "done")
    for number in range(40):
        inbox.store(an_event(key=f"k{number}"))
    barrier = threading.Barrier(4)

    def work() -> None:
        with app.app_context():
            barrier.wait()
            inbox.work_off()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    inbox.work_off()

    assert sorted(handled) == sorted(f"k{number}" for number in range(40))
    assert all(row.attempts == 1 for row in stored())


def test_an_event_is_tried_again_once_a_clock_that_ran_ahead_is_put_right(
    app: Flask, stored: Stored, failing: list[str], told_time: ToldTime
):
    inbox.store(an_event("template_card_event"))
    told_time.pass_(days=365)
    inbox.work_off()
    told_time.pass_(days=-365)

    inbox.work_off()

    assert len(failing) == 2
