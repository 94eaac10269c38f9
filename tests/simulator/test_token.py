"""gettoken and what a token opens."""

import pytest

from tests.simulator.conftest import StandIn

CORP, SECRET = "wwdemo0000000001", "demo-secret-not-for-production"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"corpid": CORP, "corpsecret": SECRET}, 0),
        ({"corpsecret": SECRET}, 41002),
        ({"corpid": CORP}, 41004),
        ({"corpid": "wwsomebodyelse", "corpsecret": SECRET}, 40013),
        ({"corpid": CORP, "corpsecret": "wrong"}, 40001),
    ],
)
def test_gettoken_answers_as_documented(stand_in: StandIn, asked: dict[str, str], code: int) -> None:
    answer = stand_in.http.get("/cgi-bin/gettoken", query_string=asked).json

    assert answer["errcode"] == code
    assert ("access_token" in answer) == (code == 0)


def test_a_token_is_missing_invalid_or_expired(stand_in: StandIn) -> None:
    token = stand_in.token()

    assert stand_in.http.get("/cgi-bin/getcallbackip").json["errcode"] == 41001
    assert stand_in.call("getcallbackip", token="made-up")["errcode"] == 40014
    assert stand_in.call("getcallbackip", token=token)["errcode"] == 0
    stand_in.later(7200)
    assert stand_in.call("getcallbackip", token=token)["errcode"] == 42001


@pytest.mark.parametrize(
    ("again", "same", "old_code"), [("another", False, 0), ("same", True, 0), ("replaces", False, 40014)]
)
def test_what_a_second_token_means_for_the_first_can_be_switched(
    stand_in: StandIn, again: str, same: bool, old_code: int
) -> None:
    stand_in.desk("switch", name="token_again", value=again)
    first, second = stand_in.token(), stand_in.token()

    assert (first == second) == same
    assert stand_in.call("getcallbackip", token=first)["errcode"] == old_code
    assert stand_in.call("getcallbackip", token=second)["errcode"] == 0


def test_ten_wrong_secrets_bar_the_address_for_an_hour(stand_in: StandIn) -> None:
    wrong = {"corpid": CORP, "corpsecret": "wrong"}
    for _ in range(10):
        stand_in.http.get("/cgi-bin/gettoken", query_string=wrong)
    right = {"corpid": CORP, "corpsecret": SECRET}

    assert stand_in.http.get("/cgi-bin/gettoken", query_string=right).json["errcode"] == 45009
    stand_in.later(3601)
    assert stand_in.http.get("/cgi-bin/gettoken", query_string=right).json["errcode"] == 0


def test_only_trusted_addresses_may_call_once_they_are_set(stand_in: StandIn) -> None:
    stand_in.desk("switch", name="trusted_ips", value="10.1.2.3, 10.1.2.4")
    assert stand_in.call("getcallbackip")["errcode"] == 60020

    stand_in.desk("switch", name="trusted_ips", value="127.0.0.1")
    assert stand_in.call("getcallbackip")["errcode"] == 0


def test_the_contact_secret_lists_ids_and_nothing_else(stand_in: StandIn) -> None:
    contact = stand_in.token("demo-contact-secret-not-for-production")

    listed = stand_in.call("user/list_id", {"limit": 3}, token=contact)
    assert [row["userid"] for row in listed["dept_user"]] == ["linmin", "WangQiang", "zhaolan"]
    assert (
        stand_in.call("user/list_id", {"cursor": listed["next_cursor"]}, token=contact)["next_cursor"] == ""
    )
    assert stand_in.call("user/list_id", {"limit": 3})["errcode"] == 48002
    assert stand_in.call("user/get", token=contact, userid="linmin")["errcode"] == 48009
    assert stand_in.call("message/send", {"agentid": 1000002}, token=contact)["errcode"] == 48002


def test_tickets_stay_the_same_until_they_expire(stand_in: StandIn) -> None:
    first = stand_in.call("get_jsapi_ticket")["ticket"]
    agent = stand_in.call("ticket/get", type="agent_config")["ticket"]

    assert stand_in.call("get_jsapi_ticket")["ticket"] == first != agent
    stand_in.later(7201)
    assert stand_in.call("get_jsapi_ticket")["ticket"] != first
    assert stand_in.call("ticket/get", type="jsapi")["errcode"] == 91040
