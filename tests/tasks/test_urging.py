"""催办 with manners: one message each, nobody twice within half an hour, and the page before it says so."""

from threading import Thread

import pytest
from flask import Flask

from app import clock
from app.errors import Conflict
from app.notices.ledger import inbox
from app.notices.ledger import lines as ledger
from app.notices.ledger.lines import Asked
from app.tasks.managing import supervise, urging, who_saw
from app.tasks.managing.urging import Whom
from app.tasks.telling import scopes as of_tasks


def urge(world, task_id, code="130102", *, by="林敏"):
    supervise.urge(world.row(task_id, code).id, by=world.person(by), form_key=world.key())


def urge_all(world, task_id, *, by="林敏", **how):
    return supervise.urge_all(task_id, by=world.person(by), form_key=world.key(), **how)


def urged(world):
    return sorted(line.recipient for line in ledger.page(ledger.EVERYTHING, size=200).lines if rang(line))


def rang(line):
    return line.wording.startswith("urge.") and line.outcome == "待发"


def test_one_message_per_person_over_all_rows_and_one_digest_per_copied_in_person_Q41_Q42(world):
    done = urge_all(world, world.published("130102", "130104", "130105"))

    assert (done.people, done.cooling) == (4, 0)
    assert urged(world) == sorted(["王强", "李静", "赵岚", "孙丽"])


def test_pressing_again_within_half_an_hour_sends_nobody_anything_and_says_why(world, told_time):
    task_id = world.published("130102", "130105")
    urge_all(world, task_id)
    told_time.pass_(minutes=29)

    with pytest.raises(
        Conflict, match=r"催办 0 人：王强、李静、.+等 4 人 09:00 刚催办过，30 分钟内不重复催办"
    ):
        urge_all(world, task_id, by="周总")
    assert len(urged(world)) == 4

    told_time.pass_(minutes=1)
    assert urge_all(world, task_id).people == 4


def test_who_was_urged_alone_is_skipped_and_the_ledger_keeps_the_reason(world, told_time):
    task_id = world.published("130102", "130105")
    urge(world, task_id, "130102")
    told_time.pass_(minutes=5)

    done = urge_all(world, task_id)

    assert (done.people, done.cooling) == (3, 1)  # 王强 heard of it at nine
    kept = ledger.page(of_tasks.of_task(task_id), Asked(outcome="已抑制")).lines
    assert [line.recipient for line in kept] == ["王强"]
    assert {line.reason for line in kept} == {"09:00 已催过，没有重复发送"}
    assert world.row(task_id, "130102").urge_count == 1
    assert len(inbox.messages_page(world.person("王强")).messages) == 2  # what was withheld was not said


def test_the_rest_after_one_county_does_not_keep_those_copied_in_from_their_whole_list_Q42(world, told_time):
    task_id = world.published("130102", "130104", "130105")
    urge(world, task_id, "130102")
    told_time.pass_(minutes=5)

    shown = urging.preview(task_id, by=world.person("林敏"), whom=Whom.ALL)
    urge_all(world, task_id)

    assert (shown.copied_in, [name for name, _ in shown.cooling]) == (2, ["王强"])
    whole = (
        "【催办提醒】：区域长安区、桥西区：王强-应急事件；新华区：李静-应急事件任务还未完成，请及时跟进监督。"
    )
    assert world.texts("赵岚")[-1] == world.texts("孙丽")[-1] == whole
    told_time.pass_(minutes=5)
    with pytest.raises(Conflict):
        urge_all(world, task_id)  # now they have heard of all


def test_whose_whole_list_is_the_county_just_urged_is_left_alone(world, told_time):
    task_id = world.published("130102", "310101")
    urge(world, task_id, "130102")
    told_time.pass_(minutes=5)

    assert sorted(
        name for name, _ in urging.preview(task_id, by=world.person("林敏"), whom=Whom.ALL).cooling
    ) == (sorted(["王强", "赵岚", "孙丽"]))


