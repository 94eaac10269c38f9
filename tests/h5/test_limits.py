"""The brake on flooding (X-S14): per person for writes, per address for guesses at logins."""

import threading

import pytest
from flask import Flask

from app.people import sessions
from app.work.rates import DatabaseStorage
from tests.h5.conftest import Open
from tests.h5.test_login import PUBLIC
from tests.told_time import ToldTime
from tests.visitor import Visitor
from tests.world import World

LOOK = ("/me", "/me/look")


@pytest.mark.proves("X-S14")
def test_after_sixty_writes_in_a_minute_a_person_is_asked_to_wait(
    browser_of: Open, told_time: ToldTime
) -> None:
    browser, other = browser_of("王强"), browser_of("赵岚")
    assert {browser.submit(*LOOK).status_code for _ in range(60)} == {302}
    answer = browser.submit(*LOOK)
    assert answer.status_code == 429
    assert "操作过于频繁" in answer.text
    assert answer.headers["Retry-After"] == "60"
    assert other.submit(*LOOK).status_code == 302
    told_time.pass_(seconds=61)
    assert browser.submit(*LOOK).status_code == 302


def test_reading_is_not_counted(browser_of: Open) -> None:
    browser = browser_of("王强")
    assert {browser.get("/messages/unread").status_code for _ in range(70)} == {200}


def test_ten_guesses_a_minute_from_one_address_are_enough(client: Visitor, world: World) -> None:
    answers = [client.get("/login/callback?state=guess&code=guess").status_code for _ in range(12)]
    assert answers == [400] * 10 + [429] * 2


def test_a_whole_country_behind_one_address_may_begin_to_sign_in(client: Visitor, world: World) -> None:
    answers = {client.get("/login?next=/tasks", base_url=PUBLIC).status_code for _ in range(310)}
    assert answers == {302}


def test_threads_count_together(app: Flask) -> None:
    storage, seen = DatabaseStorage("database://"), []

    def knock() -> None:
        with app.app_context():
            seen.append(storage.incr("one door", 60))

    threads = [threading.Thread(target=knock) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == list(range(1, 9))


def test_windows_that_ended_are_forgotten(app: Flask, told_time: ToldTime) -> None:
    storage = DatabaseStorage("database://")
    storage.incr("old", 60)
    told_time.pass_(hours=2)
    assert storage.incr("old", 60) == 1
    storage.incr("other", 60)
    told_time.pass_(hours=2)
    storage.incr("new", 60)
    assert storage.get("other") == 0
    assert storage.get("new") == 1
    assert storage.reset() == 1


def test_a_window_that_a_clock_ran_ahead_to_begin_is_over(app: Flask, told_time: ToldTime):
    storage = DatabaseStorage("database://")
    told_time.pass_(days=365)
    assert [storage.incr("key", 60) for _ in range(3)] == [1, 2, 3]
    told_time.pass_(days=-365)

    assert storage.get("key") == 0
    assert storage.incr("key", 60) == 1


def test_a_session_that_a_clock_ran_ahead_to_begin_lasts_no_longer_than_others(world, told_time: ToldTime):
    told_time.pass_(days=365)
    token = sessions.start(world.person("王强").id)
    told_time.pass_(days=-365)
    assert sessions.find(token) is not None

    told_time.pass_(hours=13)
    assert sessions.find(token) is None
