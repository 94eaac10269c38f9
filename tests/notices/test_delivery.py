"""From the queue to WeCom: once, in order, and never lost."""

from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app import clock
from app.db import session, transaction
from app.errors import Conflict, NotFound
from app.notices.ledger import retrying
from app.notices.models import Delivery, Outcome
from app.notices.sending import quota, stoppage
from app.notices.sending.backlog import Backlog, Waiting, backlog
from app.notices.sending.messages import deliver_due
from app.notices.sending.senders import Silence
from app.wecom.errors import OutcomeUnknown, StopTheQueue, TryLater, WillNeverWork
from tests.mail import (
    PostOffice,
    claimed,
    fresh,
    in_the_hands_of_a_sender,
    members,
    outcomes,
    queue,
    settled,
    taken,
)
from tests.told_time import ToldTime

NO_ANSWER = OutcomeUnknown(None, "没有读到企业微信的应答（ReadTimeout）")
UNREACHABLE = TryLater(None, "无法连接企业微信（ConnectionError）")
BUSY = TryLater(-1, "企业微信系统繁忙（-1 system busy）")
LIMITED = TryLater(45009, "接口调用频率受限（45009）", pause_seconds=60.0)
NOT_TRUSTED = StopTheQueue(60020, "服务器 IP 未加入企业可信 IP（60020 from ip: 203.0.113.7）")
NOTHING = Waiting(0, None)


@pytest.fixture
def office() -> PostOffice:
    return PostOffice()


def test_what_is_due_is_sent_byte_for_byte_and_noted(core: Flask, office: PostOffice):
    [first] = queue("wangqiang")
    [later] = queue("lijing", due=clock.now() + timedelta(minutes=1))

    report = deliver_due(office)

    assert (report.sent, report.failed, report.postponed) == (1, 0, 0)
    row = fresh(first)
    assert office.taken == [row.body]
    assert (row.outcome, row.msgid, row.response_code) == (Outcome.ACCEPTED, "msg1", "code-msg1")
    assert (row.attempts, row.next_at, row.lease_token, row.settled_at) == (1, None, None, clock.now())
    assert fresh(later).outcome == Outcome.PENDING


def test_hundreds_are_sent_in_batches_each_once(core: Flask, office: PostOffice):
    queue(*members(450))

    report = deliver_due(office, limit=100, threads=8)

    assert report.sent == 450
    assert sorted(office.userids) == sorted(members(450))
    assert outcomes() == {Outcome.ACCEPTED: 450}


def test_nothing_is_sent_while_a_transaction_is_open(core: Flask, office: PostOffice):
    queue("wangqiang")
    seen: list[bool] = []

    class Watched(PostOffice):
        def send(self, body: bytes):
            with core.app_context():  # a writer would wait here for ever, were the queue's transaction open
                queue("lijing", due=clock.now() + timedelta(minutes=30))
            seen.append(True)
            return super().send(body)

    deliver_due(Watched())

    assert seen == [True]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (taken(invalid="wangqiang"), Outcome.INVALID_ACCOUNT),
        (taken(unlicensed="wangqiang"), Outcome.UNLICENSED),
        (WillNeverWork(81013, "不可见（81013）", invalid_recipient=True), Outcome.INVALID_ACCOUNT),
        (WillNeverWork(40031, "无许可（40031）", unlicensed=True), Outcome.UNLICENSED),
        (WillNeverWork(41033, "缺少描述（41033）"), Outcome.REFUSED),
        (WillNeverWork(42014, "task_id 重复（42014）"), Outcome.REFUSED),
    ],
)
@pytest.mark.proves("X-A15")
def test_a_refusal_is_settled_with_its_reason_and_does_not_stop_the_others(
    core: Flask, office: PostOffice, answer, outcome: Outcome
):
    [bad, _] = queue("wangqiang", "lijing")
    office.answers("wangqiang", answer)

    report = deliver_due(office)

    assert (report.sent, report.failed) == (1, 1)
    row = fresh(bad)
    assert (row.outcome, row.errcode, row.next_at) == (outcome, getattr(answer, "errcode", None), None)
    assert row.reason


