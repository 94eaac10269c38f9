"""Callbacks: readable by wechatpy, retried, replayed, and raised by what members do."""

import re
import time
from typing import Any

import pytest
from wechatpy.enterprise.crypto import WeChatCrypto

from app.simulator import crypto
from app.simulator.event_samples import SAMPLES
from app.simulator.settings import read_settings
from tests.simulator.conftest import PATIENCE, Heard, Listener, StandIn
from tests.simulator.test_cards import BUTTONS, NOTICE, VOTE

CORP = "wwdemo0000000001"
AES_KEY = "demoEncodingAesKeyNotForProduction000000000"


@pytest.fixture
def envelope() -> WeChatCrypto:
    return WeChatCrypto("demoCallbackToken", AES_KEY, CORP)


def opened(envelope: WeChatCrypto, heard: Heard) -> str:
    _, query, body = heard
    return str(envelope.decrypt_message(body, query["msg_signature"], query["timestamp"], query["nonce"]))


def node(xml: str, name: str) -> str:
    found = re.search(rf"<{name}>(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?</{name}>", xml)
    return found[1] if found else ""


@pytest.mark.parametrize("text", ["", "a", "五十个字" * 50, "]]> & <", "x" * 32])
def test_what_is_encrypted_here_is_read_by_wechatpy(envelope: WeChatCrypto, text: str) -> None:
    encrypted = crypto.encrypt(text, aes_key=AES_KEY, receiver=CORP)
    sign = crypto.signature("demoCallbackToken", "1", "n", encrypted)

    assert envelope.check_signature(sign, "1", "n", encrypted) == text
    assert crypto.decrypt(encrypted, aes_key=AES_KEY, receiver=CORP) == text


@pytest.mark.parametrize("text", ["", "AAAA", "not base64!", "A" * 64])
def test_a_broken_envelope_is_named_so(text: str) -> None:
    with pytest.raises(crypto.BadEnvelope):
        crypto.decrypt(text, aes_key=AES_KEY, receiver=CORP)


def test_a_click_arrives_with_a_fresh_code_that_updates_the_card(
    connected: StandIn, listener: Listener, envelope: WeChatCrypto
) -> None:
    msgid = connected.card(**BUTTONS)["msgid"]
    connected.http.post("/phone/wangqiang/press", json={"msgid": msgid, "key": "close"})
    xml = opened(envelope, listener.wait_for(1)[0])

    assert [node(xml, name) for name in ("Event", "FromUserName", "EventKey", "TaskId", "CardType")] == [
        "template_card_event",
        "WangQiang",
        "close",
        "t1",
        "button_interaction",
    ]
    body = {
        "userids": ["WangQiang"],
        "agentid": 1000002,
        "response_code": node(xml, "ResponseCode"),
        "button": {"replace_name": "已办结"},
    }
    assert connected.call("message/update_template_card", body)["errcode"] == 0
    again = connected.http.post("/phone/wangqiang/press", json={"msgid": msgid, "key": "close"})
    assert (again.status_code, again.json["problem"]) == (409, "这张卡片已经处理过了。")


def test_what_was_ticked_comes_along(connected: StandIn, listener: Listener, envelope: WeChatCrypto) -> None:
    msgid = connected.card(**VOTE)["msgid"]
    asked = {"msgid": msgid, "key": "s", "chosen": {"q": ["1", "2"]}}
    connected.http.post("/phone/wangqiang/press", json=asked)
    xml = opened(envelope, listener.wait_for(1)[0])

    assert node(xml, "QuestionKey") == "q"
    assert re.findall(r"<OptionId><!\[CDATA\[(\d)", xml) == ["1", "2"]


@pytest.mark.parametrize(
    ("path", "asked", "event"),
    [
        ("enter", {}, "enter_agent"),
        ("menu", {"type": "click", "value": "help"}, "click"),
        ("menu", {"type": "view", "value": "https://example.com/"}, "view"),
    ],
)
def test_what_a_member_does_becomes_an_event(
    connected: StandIn, listener: Listener, envelope: WeChatCrypto, path: str, asked: Any, event: str
) -> None:
    connected.http.post(f"/phone/linmin/{path}", json=asked)
    xml = opened(envelope, listener.wait_for(1)[0])

    assert (node(xml, "Event"), node(xml, "EventKey")) == (event, asked.get("value", ""))


