"""The director's desk: faults, the call list, the clock, and doors that stay shut."""

import http.client
import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app.simulator.settings import read_settings
from tests.simulator.conftest import StandIn


@pytest.mark.parametrize("code", ["-1", "45009", "42001", "60020", "48006"])
def test_a_fault_answers_its_code_so_many_times(stand_in: StandIn, code: str) -> None:
    stand_in.desk("fault", kind=code, api="message/send", remaining=2)

    assert [stand_in.send()["errcode"] for _ in range(3)] == [int(code), int(code), 0]


def test_a_fault_strikes_as_often_as_its_rate_says(stand_in: StandIn) -> None:
    stand_in.desk("fault", kind="-1", api="getcallbackip", rate=0.5)
    token = stand_in.token()
    failed = sum(stand_in.call("getcallbackip", token=token)["errcode"] == -1 for _ in range(200))

    assert 50 < failed < 150


def struck(stand_in: StandIn, *, calls: int = 60, between: str = "") -> str:
    """Which of so many calls met a fault: x for every one that did; other calls may come in between."""
    token, found = stand_in.token(), ""
    for _ in range(calls):
        found += "x" if stand_in.call("getcallbackip", token=token)["errcode"] else "."
        if between:
            stand_in.call(between, token=token)
    return found


def test_the_same_seed_brings_the_same_faults_again(stand_in: StandIn) -> None:
    stand_in.desk("fault", kind="-1", api="getcallbackip", rate=0.3)
    stand_in.desk("fault", kind="45009", api="*", rate=0.1)
    rounds = []
    for seed in (7, 8, 7):
        stand_in.desk("seed", seed=seed)
        rounds.append(struck(stand_in))

    first, other, again = rounds
    assert first == again != other
    assert stand_in.http.get("/desk/state.json").json["seed"] == 7


def test_calls_of_another_api_in_between_change_nothing(stand_in: StandIn) -> None:
    stand_in.desk("fault", kind="-1", api="getcallbackip", rate=0.3)
    stand_in.desk("seed", seed=7)
    alone = struck(stand_in)
    stand_in.desk("seed", seed=7)

    assert struck(stand_in, between="agent/get") == alone


@pytest.mark.parametrize("seed", ["", "-1", "x", "1" * 11])
def test_a_seed_is_a_whole_number(stand_in: StandIn, seed: str) -> None:
    answer = stand_in.http.post("/desk/seed", json={"seed": seed})

    assert (answer.status_code, "整数" in answer.json["problem"]) == (400, True)


def test_the_seed_of_the_settings_is_where_chance_begins() -> None:
    assert read_settings({"SIMULATOR_SEED": "42"}).seed == 42
    assert read_settings({}).seed in range(1_000_000)
    with pytest.raises(ValueError, match="SIMULATOR_SEED 应是整数"):
        read_settings({"SIMULATOR_SEED": "soon"})


def test_tokens_can_be_ended_early(stand_in: StandIn) -> None:
    token = stand_in.token()
    stand_in.desk("tokens/revoke")

    assert stand_in.call("getcallbackip", token=token)["errcode"] == 40014
    assert stand_in.call("getcallbackip")["errcode"] == 0


def test_gateway_errors_and_cut_answers_are_not_json(stand_in: StandIn) -> None:
    asked = {"access_token": stand_in.token()}
    stand_in.desk("fault", kind="502", api="getcallbackip", remaining=1)
    assert stand_in.http.get("/cgi-bin/getcallbackip", query_string=asked).status_code == 502

    stand_in.desk("fault", kind="cut", api="getcallbackip", remaining=1)
    half = stand_in.http.get("/cgi-bin/getcallbackip", query_string=asked).data
    with pytest.raises(json.JSONDecodeError):
        json.loads(half)


def test_a_reset_connection_gives_no_answer_at_all(stand_in: StandIn, served: str) -> None:
    stand_in.desk("fault", kind="reset", api="getcallbackip")
    wire = http.client.HTTPConnection(urlsplit(served).netloc, timeout=5)
    wire.request("GET", f"/cgi-bin/getcallbackip?access_token={stand_in.token()}")

    with pytest.raises((ConnectionError, http.client.HTTPException)):
        wire.getresponse()
    wire.close()