@pytest.mark.proves("X-B2")
def test_after_a_failure_come_three_quick_tries_and_then_longer_waits(
    core: Flask, office: PostOffice, told_time: ToldTime
):
    [message] = queue("wangqiang")
    office.answers("wangqiang", *[BUSY] * 5)
    waits = []
    for _ in range(5):
        assert deliver_due(office, retry_seconds=2).postponed == 1
        waits.append((fresh(message).next_at - clock.now()).total_seconds())
        told_time.pass_(seconds=waits[-1])

    assert all(1.6 <= wait <= 2.4 for wait in waits[:3])
    assert 48 <= waits[3] <= 72
    assert 96 <= waits[4] <= 144
    assert deliver_due(office).sent == 1
    assert office.repeats() == 5
    assert fresh(message).attempts == 6


def test_a_message_without_an_answer_is_repeated_with_the_same_bytes(
    core: Flask, office: PostOffice, told_time: ToldTime
):
    [message] = queue("wangqiang")
    office.answers("wangqiang", NO_ANSWER)
    deliver_due(office)
    assert fresh(message).doubtful_since == clock.now()

    told_time.pass_(seconds=3)
    deliver_due(office)

    assert office.taken[0] == office.taken[1]
    assert fresh(message).outcome == Outcome.ACCEPTED


def test_a_repeat_refused_because_the_card_exists_means_that_the_first_try_arrived(
    core: Flask, office: PostOffice, told_time: ToldTime
):
    [message] = queue("wangqiang")
    office.answers("wangqiang", NO_ANSWER, WillNeverWork(42014, "task_id 重复（42014）"))
    deliver_due(office)
    told_time.pass_(seconds=3)

    deliver_due(office)

    assert fresh(message).outcome == Outcome.ACCEPTED


def test_a_message_that_may_have_arrived_four_hours_ago_is_left_to_a_person(
    core: Flask, office: PostOffice, told_time: ToldTime
):
    [message] = queue("wangqiang")
    office.answers("wangqiang", *[NO_ANSWER] * 100)
    for _ in range(60):
        deliver_due(office)
        if fresh(message).next_at is None:
            break
        told_time.moment = fresh(message).next_at

    row = fresh(message)
    assert row.outcome == Outcome.UNKNOWN
    assert row.settled_at < row.doubtful_since + timedelta(hours=4)
    assert "应答" in row.reason


def test_a_message_plainly_not_taken_is_tried_for_days(core: Flask, office: PostOffice, told_time: ToldTime):
    [message] = queue("wangqiang")
    office.answers("wangqiang", *[BUSY] * 60)
    for _ in range(60):
        deliver_due(office)
        told_time.moment = fresh(message).next_at

    assert told_time.moment > fresh(message).created_at + timedelta(days=1)
    assert deliver_due(office).sent == 1


@pytest.mark.proves("X-A15")
def test_a_fault_of_ours_holds_up_that_message_only(core: Flask, office: PostOffice):
    [bad, _] = queue("wangqiang", "lijing")
    office.answers("wangqiang", KeyError("msgid"))

    report = deliver_due(office)

    assert (report.sent, report.postponed) == (1, 1)
    assert "KeyError" in fresh(bad).reason


# -- the whole queue


@pytest.mark.proves("X-B5")
def test_a_setting_that_must_be_put_right_holds_the_queue_and_loses_nothing(
    core: Flask, office: PostOffice, told_time: ToldTime
):
    queue(*members(300))
    office.close(NOT_TRUSTED)

    deliver_due(office, threads=4)

    assert outcomes() == {Outcome.PENDING: 300}
    assert len(office.taken) <= 4
    paused = backlog().stopped
    assert paused is not None
    assert (paused.errcode, paused.until) == (60020, clock.now() + timedelta(seconds=60))
    assert "可信 IP" in paused.reason


def test_while_the_queue_is_held_nothing_is_sent_then_one_message_goes_ahead(
    core: Flask, office: PostOffice, told_time: ToldTime
):
    queue(*members(300))
    office.close(NOT_TRUSTED)
    deliver_due(office, threads=1)
    office.taken.clear()

    deliver_due(office)
    assert office.taken == []

    since = stoppage.present().since
    told_time.pass_(seconds=60)
    deliver_due(office)
    assert len(office.taken) == 1
    assert stoppage.present().since == since
    assert stoppage.present().until == clock.now() + timedelta(seconds=60)


