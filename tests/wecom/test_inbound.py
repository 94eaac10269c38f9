"""What WeCom posts: genuine events are read, everything else is Hostile and nothing but Hostile."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.enterprise.crypto import WeChatCrypto

from app.settings import DEMO
from app.wecom.inbound import Hostile, Inbound
from tests.told_time import ToldTime
from tests.wecom.envelope import Sender
from tests.wecom.hostile import HOSTILE, Bend, event

SENDER = Sender(DEMO["WECOM_TOKEN"], DEMO["WECOM_ENCODING_AES_KEY"], DEMO["WECOM_CORP_ID"])
INBOUND = Inbound(SENDER.token, SENDER.aes_key, SENDER.corp_id)
SELECTED = """<SelectedItem><QuestionKey>q1</QuestionKey><OptionIds><OptionId>a</OptionId></OptionIds></SelectedItem>"""
SELECTED_TWO = """<SelectedItem><QuestionKey>q2</QuestionKey><OptionIds><OptionId>a</OptionId><OptionId>b</OptionId>\
</OptionIds></SelectedItem>"""


@pytest.mark.parametrize(("status", "bend"), HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.proves("X-C3", "X-C4", "X-C5", "X-C6", "X-C7")
def test_a_hostile_callback_is_refused(told_time: ToldTime, status: int, bend: Bend):
    with pytest.raises(Hostile) as caught:
        INBOUND.open(*bend(SENDER))
    assert caught.value.status == status


def test_a_click_is_read(told_time: ToldTime):
    event = INBOUND.open(*SENDER.post(SENDER.click()))
    assert (event.name, event.userid) == ("template_card_event", "WangQiang")
    assert event.fields["EventKey"] == "close"
    assert event.fields["ResponseCode"] == "r-1"


def test_what_wechatpy_encrypts_is_read(told_time: ToldTime):
    library = WeChatCrypto(SENDER.token, SENDER.aes_key, SENDER.corp_id)
    timestamp = str(int(told_time.moment.timestamp()))
    body = library.encrypt_message(SENDER.click(), "n", timestamp)
    signature = body.split("<MsgSignature><![CDATA[")[1].split("]]")[0]
    args = {"msg_signature": signature, "timestamp": timestamp, "nonce": "n"}
    assert INBOUND.open(args, body.encode()).name == "template_card_event"


def test_the_echo_is_given_back_exactly(told_time: ToldTime):
    encrypted = SENDER.sealed("1616140317555161061")
    args = SENDER.args(encrypted) | {"echostr": encrypted}
    assert INBOUND.echo(args) == "1616140317555161061"


@pytest.mark.parametrize("seconds", [-300, 300])
@pytest.mark.proves("X-C3")
def test_five_minutes_apart_is_still_genuine(told_time: ToldTime, seconds: int):
    encrypted = SENDER.sealed(SENDER.click())
    assert INBOUND.open(SENDER.args(encrypted, seconds_ahead=seconds), SENDER.body(encrypted))


@pytest.mark.proves("X-A8")
def test_a_wrong_clock_is_named_only_to_who_holds_the_token(told_time: ToldTime):
    encrypted = SENDER.sealed(SENDER.click())
    with pytest.raises(Hostile, match="clock"):
        INBOUND.open(SENDER.args(encrypted, seconds_ahead=3600), SENDER.body(encrypted))


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ("", []),
        (SELECTED, [{"QuestionKey": "q1", "OptionIds": ["a"]}]),
        (SELECTED_TWO, [{"QuestionKey": "q2", "OptionIds": ["a", "b"]}]),
        (
            SELECTED + SELECTED_TWO,
            [{"QuestionKey": "q1", "OptionIds": ["a"]}, {"QuestionKey": "q2", "OptionIds": ["a", "b"]}],
        ),
        (
            "<SelectedItem><QuestionKey>q3</QuestionKey><OptionIds/></SelectedItem>",
            [{"QuestionKey": "q3", "OptionIds": []}],
        ),
    ],
)
def test_selected_items_are_always_lists(told_time: ToldTime, items: str, expected: object):
    event_ = INBOUND.open(*SENDER.post(event(Event="template_card_event", SelectedItems=items)))
    assert event_.fields["SelectedItems"] == expected


def test_a_message_of_a_member_has_its_type_as_name(told_time: ToldTime):
    opened = INBOUND.open(*SENDER.post(event(MsgType="text", Event="-", Content="在吗", MsgId="77")))
    assert (opened.name, opened.key) == ("message:text", "message-77")


def test_a_member_may_write_about_markup(told_time: ToldTime):
    typed = "<!DOCTYPE x [<!ENTITY a 'b'>]> & <xml>"
    opened = INBOUND.open(
        *SENDER.post(event(MsgType="text", Event="-", Content=f"<![CDATA[{typed}]]>", MsgId="1"))
    )
    assert opened.fields["Content"] == typed


def test_a_repeat_has_the_same_key_however_it_is_wrapped(told_time: ToldTime):
    click = SENDER.click()
    told_time.pass_(seconds=5)
    keys = {INBOUND.open(*SENDER.post(xml)).key for xml in (click, click, click.replace("><", ">\n <"))}
    assert len(keys) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"ResponseCode": "r1"}, {"ResponseCode": "r2"}),
        ({"EventKey": "close"}, {"EventKey": "feed_back"}),
        ({"UserID": "a", "ChangeType": "update_user"}, {"UserID": "b", "ChangeType": "update_user"}),
        ({"FromUserName": "a"}, {"FromUserName": "b"}),
        ({"MsgId": "1"}, {"MsgId": "2"}),
        ({"MsgId": "1"}, {"MsgId": "x1"}),
    ],
)
def test_two_events_of_one_second_have_two_keys(
    told_time: ToldTime, one: dict[str, str], other: dict[str, str]
):
    keys = [INBOUND.open(*SENDER.post(event(**fields))).key for fields in (one, other)]
    assert keys[0] != keys[1]
    assert all(len(key) <= 80 for key in keys)


@given(
    st.binary(max_size=400),
    st.dictionaries(st.sampled_from(["msg_signature", "timestamp", "nonce"]), st.text()),
)
def test_noise_is_hostile_and_nothing_else(body: bytes, args: dict[str, str]):
    with pytest.raises(Hostile):
        INBOUND.open(args, body)


def test_one_bent_byte_anywhere_is_hostile(told_time: ToldTime):
    chance = random.Random(7)  # noqa: S311 (a fixed seed, not a secret)
    args, body = SENDER.post(SENDER.click())
    start, end = body.index(b"<Encrypt>"), body.index(b"</Encrypt>")
    for _ in range(500):
        at = chance.randrange(start, end)
        bent = body[:at] + bytes([body[at] ^ chance.randrange(1, 256)]) + body[at + 1 :]
        with pytest.raises(Hostile):
            INBOUND.open(args, bent)


@given(st.binary(max_size=300))
def test_signed_noise_is_hostile_and_nothing_else(inside: bytes):
    encrypted = SENDER.encrypted(inside + bytes(-len(inside) % 32))
    with pytest.raises(Hostile):
        INBOUND.open(SENDER.args(encrypted), SENDER.body(encrypted))
