"""One token for all threads and processes, fetched by one of them at a time."""

import threading
from collections.abc import Callable
from datetime import timedelta
from time import sleep
from typing import TypeVar

import pytest
import sqlalchemy as sa
from flask import Flask

from app import clock
from app.db import db
from app.wecom.client import WeCom
from app.wecom.errors import StopTheQueue, TryLater
from app.wecom.models import WeComToken
from app.wecom.tokens import LEASE, TokenStore
from tests.told_time import ToldTime
from tests.wecom.wire import Wire

T = TypeVar("T")


class Fetcher:
    """Hands out T1, T2, … slowly, and counts."""

    def __init__(self, *, seconds: float = 0.05, lifetime: int = 7200) -> None:
        self.count = 0
        self.seconds = seconds
        self.lifetime = lifetime

    def __call__(self) -> tuple[str, int]:
        self.count += 1
        sleep(self.seconds)
        return f"T{self.count}", self.lifetime


@pytest.fixture
def stores(core: Flask) -> list[TokenStore]:
    """Four processes, as far as the database can tell."""
    return [TokenStore(db.engine) for _ in range(4)]


def test_eight_threads_on_a_cold_start_fetch_once(wecom: WeCom, wire: Wire):
    wire.hands_out("T1", "T2")
    wire.answers("message/send", {"msgid": "m"})

    together(8, lambda _: wecom.send(b"{}"))

    assert wire.asked.count("gettoken") == 1
    assert wire.tokens_used("message/send") == ["T1"] * 8


def test_eight_threads_whose_token_is_refused_fetch_once(stores: list[TokenStore]):
    fetch = Fetcher()
    old = stores[0].get("token", fetch)

    found = together(8, lambda number: stores[number % 4].renew("token", old, fetch))

    assert {token.value for token in found} == {"T2"}
    assert fetch.count == 2


@pytest.mark.proves("R-P11", "X-B4")
def test_four_processes_with_four_threads_each_fetch_once(stores: list[TokenStore]):
    fetch = Fetcher(seconds=0.2)

    found = together(16, lambda number: stores[number % 4].get("token", fetch))

    assert {token.value for token in found} == {"T1"}
    assert fetch.count == 1


def test_a_restart_uses_the_token_that_is_there(stores: list[TokenStore]):
    fetch = Fetcher()
    stores[0].get("token", fetch)
    assert stores[1].get("token", fetch).value == "T1"
    assert fetch.count == 1


def test_a_token_is_fetched_anew_shortly_before_it_ends(stores: list[TokenStore], told_time: ToldTime):
    fetch = Fetcher()
    stores[0].get("token", fetch)
    told_time.pass_(seconds=7000)
    assert stores[0].get("token", fetch).value == "T1"
    told_time.pass_(seconds=100)
    assert stores[0].get("token", fetch).value == "T2"
    assert stores[1].get("token", fetch).value == "T2"


def test_names_do_not_meet(stores: list[TokenStore]):
    assert stores[0].get("a", Fetcher()).value == "T1"
    assert stores[0].get("b", lambda: ("other", 60)).value == "other"


def test_wecom_may_hand_out_the_same_token_again(stores: list[TokenStore]):
    fetch = lambda: ("SAME", 7200)  # noqa: E731
    old = stores[0].get("token", fetch)
    assert stores[0].renew("token", old, fetch).value == "SAME"


def test_whoever_died_while_fetching_is_replaced(stores: list[TokenStore], told_time: ToldTime):
    leave_a_claim(until=clock.now() + LEASE)
    told_time.pass_(seconds=LEASE.total_seconds() + 1)
    assert stores[0].get("token", Fetcher()).value == "T1"


def test_a_clock_that_was_set_back_does_not_block_the_fetch(stores: list[TokenStore]):
    leave_a_claim(until=clock.now() + timedelta(hours=1))
    assert stores[0].get("token", Fetcher()).value == "T1"


@pytest.mark.proves("X-B4")
def test_a_wrong_secret_is_tried_once_in_five_minutes(wecom: WeCom, wire: Wire, told_time: ToldTime):
    wire.answers("gettoken", {"errcode": 40001, "errmsg": "invalid credential"})
    for _ in range(3):
        with pytest.raises(StopTheQueue, match="Secret"):
            wecom.send(b"{}")
    assert wire.asked == ["gettoken"]

    told_time.pass_(minutes=6)
    with pytest.raises(StopTheQueue):
        wecom.send(b"{}")
    assert wire.asked == ["gettoken", "gettoken"]