def test_the_queue_goes_on_by_itself_once_the_first_message_gets_through(
    core: Flask, office: PostOffice, told_time: ToldTime
):
    queue(*members(300))
    office.close(NOT_TRUSTED)
    deliver_due(office)
    office.open()
    told_time.pass_(seconds=60)

    report = deliver_due(office)

    assert report.sent == 300
    assert stoppage.present() is None
    assert outcomes() == {Outcome.ACCEPTED: 300}


@pytest.mark.proves("X-B3")
def test_the_rate_limit_of_the_app_is_waited_out_for_the_period_wecom_names(
    core: Flask, office: PostOffice, told_time: ToldTime
):
    queue(*members(50))
    office.answers("member0", LIMITED)

    deliver_due(office, threads=1)

    assert stoppage.present().until == clock.now() + timedelta(seconds=60)
    assert outcomes() == {Outcome.PENDING: 50}


def test_a_line_that_is_down_is_probed_with_one_message_a_minute(
    core: Flask, office: PostOffice, told_time: ToldTime
):
    queue(*members(200))
    office.close(UNREACHABLE)
    deliver_due(office, threads=4)
    assert 5 <= len(office.taken) <= 12
    assert "无法连接" in stoppage.present().reason
    office.taken.clear()

    for _ in range(30):
        told_time.pass_(seconds=60)
        deliver_due(office)

    assert len(office.taken) == 30
    office.open()
    told_time.pass_(seconds=60)
    assert deliver_due(office).sent == 200  # also those that were backing off: the line was bad, not they


def test_one_bad_message_does_not_look_like_a_line_that_is_down(
    core: Flask, office: PostOffice, told_time: ToldTime
):
    queue("wangqiang", *members(20))
    office.answers("wangqiang", *[NO_ANSWER] * 20)
    for _ in range(8):
        deliver_due(office)
        told_time.pass_(minutes=40)

    assert stoppage.present() is None


def in_doubt() -> int:
    """How many may have arrived, as far as anybody knows."""
    session().rollback()
    return session().query(Delivery).filter(Delivery.doubtful_since.is_not(None)).count()


@pytest.mark.proves("R-P10")
def test_through_six_hours_without_a_verdict_one_message_more_comes_to_be_in_doubt(
    core: Flask, office: PostOffice, told_time: ToldTime
):
    queue(*members(300))
    office.close(NO_ANSWER)
    deliver_due(office, threads=4)
    in_flight = in_doubt()
    for _ in range(60 * 6):
        told_time.pass_(seconds=60)
        deliver_due(office)
    assert in_doubt() <= in_flight + 1

    office.open()
    told_time.pass_(seconds=60)
    deliver_due(office)

    assert outcomes() == {Outcome.UNKNOWN: in_flight, Outcome.ACCEPTED: 300 - in_flight}
    assert len(set(office.taken)) == 300  # each with the bytes it had


@pytest.mark.proves("R-P10")
def test_an_outage_of_three_hours_and_a_half_leaves_nothing_to_a_person(
    core: Flask, office: PostOffice, told_time: ToldTime
):
    queue(*members(50))
    office.close(NO_ANSWER)
    for _ in range(60 * 3 + 45):
        deliver_due(office)
        told_time.pass_(seconds=60)
    office.open()

    deliver_due(office)

    assert outcomes() == {Outcome.ACCEPTED: 50}


def test_where_little_is_sent_the_line_shows_that_it_is_down_over_several_runs(
    core: Flask, office: PostOffice, told_time: ToldTime
):
    office.close(NO_ANSWER)
    silence = Silence()
    for number in range(60 * 3):
        queue(f"member{number}")
        deliver_due(office, silence=silence)
        told_time.pass_(seconds=60)

    assert in_doubt() <= 5
    office.open()
    told_time.pass_(seconds=60)
    deliver_due(office, silence=silence)
    assert outcomes() == {Outcome.ACCEPTED: 60 * 3}


def test_a_message_that_wecom_chokes_on_does_not_keep_the_line_down(
    core: Flask, office: PostOffice, told_time: ToldTime
):
    queue("wangqiang")
    office.answers("wangqiang", *[NO_ANSWER] * 100)
    deliver_due(office)
    told_time.pass_(minutes=20)
    queue(*members(30))
    office.close(UNREACHABLE)
    deliver_due(office)
    assert stoppage.present() is not None
    office.open()

    for _ in range(3):
        told_time.pass_(seconds=60)
        deliver_due(office)

    assert stoppage.present() is None
    assert outcomes()[Outcome.ACCEPTED] == 30