def test_a_typed_text_is_shown_and_sent(
    connected: StandIn, listener: Listener, envelope: WeChatCrypto
) -> None:
    connected.http.post("/phone/linmin/say", json={"text": "在吗 ]]> &"})
    xml = opened(envelope, listener.wait_for(1)[0])

    assert node(xml, "MsgType") == "text"
    assert "在吗 ]]]]><![CDATA[> &" in xml
    assert connected.chat("linmin")[0]["direction"] == "member"


def test_a_failed_callback_is_tried_three_more_times_with_the_same_bytes(
    connected: StandIn, listener: Listener
) -> None:
    listener.answers = [(500, b"")] * 3
    connected.http.post("/phone/linmin/enter")
    heard = listener.wait_for(4)

    assert len(heard) == 4
    assert len({str(one) for one in heard}) == 1


def test_a_retry_may_be_sealed_anew_around_the_same_event(
    connected: StandIn, listener: Listener, envelope: WeChatCrypto
) -> None:
    connected.desk("switch", name="retried_bytes", value="fresh")
    listener.answers = [(500, b"")]
    connected.http.post("/phone/linmin/enter")
    first, second = listener.wait_for(2)

    assert first[1]["msg_signature"] != second[1]["msg_signature"]
    assert opened(envelope, first) == opened(envelope, second)


def test_patience_and_tries_are_those_of_the_documents() -> None:
    found = read_settings({})

    assert (found.callback_patience, len(found.callback_pauses)) == (5.0, 3)


def test_only_a_lost_connection_is_retried_if_switched_so(connected: StandIn, listener: Listener) -> None:
    connected.desk("switch", name="callback_retry", value="network")
    listener.answers = [(500, b"")]
    connected.http.post("/phone/linmin/enter")
    connected.http.post("/phone/sunli/enter")
    listener.wait_for(2)

    told = connected.http.get("/desk/callbacks.json").json["callbacks"]
    assert [one["tries"] for one in told if one["userid"] == "linmin"] in ([0], [1])
    assert len(listener.heard) == 2


def test_the_desk_replays_a_callback_and_checks_the_url(
    connected: StandIn, listener: Listener, envelope: WeChatCrypto
) -> None:
    connected.http.post("/phone/linmin/enter")
    first = listener.wait_for(1)[0]
    connected.desk(
        "replay", id=connected.http.get("/desk/callbacks.json").json["callbacks"][0]["id"], times=3
    )
    assert [str(one) for one in listener.wait_for(4)] == [str(first)] * 4

    listener.echo = lambda query: envelope.check_signature(
        query["msg_signature"], query["timestamp"], query["nonce"], query["echostr"]
    ).encode()
    assert connected.http.post("/desk/verify-url").json["good"] is True
    listener.echo = lambda _: b'"quoted"'
    assert connected.http.post("/desk/verify-url").json["good"] is False


def test_an_answer_that_drips_in_too_late_counts_as_none(connected: StandIn, listener: Listener) -> None:
    # Each half stays below the patience, both together do not.
    listener.answers, listener.dawdles = [(200, b"success")], [1.4 * PATIENCE]
    connected.http.post("/phone/linmin/enter")
    listener.wait_for(2)
    wait_until_done(connected)

    told = connected.http.get("/desk/callbacks.json").json["callbacks"][0]
    assert told["tries"] == 2
    assert "超时" in told["answer"]


@pytest.mark.parametrize(("status", "seen"), [(200, 204), (500, 409)])
def test_the_member_sees_whether_the_app_took_the_press(
    connected: StandIn, listener: Listener, status: int, seen: int
) -> None:
    msgid = connected.card(**BUTTONS)["msgid"]
    listener.answers = [(status, b"")]
    answer = connected.http.post("/phone/wangqiang/press", json={"msgid": msgid, "key": "close"})

    assert answer.status_code == seen
    assert (answer.json or {}).get("problem") == (None if seen == 204 else "应用没有应答，请稍后再试。")