def test_other_processes_wait_after_a_wrong_secret(stores: list[TokenStore]):
    def refused() -> tuple[str, int]:
        raise StopTheQueue(40001, "应用凭证（Secret）无效")

    with pytest.raises(StopTheQueue):
        stores[0].get("token", refused)
    with pytest.raises(TryLater) as caught:
        stores[1].get("token", Fetcher())
    assert caught.value.pause_seconds == 300


def test_a_new_secret_does_not_wait_for_the_old_one(core: Flask, wire: Wire):
    wire.answers("gettoken", {"errcode": 40001, "errmsg": "invalid credential"})
    with pytest.raises(StopTheQueue):
        client(core, secret="old").send(b"{}")
    wire.hands_out("T1")
    wire.answers("message/send", {})
    assert client(core, secret="new").send(b"{}")


def test_a_line_that_breaks_while_fetching_is_tried_again_soon(wecom: WeCom, wire: Wire, told_time: ToldTime):
    wire.answers("gettoken", 502)
    wire.hands_out("T1")
    wire.answers("message/send", {})
    with pytest.raises(TryLater):
        wecom.send(b"{}")
    told_time.pass_(seconds=4)
    assert wecom.send(b"{}")


SHAPES = [None, "", "soon", True, -7200, 0, 1, 0.5, 7200.0, "7200", 10**30, "9" * 400, [7200], {"s": 1}]


@pytest.mark.parametrize("expires_in", SHAPES)
def test_whatever_expires_in_looks_like_a_token_is_asked_for_once_a_minute_at_most(
    wecom: WeCom, wire: Wire, told_time: ToldTime, expires_in: object
):
    wire.answers("gettoken", {"access_token": "T1", "expires_in": expires_in})
    wire.answers("message/send", {})

    for _ in range(5):
        wecom.send(b"{}")
        told_time.pass_(seconds=10)
    assert wire.asked.count("gettoken") == 1

    told_time.pass_(hours=2)
    wecom.send(b"{}")
    assert wire.asked.count("gettoken") == 2


def test_an_answer_without_expires_in_is_believed_for_the_usual_two_hours(
    wecom: WeCom, wire: Wire, told_time: ToldTime
):
    wire.answers("gettoken", {"access_token": "T1"})
    wire.answers("message/send", {})
    wecom.send(b"{}")
    told_time.pass_(minutes=117)
    wecom.send(b"{}")

    assert wire.asked.count("gettoken") == 1


@pytest.mark.parametrize("broken", ['{"errcode": Infinity}', '{"errcode": "0", "access_token": ["T1"]}'])
def test_a_token_that_cannot_be_read_is_not_asked_for_in_a_loop(wecom: WeCom, wire: Wire, broken: str):
    wire.answers("gettoken", broken)
    for _ in range(5):
        with pytest.raises(TryLater):
            wecom.send(b"{}")

    assert wire.asked == ["gettoken"]


def test_a_token_too_long_to_be_one_is_not_asked_for_in_a_loop(wecom: WeCom, wire: Wire):
    wire.answers("gettoken", {"access_token": "T" * 601})
    for _ in range(5):
        with pytest.raises(TryLater):
            wecom.send(b"{}")

    assert wire.asked == ["gettoken"]


def test_a_clock_that_was_a_year_ahead_does_not_keep_a_token_for_a_year(
    stores: list[TokenStore], told_time: ToldTime
):
    fetch = Fetcher()
    told_time.pass_(days=365)
    stores[0].get("token", fetch)
    told_time.pass_(days=-365)

    assert stores[0].get("token", fetch).value == "T2"
    assert stores[1].get("token", fetch).value == "T2"


def test_the_secret_stands_nowhere_in_the_table(wecom: WeCom, wire: Wire):
    wire.hands_out("T1")
    wire.answers("message/send", {})
    wecom.send(b"{}")
    with db.engine.connect() as connection:
        (name,) = connection.execute(sa.select(WeComToken.name)).scalars()
    assert "demo-secret" not in name


def client(core: Flask, *, secret: str) -> WeCom:
    base = core.config["SETTINGS"].WECOM_API_BASE
    return WeCom(corp_id="ww1", agent_id=1, secret=secret, api_base=base, engine=db.engine)


def leave_a_claim(*, until: object) -> None:
    with db.engine.execution_options(writes=True).begin() as connection:
        connection.execute(sa.insert(WeComToken).values(name="token", refreshing_until=until))


def together(count: int, call: Callable[[int], T]) -> list[T]:
    """The results of `count` threads that start at one moment; an exception in any of them is raised."""
    barrier = threading.Barrier(count)
    results: list[T] = []
    troubles: list[BaseException] = []

    def run(number: int) -> None:
        barrier.wait()
        try:
            results.append(call(number))
        except BaseException as error:
            troubles.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if troubles:
        raise troubles[0]
    return results
