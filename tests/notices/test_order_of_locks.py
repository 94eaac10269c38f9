"""Senders lock messages before their changes, and each in the order of ids, so that nobody waits in a circle."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app import clock
from app.db import transaction
from app.locks import hold
from app.notices.aftercare import carrying
from app.notices.aftercare import queue as aftercare
from app.notices.aftercare.carrying import NOTHING_TO_ADD, Changes
from app.notices.models import Delivery, Outcome
from app.notices.sending.messages import Messages
from app.notices.sending.verdicts import Tried
from tests.mail import A_LEASE, claimed, fresh, queue, settled

PATIENCE = 30
CARD = b'{"template_card": {"task_id": "1"}}'

pytestmark = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
Meets = Callable[[list[int], Callable[[], object]], None]


@pytest.fixture
def meets(core: Flask, caplog: pytest.LogCaptureFixture) -> Meets:
    """`act` begins while somebody has the first of these messages, who then wants the others, too."""
    caplog.set_level("INFO", logger="app.locks")

    def both(ids: list[int], act: Callable[[], object]) -> None:
        def begin() -> None:
            with core.app_context():
                act()

        other = Thread(target=begin)
        with transaction() as current:
            hold(current, Delivery, Delivery.id == ids[0])
            other.start()
            other.join(0.5)  # it comes as far as it can
            hold(current, Delivery, Delivery.id.in_(ids))
        other.join(PATIENCE)

        assert not other.is_alive()
        assert "deadlock" not in caplog.text

    return both


def test_a_verdict_and_what_is_handed_over_next_are_locked_in_their_order(meets: Meets) -> None:
    ids = queue("wangqiang", "lijing")
    first, second = sorted(claimed(), key=lambda row: row.id)
    sender, now = Messages(), clock.now()
    [second] = sender.record([], [second], lease=A_LEASE, token="gone").handed_over
    verdict = Tried(second, NOTHING_TO_ADD, now)
    judged = [(verdict, sender.judge(verdict, now=now, wait=timedelta(seconds=1)))]

    meets(ids, lambda: sender.record(judged, [first], lease=A_LEASE, token="gone"))

    assert [fresh(one).outcome for one in ids] == [Outcome.SENDING, Outcome.ACCEPTED]


def test_of_two_senders_one_takes_a_change_of_a_card(core: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    [message] = queue("wangqiang")
    with_a_code([message])
    with transaction() as current:
        aftercare.withdraw(current, Delivery.id == message, words="任务已撤销。", grey="已撤销")
    shown(message)
    looked, began, real, taken = Event(), Event(), carrying.rung_of, []

    def rung_of(row: sa.Row[Any], now: datetime) -> Any:
        looked.set()
        began.wait(PATIENCE)
        other.join(0.5)  # it comes as far as it can
        return real(row, now)

    def take(most: int) -> None:
        with core.app_context():
            taken.extend(Changes().claim(most, lease=A_LEASE, token=str(most)).rows)

    monkeypatch.setattr(carrying, "rung_of", rung_of)
    other = Thread(target=take, args=(10,))
    first = Thread(target=take, args=(1,))
    first.start()
    assert looked.wait(PATIENCE)
    monkeypatch.setattr(carrying, "rung_of", real)
    other.start()
    began.set()
    first.join(PATIENCE)
    other.join(PATIENCE)

    assert len(taken) == 1


def with_a_code(ids: list[int]) -> None:
    """These were sent a moment ago, and their cards can be changed."""
    settled(ids, tried_at=clock.now())
    codes = {"response_code": sa.func.concat("code", Delivery.id), "msgid": "msg", "body": CARD}
    with transaction() as current:
        current.execute(sa.update(Delivery).where(Delivery.id.in_(ids)).values(codes))


def shown(message_id: int) -> None:
    with transaction() as current:
        aftercare.show(current, Delivery.id == message_id, words="任务已修改。", grey="已修改")


def test_what_became_of_changes_is_written_on_their_messages_in_the_order_of_these(meets: Meets) -> None:
    ids = queue("wangqiang", "lijing")
    with_a_code(ids)
    for one in reversed(ids):
        shown(one)
    changes, now = Changes(), clock.now()
    rows = changes.claim(10, lease=A_LEASE, token="one").rows
    tried = [Tried(row, NOTHING_TO_ADD, now) for row in rows]
    judged = [(one, changes.judge(one, now=now, wait=timedelta(0))) for one in tried]

    meets(ids, lambda: changes.record(judged, lease=A_LEASE, token="one"))

    assert [fresh(one).outcome for one in ids] == [Outcome.UPDATED, Outcome.UPDATED]
