"""The number in a message's link is evidence: its recipient came through it, and when."""

import json
from urllib.parse import quote, urlsplit

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from app import clock
from app.db import db, session
from app.notices.models import Delivery
from tests.h5.conftest import Browser, Open, tight
from tests.h5.test_login import begin, come_back
from tests.told_time import ToldTime
from tests.visitor import Visitor
from tests.wecom.wire import Wire
from tests.world import World


@pytest.fixture
def task_id(world: World) -> int:
    """A published task; 王强, 赵岚 and 孙丽 were told."""
    return world.published("130102")


def message_to(world: World, name: str) -> Delivery:
    query = sa.select(Delivery).where(Delivery.recipient_id == world.by_name[name])
    session().rollback()
    return session().execute(query.order_by(Delivery.id.desc()).limit(1)).scalar_one()


def link_of(message: Delivery) -> str:
    """Where a tap on the card leads, without the address of the app."""
    url = urlsplit(json.loads(message.body)["template_card"]["card_action"]["url"])
    return f"{url.path}?{url.query}"


def outside(link: str) -> str:
    """The same link as it is followed where the browser is signed in already."""
    return link.replace("inside=1&", "")


def follow(browser: Browser, link: str) -> str:
    answer = browser.get(f"{link}&here=1")  # under whatever name these browsers know us by
    assert answer.status_code == 302
    return answer.headers["Location"]


def test_a_login_that_began_at_a_message_notes_that_it_was_opened(
    world: World, wire: Wire, client: Visitor, task_id: int, told_time: ToldTime
) -> None:
    message = message_to(world, "王强")
    wire.answers("auth/getuserinfo", {"userid": "wangqiang"})
    state = begin(client, link_of(message))["state"]
    assert message_to(world, "王强").opened_at is None  # nobody knows yet who it is

    assert come_back(client, state).headers["Location"] == message.link

    assert message_to(world, "王强").opened_at == clock.now()
    assert message_to(world, "赵岚").opened_at is None


def test_only_the_first_time_is_kept_and_later_ones_write_nothing(
    world: World, browser_of: Open, task_id: int, told_time: ToldTime
) -> None:
    link, browser, first = outside(link_of(message_to(world, "王强"))), browser_of("王强"), clock.now()
    assert follow(browser, link) == message_to(world, "王强").link
    told_time.pass_(minutes=1)
    wrote: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *call: wrote.append(call[2]))

    follow(browser, link)

    assert message_to(world, "王强").opened_at == first
    assert not [statement for statement in wrote if statement.startswith("UPDATE delivery")]


def test_foreign_unknown_and_forged_numbers_change_nothing_and_look_the_same(
    world: World, browser_of: Open, task_id: int
) -> None:
    message = message_to(world, "王强")
    browser = browser_of("李静")

    for number in (message.uid, "0" * 32, "x" * 5000, "%27--", message.uid.upper(), ""):
        link = f"/login?next={quote(message.link, safe='')}&m={quote(number)}"
        assert follow(browser, link) == message.link
    assert browser.get("/login?next=/&m=%00").status_code == 400  # as everywhere in an address

    assert message_to(world, "王强").opened_at is None


def test_the_pages_show_it_to_whoever_manages_the_task(world: World, browser_of: Open, task_id: int) -> None:
    follow(browser_of("王强"), outside(link_of(message_to(world, "王强"))))
    linmin = browser_of("林敏")

    assert "从“任务发布”打开 <span>2026-11-23 09:00" in linmin.get(f"/tasks/{task_id}/seen").text
    ledger = tight(linmin.get(f"/tasks/{task_id}/deliveries").text)
    assert ledger.count('data-testid="opened"') == 1
    assert "<dt>已打开</dt><dd>2026-11-23 09:00</dd>" in ledger
