"""投递: the pages of the ledger."""

from typing import Any

import pytest

from app.db import session
from app.notices.aftercare.carrying import amend_due
from app.notices.ledger import retrying, totals
from app.notices.models import Delivery, Outcome
from app.notices.sending import stoppage
from app.notices.sending.messages import deliver_due
from app.people.models import Role
from app.tasks.managing import supervise
from app.wecom.errors import StopTheQueue
from tests.h5.conftest import tight
from tests.h5.test_messages import listed
from tests.mail import PostOffice, in_the_hands_of_a_sender, taken


@pytest.fixture
def task_id(world) -> int:
    """A published task of which 王强 was not told."""
    office = PostOffice()
    office.answers("wangqiang", taken(invalid="wangqiang"))
    published = world.published("130102", "130105")
    deliver_due(office)
    return published


def test_the_task_page_names_whom_a_message_did_not_reach(browser_of, task_id):
    page = browser_of("林敏").get(f"/tasks/{task_id}").text

    assert "未送达 1 人：王强" in page
    assert "未送达" not in browser_of("赵岚").get(f"/tasks/{task_id}").text


def test_the_supervisor_reads_on_the_row_that_its_implementer_was_not_told(browser_of, world, task_id):
    def page(code: str) -> str:
        return browser_of("赵岚").get(f"/point-tasks/{world.row(task_id, code).id}").text

    assert "通知未送达：无效账号" in page("130102")
    assert "通知未送达" not in page("130105")


def test_who_manages_the_task_reads_every_text_and_sends_again_with_one_tap(browser_of, task_id):
    linmin = browser_of("林敏")
    address = f"/tasks/{task_id}/deliveries"
    page = linmin.get(address).text
    assert page.count('class="card delivery"') == 4
    assert "王强有一条紧急的应急事件任务" in page
    assert "不在应用可见范围" in page

    linmin.submit(address, f"/tasks/{task_id}/deliveries/retry")
    deliver_due(PostOffice())

    assert "未送达 1 人" not in linmin.get(address).text


def test_others_read_only_what_was_sent_to_them(browser_of, task_id):
    page = browser_of("赵岚").get(f"/tasks/{task_id}/deliveries").text

    assert page.count('class="card delivery"') == 1
    assert "赵岚" in page
    assert "补发" not in page


def test_the_second_question_stands_before_resending_what_may_have_arrived(browser_of, world, told_time):
    task_id = world.published("130102")
    in_the_hands_of_a_sender(1)
    told_time.pass_(hours=5)
    deliver_due(PostOffice())
    linmin = browser_of("林敏")
    address = f"/tasks/{task_id}/deliveries?outcome=结果未知"
    line = linmin.get(address).text.partition('data-testid="ask-')[2].partition('"')[0]

    asked = linmin.get(f"{address}&ask={line}").text
    assert "可能收到两条" in asked
    answer = linmin.submit(f"{address}&ask={line}", f"/deliveries/{line}/retry", sure="1")
    assert answer.status_code == 302


@pytest.fixture
def unknown(world, told_time) -> int:
    """A task of whose messages nobody knows whether they arrived."""
    task_id = world.published("130102", "130105")
    in_the_hands_of_a_sender(10)
    told_time.pass_(hours=5)
    deliver_due(PostOffice())
    return task_id


def test_who_has_looked_at_the_list_sends_all_of_unknown_outcome_again_with_one_tap(
    browser_of, world, unknown, told_time
):
    linmin = browser_of("林敏")
    address = f"/tasks/{unknown}/deliveries?outcome=结果未知"
    assert "补发这 4 条" in linmin.get(address).text
    asked = linmin.get(f"{address}&ask=all").text
    assert "可能收到两条" in asked
    assert "补发 4 条“结果未知”的通知" in asked

    answer = linmin.submit(f"{address}&ask=all", f"/tasks/{unknown}/deliveries/retry-unknown")

    assert answer.status_code == 302
    office = PostOffice()
    deliver_due(office)
    assert len(office.taken) == 4
    assert "补发这" not in linmin.get(address).text
    assert browser_of("何志远").get("/admin/audit?act=retry").text.count('data-testid="line"') == 4


