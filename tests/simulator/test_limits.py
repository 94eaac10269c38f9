"""What is dropped without a word, what is refused, and members who fail on purpose."""

import pytest

from tests.simulator.conftest import StandIn


def states(stand_in: StandIn, userid: str = "WangQiang") -> list[str]:
    return [row["state"] for row in stand_in.chat(userid)]


def test_the_31st_message_of_a_minute_vanishes_without_an_error(stand_in: StandIn) -> None:
    answers = [stand_in.send()["errcode"] for _ in range(32)]

    assert answers == [0] * 32
    assert states(stand_in) == ["delivered"] * 30 + ["dropped"] * 2
    stand_in.later(61)
    stand_in.send()
    assert states(stand_in)[-1] == "delivered"


def test_the_hour_has_its_own_limit(stand_in: StandIn) -> None:
    stand_in.desk("switch", name="member_per_hour", value=3)
    for _ in range(4):
        stand_in.send()
        stand_in.later(70)

    assert states(stand_in) == ["delivered"] * 3 + ["dropped"]
    assert stand_in.chat()[-1]["reason"] == "一小时内超过 3 条"


def test_a_day_has_200_messages_for_each_account(stand_in: StandIn) -> None:
    stand_in.desk("switch", name="account_ceiling", value=1)
    stand_in.desk("switch", name="member_per_minute", value=1000)
    everybody = "linmin|WangQiang|zhaolan|sunli|zhouzong"
    assert [stand_in.send(everybody)["errcode"] for _ in range(40)] == [0] * 40

    assert stand_in.send()["errcode"] == 45009
    stand_in.later(86400)
    assert stand_in.send()["errcode"] == 0


def test_members_fail_on_purpose(stand_in: StandIn) -> None:
    stand_in.desk("member", userid="sunli", state="fails")
    stand_in.desk("member", userid="zhaolan", state="dropped")

    assert stand_in.send("zhangfails")["errcode"] == 81013
    assert [stand_in.send("lilimited")["errcode"] for _ in range(3)] == [45009, 0, 0]
    assert stand_in.send("sunli")["errcode"] == -1
    assert stand_in.send("zhaolan")["errcode"] == 0
    assert states(stand_in, "zhaolan") == ["dropped"]


def test_nobody_licensed_is_accepted_or_refused(stand_in: StandIn) -> None:
    answer = stand_in.send("qianxu")
    assert (answer["errcode"], answer["unlicenseduser"]) == (0, "qianxu")

    stand_in.desk("switch", name="unlicensed_alone", value="refused")
    assert stand_in.send("qianxu")["errcode"] == 81013


def test_other_calls_are_counted_by_the_minute(stand_in: StandIn) -> None:
    stand_in.desk("switch", name="api_per_minute", value=2)
    token = stand_in.token()

    assert [stand_in.call("getcallbackip", token=token)["errcode"] for _ in range(3)] == [0, 0, 45009]
    stand_in.later(61)
    assert stand_in.call("getcallbackip", token=token)["errcode"] == 0


def test_whoever_asks_too_often_is_blocked_for_the_whole_period(stand_in: StandIn) -> None:
    stand_in.desk("switch", name="api_per_minute", value=1)
    token = stand_in.token()
    stand_in.call("getcallbackip", token=token)
    stand_in.later(50)
    assert stand_in.call("getcallbackip", token=token)["errcode"] == 45009

    stand_in.later(30)
    assert stand_in.call("getcallbackip", token=token)["errcode"] == 45009
    stand_in.later(40)
    assert stand_in.call("getcallbackip", token=token)["errcode"] == 0


@pytest.mark.parametrize(
    ("limit", "wait"), [("api_per_hour", 3601), ("ip_per_minute", 61), ("ip_per_hour", 3601)]
)
def test_hours_and_addresses_have_limits_of_their_own(stand_in: StandIn, limit: str, wait: int) -> None:
    token = stand_in.token()
    stand_in.desk("switch", name=limit, value=1)
    assert [stand_in.call("getcallbackip", token=token)["errcode"] for _ in range(2)] == [0, 45009]

    stand_in.later(wait)
    assert stand_in.call("getcallbackip", token=token)["errcode"] == 0


def test_debugging_a_call_is_for_five_times_a_minute(stand_in: StandIn) -> None:
    token = stand_in.token()
    answers = [stand_in.call("getcallbackip", token=token, debug="1")["errcode"] for _ in range(6)]

    assert answers == [0] * 5 + [45009]


def test_a_valid_login_code_is_not_counted_a_made_up_one_is(stand_in: StandIn) -> None:
    token = stand_in.token()
    stand_in.desk("switch", name="api_per_minute", value=2)
    with stand_in.world.store.use() as db:
        now = stand_in.world.clock.now()
        rows = [(f"code{n}", "linmin", "snsapi_base", now, None) for n in range(4)]
        db.executemany("INSERT INTO code VALUES (?, ?, ?, ?, ?)", rows)

    good = [stand_in.call("auth/getuserinfo", token=token, code=f"code{n}")["errcode"] for n in range(4)]
    bad = [stand_in.call("auth/getuserinfo", token=token, code="made-up")["errcode"] for _ in range(3)]
    assert (good, bad) == ([0] * 4, [40029, 40029, 45009])