def test_what_is_in_doubt_and_may_not_go_ahead_now_is_looked_at_again_at_the_next_probe(
    core: Flask, office: PostOffice, told_time: ToldTime
):
    core.config["WECOM_ACCOUNT_CEILING"] = 1
    [message] = queue("wangqiang")
    office.answers("wangqiang", NO_ANSWER)
    deliver_due(office)
    stoppage.begin("没有读到企业微信的应答", errcode=None, seconds=60)
    told_time.pass_(minutes=2)
    with transaction() as current:
        quota.take(current, 199, most=200)
    stop = Event()

    def send() -> None:
        with core.app_context():
            deliver_due(office, stop=stop)

    sender = Thread(target=send, daemon=True)
    sender.start()
    sender.join(10)
    stop.set()

    assert not sender.is_alive()
    assert (len(office.taken), fresh(message).outcome) == (1, Outcome.PENDING)
    core.config["WECOM_ACCOUNT_CEILING"] = 2
    assert deliver_due(office).sent == 0
    told_time.pass_(seconds=60)
    assert deliver_due(office).sent == 1
    assert stoppage.present() is None


def test_what_is_in_doubt_goes_ahead_after_a_stoppage_before_it_is_due(
    core: Flask, office: PostOffice, told_time: ToldTime
):
    [message] = queue("wangqiang")
    office.answers("wangqiang", *[NO_ANSWER] * 8)
    for _ in range(7):
        deliver_due(office)
        told_time.moment = fresh(message).next_at
    deliver_due(office)  # the next try is in a quarter of an hour
    told_time.pass_(seconds=1)
    stoppage.begin("没有读到企业微信的应答", errcode=None, seconds=60)
    told_time.pass_(seconds=60)

    assert deliver_due(office).sent == 1
    assert stoppage.present() is None


