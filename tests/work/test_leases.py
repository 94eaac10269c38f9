"""One process at a time holds a name."""

from datetime import timedelta
from threading import Thread

import pytest
from flask import Flask

from app.work import leases
from tests.told_time import ToldTime


def test_the_first_to_ask_holds_the_name_and_may_renew_it(core: Flask):
    assert leases.acquire("scheduler", owner="one")
    assert not leases.acquire("scheduler", owner="two")
    assert leases.acquire("scheduler", owner="one")


def test_another_takes_over_once_the_holder_has_been_silent_for_the_whole_lease(
    core: Flask, told_time: ToldTime
):
    leases.acquire("scheduler", owner="one")
    told_time.pass_(seconds=29)
    assert not leases.acquire("scheduler", owner="two")

    told_time.pass_(seconds=1)

    assert leases.acquire("scheduler", owner="two")
    assert not leases.acquire("scheduler", owner="one")


def test_a_holder_that_renews_keeps_the_name(core: Flask, told_time: ToldTime):
    leases.acquire("scheduler", owner="one")
    for _ in range(6):
        told_time.pass_(seconds=leases.RENEW_SECONDS)
        assert leases.acquire("scheduler", owner="one")
        assert not leases.acquire("scheduler", owner="two")


def test_letting_go_makes_the_name_free_at_once(core: Flask):
    leases.acquire("scheduler", owner="one")
    leases.release("scheduler", owner="one")

    assert leases.acquire("scheduler", owner="two")


def test_only_the_holder_can_let_go(core: Flask):
    leases.acquire("scheduler", owner="one")
    leases.release("scheduler", owner="two")

    assert not leases.acquire("scheduler", owner="two")


@pytest.mark.proves("X-A8")
def test_setting_the_clock_back_does_not_lock_everybody_out(core: Flask, told_time: ToldTime):
    told_time.pass_(days=2)
    leases.acquire("scheduler", owner="one")
    told_time.pass_(days=-2)

    assert leases.acquire("scheduler", owner="two")


def test_the_age_of_the_last_sign_of_life(core: Flask, told_time: ToldTime):
    assert leases.heartbeat_age() is None
    leases.acquire(leases.SCHEDULER, owner="one")
    told_time.pass_(seconds=12)

    assert leases.heartbeat_age() == timedelta(seconds=12)


@pytest.mark.proves("R-P3")
def test_of_twenty_that_ask_at_once_one_holds_the_name(core: Flask):
    got: list[str] = []

    def ask(owner: str) -> None:
        with core.app_context():
            if leases.acquire("scheduler", owner=owner):
                got.append(owner)

    threads = [Thread(target=ask, args=(f"process {n}",)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(got) == 1


def test_a_sign_of_life_that_a_clock_dated_ahead_is_none(core: Flask, told_time: ToldTime):
    told_time.pass_(days=365)
    leases.acquire("work", owner="a")
    told_time.pass_(days=-365)

    assert leases.heartbeat_age("work") == timedelta(days=365)