def test_county_after_county_those_copied_in_hear_of_the_first_only(world, told_time):
    task_id = world.published("130102", "130105")
    urge(world, task_id, "130102")
    told_time.pass_(minutes=5)
    urge(world, task_id, "130105")

    assert urged(world) == sorted(["王强", "李静", "赵岚", "孙丽"])


def test_another_task_is_another_matter(world):
    first, second = world.published("130102"), world.published("130102")
    urge_all(world, first)

    assert urge_all(world, second).people == 3


def test_a_row_is_not_urged_again_within_half_an_hour_and_the_refusal_says_when(world, told_time):
    task_id = world.published("130102")
    urge(world, task_id)
    told_time.pass_(minutes=10)

    with pytest.raises(Conflict, match=r"王强.+09:00 刚催办过"):
        urge(world, task_id, by="周总")
    assert world.row(task_id).urge_count == 1


def test_a_row_shows_how_often_and_when_it_was_urged(world, told_time):
    task_id = world.published("130102")
    urge_all(world, task_id)
    told_time.pass_(minutes=30)
    urge_all(world, task_id)

    row = world.row(task_id)
    assert (row.urge_count, row.urged_at) == (2, told_time.moment)


def test_the_same_form_twice_urges_once(world):
    task_id, key = world.published("130102"), world.key()
    first = supervise.urge_all(task_id, by=world.person("林敏"), form_key=key)
    again = supervise.urge_all(task_id, by=world.person("林敏"), form_key=key)

    assert first.people == again.people == 3
    assert len(urged(world)) == 3


def test_two_managers_at_once_urge_once(app: Flask, world):
    task_id = world.published("130102", "130105")
    said = []

    def press(name: str) -> None:
        with app.app_context():
            try:
                said.append(urge_all(world, task_id, by=name).people)
            except Conflict as refusal:
                said.append(str(refusal)[:6])

    threads = [Thread(target=press, args=(name,)) for name in ("林敏", "周总")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(map(str, said)) == ["4", "催办 0 人"]
    assert len(urged(world)) == 4


def test_the_preview_counts_who_would_be_told_who_is_skipped_and_who_is_at_work(world, told_time):
    task_id = world.published("130102", "130105", "310101")
    urge(world, task_id, "130102")
    world.feed_back(world.row(task_id, "310101"), by="沈海", done=False, note="正在处理")
    told_time.pass_(minutes=5)

    shown = urging.preview(task_id, by=world.person("林敏"), whom=Whom.ALL)

    assert (shown.rows, shown.implementers, shown.copied_in) == (3, 2, 3)
    assert [name for name, _ in shown.cooling] == ["王强"]
    assert shown.at_work == ["沈海"]
    assert clock.shown(shown.again_at)[11:] == "09:30"
    assert shown.audiences[0].text.startswith("【催办提醒】：李静有一条应急事件任务还未完成")
    assert urge_all(world, task_id).people == shown.people


def test_those_at_work_are_left_alone_where_the_publisher_wants_it(world):
    task_id = world.published("130105", "310101")
    world.feed_back(world.row(task_id, "310101"), by="沈海", done=False, note="正在处理")

    done = urge_all(world, task_id, whom=Whom.NOT_AT_WORK)

    assert done.people == 4
    assert "沈海" not in urged(world)
    assert "顾东" in urged(world)  # the copy still lists every unfinished point (Q42)


def test_only_those_who_have_not_seen_it_are_urged_where_the_publisher_wants_it(world):
    task_id = world.published("130105", "310101")
    who_saw.row_opened(world.row(task_id, "130105"), by=world.person("李静"))

    shown = urging.preview(task_id, by=world.person("林敏"), whom=Whom.UNSEEN)
    assert (shown.seen, shown.unseen, shown.implementers) == (1, 1, 1)

    urge_all(world, task_id, whom=Whom.UNSEEN)
    assert "李静" not in urged(world)
    assert "沈海" in urged(world)
    [kept] = ledger.page(of_tasks.of_task(task_id), Asked(outcome="已抑制")).lines
    assert (kept.recipient, kept.reason) == ("李静", "已看到，按选择没有催")