def test_of_several_senders_one_sends_a_message_ahead(core: Flask, office: PostOffice, told_time: ToldTime):
    queue(*members(50))
    office.close(NO_ANSWER)
    deliver_due(office, threads=1)
    office.taken.clear()
    told_time.pass_(seconds=60)

    def send() -> None:
        with core.app_context():
            deliver_due(office)

    senders = [Thread(target=send) for _ in range(4)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()

    assert len(office.taken) == 1


# -- the pace


def test_a_member_is_written_to_25_times_a_minute_and_the_rest_follows(
    core: Flask, office: PostOffice, told_time: ToldTime
):
    queue(*["wangqiang"] * 60, "lijing")

    assert deliver_due(office).sent == 26
    told_time.pass_(seconds=59)
    assert deliver_due(office).sent == 0
    told_time.pass_(seconds=1)
    assert deliver_due(office).sent == 25
    told_time.pass_(seconds=60)
    assert deliver_due(office).sent == 10
    assert outcomes() == {Outcome.ACCEPTED: 61}


def test_a_member_is_written_to_900_times_an_hour(core: Flask, office: PostOffice, told_time: ToldTime):
    sent_at = clock.now() - timedelta(minutes=30)
    settled(queue(*["wangqiang"] * 890), tried_at=sent_at)
    queue(*["wangqiang"] * 20)

    assert deliver_due(office).sent == 10
    told_time.pass_(minutes=29)
    assert deliver_due(office).sent == 0
    told_time.pass_(minutes=1)
    assert deliver_due(office).sent == 10


# -- several senders, and senders that vanish


@pytest.mark.proves("X-A2")
def test_a_row_whose_sender_vanished_is_sent_again_when_its_lease_is_over(
    core: Flask, office: PostOffice, told_time: ToldTime
):
    [message] = queue("wangqiang")
    in_the_hands_of_a_sender()

    told_time.pass_(seconds=59)
    assert deliver_due(office).sent == 0
    told_time.pass_(seconds=1)

    assert deliver_due(office).sent == 1
    assert fresh(message).doubtful_since is not None
    assert fresh(message).attempts == 2


def test_a_row_whose_sender_vanished_hours_ago_is_left_to_a_person(
    core: Flask, office: PostOffice, told_time: ToldTime
):
    [message] = queue("wangqiang")
    in_the_hands_of_a_sender()
    told_time.pass_(hours=5)

    report = deliver_due(office)

    assert (report.sent, report.failed) == (0, 1)
    assert office.taken == []
    assert fresh(message).outcome == Outcome.UNKNOWN
    assert "补发" in fresh(message).reason


def test_of_a_sender_that_is_stopped_for_hours_only_what_was_in_a_call_is_in_doubt(
    core: Flask, office: PostOffice, told_time: ToldTime
):
    queue(*members(100))
    asleep, woken = Event(), Event()

    class Stopped(PostOffice):
        def send(self, body: bytes):
            if len(self.taken) == 2:
                asleep.set()
                woken.wait(30)
            return super().send(body)

    stopped = Stopped()

    def send() -> None:
        with core.app_context():
            deliver_due(stopped, threads=1)

    sender = Thread(target=send)
    sender.start()
    assert asleep.wait(30)
    told_time.pass_(hours=5)
    deliver_due(office)
    woken.set()
    sender.join()

    assert outcomes() == {Outcome.UNKNOWN: 1, Outcome.ACCEPTED: 99}
    assert len(stopped.taken) == 3
    assert sorted([*stopped.userids, *office.userids]) == sorted(members(100))


def test_what_a_sender_had_claimed_but_not_handed_over_goes_out_as_usual(
    core: Flask, office: PostOffice, told_time: ToldTime
):
    [message] = queue("wangqiang")
    claimed()
    told_time.pass_(hours=5)

    assert deliver_due(office).sent == 1
    row = fresh(message)
    assert (row.outcome, row.attempts, row.doubtful_since) == (Outcome.ACCEPTED, 1, None)


def test_a_sender_that_lost_its_lease_does_not_overwrite_its_successors_record(
    core: Flask, told_time: ToldTime
):
    [message] = queue("wangqiang")
    slow = PostOffice()

    class Overtaken(PostOffice):
        def send(self, body: bytes):
            told_time.pass_(seconds=61)
            with core.app_context():
                deliver_due(slow)
            raise WillNeverWork(41033, "缺少描述（41033）")

    deliver_due(Overtaken())

    assert fresh(message).outcome == Outcome.ACCEPTED


def test_several_senders_at_once_send_everything_once(core: Flask, office: PostOffice):
    queue(*members(400))

    def send() -> None:
        with core.app_context():
            deliver_due(office, limit=20, threads=2)

    threads = [Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(office.userids) == sorted(members(400))
    assert outcomes() == {Outcome.ACCEPTED: 400}


def test_several_senders_at_once_keep_the_pace_together(core: Flask, office: PostOffice):
    queue(*["wangqiang"] * 120)

    def send() -> None:
        with core.app_context():
            deliver_due(office, limit=10, threads=2)

    threads = [Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(office.taken) == 25


@pytest.mark.proves("X-A4")
def test_told_to_stop_it_ends_within_seconds_and_gives_back_what_it_did_not_send(core: Flask):
    queue(*members(100))
    stop = Event()
    hung = Event()

    class Hanging(PostOffice):
        def send(self, body: bytes):
            stop.set()
            hung.wait(10)
            return super().send(body)

    started = clock._system_time()
    deliver_due(Hanging(), threads=1, stop=stop)
    took = clock._system_time() - started
    hung.set()

    assert took < timedelta(seconds=4)
    assert outcomes() == {Outcome.PENDING: 99, Outcome.SENDING: 1}


# -- a clock that ran a year ahead and is put right


def a_year_ago(told_time: ToldTime) -> None:
    told_time.pass_(days=-365)


def test_a_pause_of_a_clock_that_was_put_right_is_over(core: Flask, office: PostOffice, told_time: ToldTime):
    queue(*members(10))
    told_time.pass_(days=365)
    office.close(NOT_TRUSTED)
    deliver_due(office)
    a_year_ago(told_time)
    office.open()

    assert deliver_due(office).sent == 10
    assert stoppage.present() is None


@pytest.mark.parametrize("trouble", [BUSY, NO_ANSWER])
@pytest.mark.proves("X-A8")
def test_what_was_backing_off_is_tried_again_once_the_clock_is_put_right(
    core: Flask, office: PostOffice, told_time: ToldTime, trouble: Exception
):
    [message] = queue("wangqiang")
    told_time.pass_(days=365)
    office.answers("wangqiang", *[trouble] * 5)
    for _ in range(5):
        deliver_due(office)
        told_time.moment = fresh(message).next_at
    a_year_ago(told_time)

    assert deliver_due(office).sent == 1


def test_what_came_to_be_in_doubt_by_a_clock_that_ran_ahead_keeps_its_age(
    core: Flask, office: PostOffice, told_time: ToldTime
):
    [message] = queue("wangqiang")
    told_time.pass_(days=365)
    office.answers("wangqiang", *[NO_ANSWER] * 100)
    began = clock.now()
    while clock.now() < began + timedelta(hours=3, minutes=30):
        deliver_due(office)
        told_time.moment = fresh(message).next_at
    a_year_ago(told_time)

    for _ in range(10):
        deliver_due(office)
        told_time.pass_(minutes=5)

    assert fresh(message).outcome == Outcome.UNKNOWN


def test_what_a_vanished_sender_had_leased_is_taken_once_the_clock_is_put_right(
    core: Flask, office: PostOffice, told_time: ToldTime
):
    queue("wangqiang", "lijing")
    told_time.pass_(days=365)
    claimed(1)
    in_the_hands_of_a_sender(1)
    a_year_ago(told_time)

    assert deliver_due(office).sent == 2


def test_tries_that_a_clock_dated_ahead_do_not_count_against_the_pace(
    core: Flask, office: PostOffice, told_time: ToldTime
):
    settled(queue(*["wangqiang"] * 30), tried_at=clock.now() + timedelta(days=365))
    queue(*["wangqiang"] * 30)

    assert deliver_due(office).sent == 25
    told_time.pass_(seconds=60)
    assert deliver_due(office).sent == 5


def test_what_the_clock_ran_ahead_to_queue_goes_out(core: Flask, office: PostOffice, told_time: ToldTime):
    told_time.pass_(days=365)
    queue("wangqiang")
    a_year_ago(told_time)

    assert deliver_due(office).sent == 1


# -- idle, and by hand


def test_an_idle_sender_asks_one_question_which_an_index_answers(core: Flask, office: PostOffice):
    queue(*members(3), due=clock.now() + timedelta(minutes=30))
    asked: list[tuple[str, Any]] = []
    engine = session().get_bind()
    sa.event.listen(engine, "before_cursor_execute", lambda *args: asked.append((args[2], args[3])))

    deliver_due(office)

    [question] = [(statement, given) for statement, given in asked if statement != "BEGIN"]
    plan = _plan(*question)
    assert sum("ix_delivery_due" in line for line in plan) == 2
    assert not any("SCAN delivery" in line and "INDEX" not in line for line in plan)


def _plan(statement: str, given: Any) -> list[str]:
    connection = session().connection()
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)
    else:
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # three rows are not worth an index
        rows = connection.exec_driver_sql(f"EXPLAIN {statement}", given)
    return [str(row) for row in rows]


def test_a_message_that_did_not_arrive_can_be_sent_again_by_hand(core: Flask, office: PostOffice):
    [message] = queue("wangqiang")
    office.answers("wangqiang", WillNeverWork(60111, "没有这个成员（60111）", invalid_recipient=True))
    deliver_due(office)

    retrying.retry(message, by=None)
    deliver_due(office)

    row = fresh(message)
    assert (row.outcome, row.reason, row.errcode, row.attempts) == (Outcome.ACCEPTED, "", None, 1)


def test_a_message_that_was_sent_or_waits_is_not_sent_again_by_hand(core: Flask, office: PostOffice):
    [message] = queue("wangqiang")
    with pytest.raises(Conflict, match="待发"):
        retrying.retry(message, by=None)
    deliver_due(office)
    with pytest.raises(Conflict, match="已受理"):
        retrying.retry(message, by=None)
    with pytest.raises(NotFound):
        retrying.retry(0, by=None)


def test_the_backlog_says_how_much_waits_and_since_when(core: Flask, told_time: ToldTime):
    assert backlog() == Backlog(NOTHING, NOTHING, None)
    queue(*members(2))
    since = clock.now()
    told_time.pass_(minutes=5)
    queue("lijing")

    assert backlog() == Backlog(Waiting(3, since), NOTHING, None)