def test_what_came_to_be_in_doubt_after_the_look_is_not_sent_again(browser_of, world, unknown, told_time):
    linmin = browser_of("林敏")
    address = f"/tasks/{unknown}/deliveries?outcome=结果未知&ask=all"
    seen = linmin.get(address).text.partition('name="seen_at" value="')[2].partition('"')[0]
    retrying.retry(session().query(Delivery).first().id, by=None, sure=True)
    in_the_hands_of_a_sender(10)
    told_time.pass_(hours=5)
    deliver_due(PostOffice())

    linmin.submit(address, f"/tasks/{unknown}/deliveries/retry-unknown", seen_at=seen)

    office = PostOffice()
    deliver_due(office)
    assert len(office.taken) == 3


def test_an_administrator_sends_again_what_the_search_shows_and_nobody_else(browser_of, world, unknown):
    admin = browser_of("何志远")
    address = "/deliveries?outcome=结果未知&person=王强&ask=all"
    assert "补发 1 条" in admin.get(address).text

    admin.submit(address, "/deliveries/retry-unknown")

    office = PostOffice()
    deliver_due(office)
    assert office.userids == ["wangqiang"]
    assert browser_of("赵岚").get(f"/tasks/{unknown}/deliveries?outcome=结果未知").text.count("补发这") == 0


@pytest.mark.parametrize("who", ["赵岚", "陌生人"])
def test_who_does_not_manage_the_task_sends_nothing_again(browser_of, unknown, who):
    page = browser_of(who)
    token = page.get("/me").text.partition('name="csrf_token" value="')[2].partition('"')[0]
    sent = {"csrf_token": token, "seen_at": "2000000000", "outcome": "结果未知"}

    for address in (f"/tasks/{unknown}/deliveries/retry-unknown", "/deliveries/retry-unknown"):
        assert page.visitor.post(address, data=sent).status_code in (403, 404)
    assert session().query(Delivery).filter_by(outcome=Outcome.UNKNOWN).count() == 4


def test_an_administrator_finds_any_message_by_person_outcome_and_day(browser_of, world, task_id):
    world.appoint("郑大区", Role.ADMINISTRATOR)
    admin = browser_of("郑大区")

    found = admin.get("/deliveries?person=王强&outcome=未送达&since=2026-11-23&until=2026-11-23").text
    assert found.count('class="card delivery"') == 1
    assert "没有通知" in admin.get("/deliveries?since=2026-11-24").text
    assert admin.get("/deliveries?outcome=乱写").status_code == 422
    assert admin.get(f"/people/{world.by_name['王强']}/deliveries").status_code == 200


def test_everyone_reads_their_own_messages(browser_of, world, task_id):
    page = browser_of("王强").get(f"/people/{world.by_name['王强']}/deliveries").text

    assert page.count('class="card delivery"') == 1
    assert "补发" not in page


def test_while_the_queue_is_stopped_administrators_read_why_on_every_page(browser_of, world, client):
    office = PostOffice()
    office.close(StopTheQueue(60020, "服务器 IP 未加入企业可信 IP（60020 from ip: 203.0.113.7）"))
    world.published("130102")
    deliver_due(office)
    world.appoint("郑大区", Role.ADMINISTRATOR)

    page = browser_of("郑大区").get("/").text
    assert "通知已暂停发送" in page
    assert "203.0.113.7" in page
    assert "09:01 自动再试" in page
    assert "通知已暂停发送" not in browser_of("林敏").get("/").text
    assert client.get("/readyz").json["checks"]["delivery"] == "held (60020)"