@pytest.mark.parametrize(("kind", "arrived"), [("timeout_before", 0), ("timeout_after", 1)])
def test_silence_falls_before_or_after_the_work_is_done(
    stand_in: StandIn, served: str, kind: str, arrived: int
) -> None:
    stand_in.desk("fault", kind=kind, api="message/send")
    wire = http.client.HTTPConnection(urlsplit(served).netloc, timeout=0.3)
    body = {"touser": "WangQiang", "agentid": 1000002, "msgtype": "text", "text": {"content": "好"}}
    wire.request("POST", f"/cgi-bin/message/send?access_token={stand_in.token()}", json.dumps(body))

    with pytest.raises(TimeoutError):
        wire.getresponse()
    wire.close()
    stand_in.desk("fault/clear")
    assert len(stand_in.chat()) == arrived


def test_calls_are_listed_without_secrets_and_can_be_filtered(stand_in: StandIn) -> None:
    stand_in.send()
    stand_in.send("nobody")
    listed = stand_in.http.get("/desk/calls.json").text
    assert "demo-secret" not in listed

    failed = stand_in.http.get("/desk/calls.json?api=message/send&failed=1").json["calls"]
    assert [(one["errcode"], one["body"]["touser"]) for one in failed] == [(81013, "nobody")]
    assert (
        stand_in.http.get("/desk/calls.json?q=nobody").json["calls"][-1]["meaning"]
        == "接收人全部无效或无权限"
    )


def test_the_clock_is_moved_for_the_whole_demo(stand_in: StandIn) -> None:
    before = stand_in.world.clock.now()
    stand_in.later(3600)

    assert Path(stand_in.world.settings.clock_file).read_text() == "3600\n"
    assert stand_in.world.clock.now() - before == pytest.approx(3600, abs=2)
    stand_in.desk("clock", offset=0)
    assert stand_in.http.get("/desk/state.json").json["clock"]["offset"] == 0


def test_a_reset_forgets_messages_tokens_faults_and_switches(stand_in: StandIn) -> None:
    token = stand_in.token()
    stand_in.send()
    stand_in.desk("fault", kind="-1")
    stand_in.desk("switch", name="token_again", value="same")

    assert stand_in.desk("reset") == 204
    assert stand_in.call("getcallbackip", token=token)["errcode"] == 40014
    assert stand_in.chat() == []
    state = stand_in.http.get("/desk/state.json").json
    assert (state["faults"], state["switches"]["token_again"]) == ([], "another")


@pytest.mark.parametrize(
    ("lever", "asked"),
    [
        ("switch", {"name": "no_such_switch", "value": 1}),
        ("switch", {"name": "callback_retry", "value": "never"}),
        ("fault", {"kind": "bad mood"}),
        ("member", {"userid": "linmin", "state": "asleep"}),
        ("clock", {"forward": 10**12}),
    ],
)
def test_nonsense_is_refused(stand_in: StandIn, lever: str, asked: dict[str, object]) -> None:
    assert stand_in.desk(lever, **asked) == 400


def test_pages_of_another_origin_cannot_pull_levers(stand_in: StandIn) -> None:
    answer = stand_in.http.post("/desk/reset", headers={"Origin": "http://127.0.0.1:8000"})

    assert answer.status_code == 403


@pytest.mark.parametrize(
    "path", ["/", "/phone/linmin", "/desktop/linmin", "/side-by-side", "/desk", "/phone/outsider", "/gallery"]
)
def test_every_page_opens_with_a_strict_policy(stand_in: StandIn, path: str) -> None:
    page = stand_in.http.get(path)
    policy = page.headers["Content-Security-Policy"]

    assert page.status_code == 200
    assert "unsafe" not in policy
    assert "frame-src 'self' http://127.0.0.1:8000" in policy
    assert not any(mark in page.text for mark in (" style=", " onclick=", "<script>", "<style"))


def test_localhost_is_sent_to_the_name_the_app_knows(stand_in: StandIn) -> None:
    answer = stand_in.http.get(
        "/phone/linmin?a=1", base_url="http://localhost:8001", headers={"Sec-Fetch-Mode": "navigate"}
    )

    assert answer.location == "http://127.0.0.1:8001/phone/linmin?a=1"