def test_only_what_the_card_shows_can_be_pressed(connected: StandIn, listener: Listener) -> None:
    sent = connected.card(**BUTTONS)

    def press(key: str, **more: Any) -> int:
        asked = {"msgid": sent["msgid"], "key": key, **more}
        return int(connected.http.post("/phone/wangqiang/press", json=asked).status_code)

    assert (press("made-up"), press("close", menu=True)) == (409, 409)
    assert press("close", chosen=["nonsense"]) == 204
    done = BUTTONS | {"replace_text": "已办结"}
    change = {"atall": 1, "agentid": 1000002, "response_code": sent["response_code"], "template_card": done}
    assert connected.call("message/update_template_card", change)["errcode"] == 0
    assert press("close") == 409
    # One press may be told several times: a busy machine's answer can come after the patience.
    assert len({query["nonce"] for _, query, _ in listener.heard}) == 1


def test_an_action_of_the_cards_menu_is_an_event_of_its_own(
    connected: StandIn, listener: Listener, envelope: WeChatCrypto
) -> None:
    card = NOTICE | {"task_id": "n1", "action_menu": {"action_list": [{"text": "静音", "key": "mute"}]}}
    msgid = connected.card(**card)["msgid"]
    connected.http.post("/phone/wangqiang/press", json={"msgid": msgid, "key": "mute", "menu": True})
    xml = opened(envelope, listener.wait_for(1)[0])

    assert [node(xml, name) for name in ("Event", "EventKey", "TaskId")] == [
        "template_card_menu_event",
        "mute",
        "n1",
    ]


def test_a_handed_out_place_becomes_a_location_message(
    connected: StandIn, listener: Listener, envelope: WeChatCrypto
) -> None:
    place = {"label": "石家庄市长安区", "latitude": 38.047, "longitude": 114.531}
    connected.http.post("/phone/linmin/location", json=place)
    xml = opened(envelope, listener.wait_for(1)[0])

    assert [node(xml, name) for name in ("MsgType", "Location_X", "Label")] == [
        "location",
        "38.047",
        "石家庄市长安区",
    ]


def test_where_a_member_enters_is_reported_if_the_app_wants_it(
    connected: StandIn, listener: Listener, envelope: WeChatCrypto
) -> None:
    connected.desk("switch", name="report_location", value=True)
    connected.http.post("/phone/linmin/enter")
    events = {node(opened(envelope, one), "Event") for one in listener.wait_for(2)}

    assert events == {"enter_agent", "LOCATION"}
    assert connected.call("agent/get", agentid="1000002")["report_location_flag"] == 1


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_event_of_the_desk_arrives_whole(
    connected: StandIn, listener: Listener, envelope: WeChatCrypto, sample: str
) -> None:
    assert connected.desk("event", sample=sample, userid="linmin") == 200
    xml = opened(envelope, listener.wait_for(1)[0])

    assert node(xml, "Event") == SAMPLES[sample].event
    assert all(node(xml, name) for name in SAMPLES[sample].fills)
    assert ("<AgentID>" in xml) == (SAMPLES[sample].event != "change_contact")


@pytest.mark.parametrize(("followed", "button"), [(True, "已收到"), (False, None)])
def test_a_passive_reply_is_followed_if_switched_so(
    connected: StandIn, listener: Listener, envelope: WeChatCrypto, followed: bool, button: str | None
) -> None:
    connected.desk("switch", name="passive_card_reply", value=followed)
    msgid = connected.card(**BUTTONS)["msgid"]
    reply = "<xml><MsgType>update_button</MsgType><Button><ReplaceName>已收到</ReplaceName></Button></xml>"
    listener.answers = [(200, envelope.encrypt_message(reply, "nonce", "1").encode())]
    connected.http.post("/phone/wangqiang/press", json={"msgid": msgid, "key": "close"})
    listener.wait_for(1)
    wait_until_done(connected)

    assert connected.chat()[0]["button"] == button


def wait_until_done(stand_in: StandIn) -> None:
    for _ in range(200):
        told = stand_in.http.get("/desk/callbacks.json").json["callbacks"]
        if all(one["state"] == "done" for one in told):
            return
        time.sleep(0.01)


def test_leaving_and_coming_back_are_told(
    connected: StandIn, listener: Listener, envelope: WeChatCrypto
) -> None:
    connected.desk("switch", name="contact_events", value=True)
    connected.desk("member", userid="linmin", state="left")
    told = {node(xml, "Event"): xml for xml in (opened(envelope, one) for one in listener.wait_for(2))}

    assert node(told["unsubscribe"], "FromUserName") == "linmin"
    assert node(told["change_contact"], "ChangeType") == "delete_user"
    assert node(told["change_contact"], "UserID") == "linmin"
