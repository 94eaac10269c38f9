"""The ledger: what became of every message, and what people do about those that did not arrive."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from app import clock
from app.db import session, transaction
from app.errors import Conflict, NotFound
from app.notices.ledger import lines as ledger
from app.notices.ledger import retrying
from app.notices.ledger.lines import EVERYTHING, UNDELIVERED, Asked
from app.notices.models import Outcome
from app.notices.sending.messages import deliver_due
from app.people.models import Person
from app.tasks.managing import supervise
from app.tasks.telling import scopes as of_tasks
from app.wecom.errors import OutcomeUnknown, WillNeverWork
from app.work.models import HistoryEvent
from tests.mail import PostOffice, fresh, queue, taken
from tests.told_time import ToldTime

NO_ANSWER = OutcomeUnknown(None, "没有读到企业微信的应答（ReadTimeout）")


@pytest.fixture
def office() -> PostOffice:
    return PostOffice()


def unknown(office: PostOffice, told_time: ToldTime) -> int:
    """A message that may have arrived more than four hours ago."""
    [message] = queue("wangqiang")
    office.answers("wangqiang", *[NO_ANSWER] * 100)
    for _ in range(60):
        deliver_due(office)
        if fresh(message).next_at is None:
            return message
        told_time.moment = fresh(message).next_at
    raise AssertionError("never given up")


def test_every_message_of_a_task_is_a_line_with_text_outcome_and_times(world):
    task_id = world.published("130102", "130105")
    deliver_due(PostOffice())
    supervise.urge(world.row(task_id).id, by=world.person("林敏"), form_key=world.key())

    page = ledger.page(of_tasks.of_task(task_id))

    assert [(line.recipient, line.outcome) for line in page.lines[:3]] == [
        ("孙丽", "待发"),
        ("赵岚", "待发"),
        ("王强", "待发"),
    ]
    first = page.lines[-1]
    assert (first.recipient, first.outcome, first.attempts, bool(first.msgid)) == ("王强", "已受理", 1, True)
    assert first.text.startswith("【任务发布】：王强有一条紧急的应急事件任务")
    assert first.tried_at == first.created_at == clock.now()


def test_the_ledger_is_read_in_pages_without_gaps_or_doubles(core: Flask):
    ids = queue(*["wangqiang"] * 7)
    pages, after = [], None
    for _ in range(3):
        page = ledger.page(EVERYTHING, after=after, size=3)
        pages.append([line.id for line in page.lines])
        after = page.next_after

    assert [id_ for page in pages for id_ in page] == sorted(ids, reverse=True)
    assert after is None


def test_the_ledger_is_searched_by_person_outcome_and_time(core: Flask, office, told_time):
    [first, _] = queue("wangqiang", "lijing")
    office.answers("wangqiang", WillNeverWork(81013, "不可见（81013）", invalid_recipient=True))
    deliver_due(office)
    told_time.pass_(days=1)
    since = clock.now()
    [third] = queue("wangqiang")

    def found(**asked):
        return [line.id for line in ledger.page(EVERYTHING, Asked(**asked)).lines]

    assert found(person_id=fresh(first).recipient_id) == [third, first]
    assert found(outcome=UNDELIVERED) == found(outcome="无效账号") == [first]
    assert found(since=since) == found(since=since, until=since + timedelta(days=1)) == [third]


@pytest.mark.proves("X-B6")
def test_partial_success_counts_per_recipient_whatever_the_case_of_the_userid(world, office):
    task_id = world.published("130102")
    office.answers("wangqiang", taken(invalid="wangqiang"))
    deliver_due(office)

    assert ledger.unreached(of_tasks.of_task(task_id)) == [("王强", "无效账号")]
    assert ledger.counts(of_tasks.of_task(task_id)) == {"无效账号": 1, "已受理": 2}


# -- 补发


def test_what_was_refused_goes_out_again_under_a_name_wecom_does_not_know(core: Flask, office):
    [message] = queue("wangqiang")
    office.answers("wangqiang", WillNeverWork(81013, "不可见（81013）", invalid_recipient=True))
    deliver_due(office)
    before = fresh(message).uid

    retrying.retry(message, by=None)
    deliver_due(office)

    assert fresh(message).outcome == Outcome.ACCEPTED
    first, second = (body.decode() for body in office.taken)
    assert second == first.replace(before, fresh(message).uid) != first


def test_a_message_of_unknown_outcome_is_never_resent_blindly(core: Flask, office, told_time):
    message = unknown(office, told_time)
    sent = len(office.taken)

    with pytest.raises(Conflict, match="可能收到两条"):
        retrying.retry(message, by=None)
    assert retrying.retry_all(EVERYTHING, by=somebody()) == 0
    deliver_due(office)
    assert len(office.taken) == sent


def test_after_the_second_question_it_goes_out_with_the_same_bytes(core: Flask, office, told_time):
    message = unknown(office, told_time)
    office.answers_at_last("wangqiang", WillNeverWork(42014, "task_id 重复（42014）"))

    retrying.retry(message, by=None, sure=True)
    deliver_due(office)

    assert len(set(office.taken)) == 1
    assert fresh(message).outcome == Outcome.ACCEPTED  # refused as a repeat: the first one did arrive


def test_an_ignored_message_no_longer_counts_as_undelivered(world, office):
    task_id = world.published("130102")
    office.answers("wangqiang", taken(invalid="wangqiang"))
    deliver_due(office)
    scopes, linmin = of_tasks.of_task(task_id), world.person("林敏")
    [line] = ledger.page(scopes, Asked(outcome=UNDELIVERED)).lines

    retrying.ignore(line.id, by=linmin, within=of_tasks.mended_by(linmin))

    assert ledger.unreached(scopes) == []
    assert fresh(line.id).outcome == "无效账号"
    event = session().execute(sa.select(HistoryEvent).order_by(HistoryEvent.id.desc()).limit(1)).scalar_one()
    assert (event.act, event.subject_kind, event.subject_id) == ("ignore", "delivery", line.id)
    assert event.by.name == "林敏"


def test_everything_that_a_repeat_can_help_is_sent_again_at_once(world, office):
    task_id = world.published("130102", "130105")
    for userid in ("wangqiang", "lijing"):
        office.answers(userid, taken(unlicensed=userid))
    deliver_due(office)
    with transaction() as current:  # 李静 leaves: a repeat does not help there
        current.execute(sa.update(Person).where(Person.name == "李静").values(left_at=clock.now()))

    assert retrying.retry_all(of_tasks.of_task(task_id), by=world.person("林敏")) == 1
    deliver_due(office)
    assert ledger.unreached(of_tasks.of_task(task_id)) == [("李静", "无许可")]


def test_only_those_who_manage_the_task_mend_its_messages(world, office):
    world.published("130102")
    office.answers("wangqiang", taken(invalid="wangqiang"))
    deliver_due(office)
    [line] = ledger.page(EVERYTHING, Asked(outcome=UNDELIVERED)).lines

    for name in ("何主任", "赵岚", "王强"):
        person = world.person(name)
        with pytest.raises(NotFound):
            retrying.retry(line.id, by=person, within=of_tasks.mended_by(person))
    head = world.person("周总")
    retrying.retry(line.id, by=head, within=of_tasks.mended_by(head))


def somebody() -> Person:
    return session().execute(sa.select(Person).limit(1)).scalar_one()