@pytest.fixture
def summed(task_id, told_time, world) -> int:
    """The same ninety days later, when only numbers are left of it, and another one of today."""
    told_time.pass_(days=91)
    world.published("130104")
    totals.sum_up(keep_days=90)
    return task_id


def test_the_search_ends_with_the_numbers_of_what_is_not_listed_any_more(browser_of, summed):
    admin = browser_of("何志远")

    page = admin.get("/deliveries").text
    assert page.count('class="card delivery"') == 3
    assert "2026-11-23 至 2026-11-23：4 条，已汇总" in page
    assert "<span>已受理</span> <b>3</b>" in page
    assert "<span>任务发布</span> <b>4</b>" in page
    assert "1 条，已汇总" in admin.get("/deliveries?outcome=未送达").text
    assert "已汇总" not in admin.get("/deliveries?since=2026-11-24").text
    assert "汇总不分接收人" in admin.get("/deliveries?person=王强").text


def test_pages_of_an_old_task_say_plainly_what_is_only_kept_as_numbers(browser_of, world, summed):
    linmin = browser_of("林敏")

    assert "2026-11-23 及以前的通知已汇总" in linmin.get(f"/tasks/{summed}/deliveries").text
    assert "2026-11-23 及以前的消息已汇总" in linmin.get(f"/tasks/{summed}/seen").text
    assert "2026-11-23 及以前的消息已汇总" in browser_of("王强").get("/messages").text
    assert linmin.get(f"/tasks/{summed}").status_code == 200
    assert browser_of("赵岚").get(f"/point-tasks/{world.row(summed).id}").status_code == 200


def test_pages_of_a_new_task_say_nothing_of_it(browser_of, summed):
    for page in ("deliveries", "seen"):
        assert "已汇总" not in browser_of("林敏").get(f"/tasks/{summed + 1}/{page}").text


def test_the_publisher_reads_that_nothing_is_sent_for_now(browser_of, world):
    task_id = world.published("130102")
    stoppage.begin("IP 不在白名单", errcode=60020, seconds=60)

    page = browser_of("林敏").get(f"/tasks/{task_id}/deliveries").text

    assert "企业微信通知暂停发送，管理员已看到原因" in page
    assert "恢复发送后" in page
    assert "IP 不在白名单" not in page  # that is for who can mend it


def test_each_message_names_the_work_it_belongs_to(browser_of, world):
    task_id = world.published("130102", "130104", "130105")
    row = world.row(task_id, "130105")
    supervise.urge(row.id, by=world.person("林敏"), form_key=world.key())

    page = browser_of("林敏").get(f"/tasks/{task_id}/deliveries").text
    assert f'<a href="/point-tasks/{row.id}" data-testid="work">任务 {task_id} · 新华区</a>' in page
    assert f">任务 {task_id}</a>" in page  # to 王强, of two

    searched = browser_of("何志远").get("/deliveries").text
    assert f"任务 {task_id} · 新华区" in searched
    assert 'data-testid="work"' not in searched  # an administrator has no part in the work


def test_when_a_message_was_taken_back_stands_with_it_and_its_reader_knows_it_is_over(
    browser_of, world, told_time
):
    task_id = world.published("130102")
    deliver_due(PostOffice())
    told_time.pass_(hours=1)
    supervise.revoke(
        task_id, by=world.person("林敏"), reason="发错了", seen_version=None, form_key=world.key()
    )
    amend_due(Recalling())

    page = tight(browser_of("林敏").get(f"/tasks/{task_id}/deliveries").text)
    assert "<dt>收回</dt><dd>已撤回 2026-11-23 10:00</dd>" in page

    mine = browser_of("王强").get("/messages").text
    assert mine.count("已失效") == 1
    assert listed(mine) == 2


class Recalling:
    """WeCom, taking everything back."""

    def recall(self, _msgid: str) -> None:
        """Done."""

    def update_card(self, _payload: dict[str, Any]) -> None:
        """Done."""
