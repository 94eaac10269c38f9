"""What goes over the wire and what comes back of it."""

import pytest

from app.wecom import card_updates, cards
from app.wecom.client import WeCom
from app.wecom.errors import OutcomeUnknown, StopTheQueue, TryLater, WillNeverWork
from tests.wecom.wire import Wire

BODY = cards.text_message(userid="wangqiang", agent_id=1000002, text="请办结“模块A”")


def test_a_message_goes_out_byte_for_byte_with_the_token_in_the_query(wecom: WeCom, wire: Wire):
    wire.hands_out("T1")
    wire.answers("message/send", {"msgid": "m-1"})

    sent = wecom.send(BODY)

    assert wire.bodies("message/send") == [BODY]
    assert wire.tokens_used("message/send") == ["T1"]
    assert (sent.msgid, sent.response_code) == ("m-1", "")


def test_who_will_not_get_it_is_read_in_lower_case(wecom: WeCom, wire: Wire):
    wire.hands_out("T1")
    wire.answers(
        "message/send",
        {"msgid": "m", "response_code": "r", "invaliduser": "WangQiang|zhaolan", "unlicenseduser": "sunli"},
    )

    sent = wecom.send(BODY)

    assert sent.invalid == {"wangqiang", "zhaolan"}
    assert sent.unlicensed == {"sunli"}
    assert sent.response_code == "r"


@pytest.mark.parametrize(
    ("named", "invalid"),
    [
        (["WangQiang", "zhaolan"], {"wangqiang", "zhaolan"}),
        ([], set()),
        (None, set()),
        ({"userid": "wangqiang"}, set()),
        (7, set()),
        ("|WangQiang||", {"wangqiang"}),
    ],
)
def test_whoever_will_not_get_it_may_be_named_in_any_shape(
    wecom: WeCom, wire: Wire, named: object, invalid: set[str]
):
    wire.hands_out("T1")
    wire.answers("message/send", {"errcode": "0", "msgid": 7, "invaliduser": named})

    sent = wecom.send(BODY)

    assert (sent.msgid, sent.invalid) == ("7", invalid)


@pytest.mark.parametrize("strange", ["m" * 129, "\x00", {"id": 1}, ["m"], True, None])
def test_a_msgid_that_no_column_holds_does_not_unsend_the_message(wecom: WeCom, wire: Wire, strange: object):
    wire.hands_out("T1")
    wire.answers("message/send", {"msgid": strange, "response_code": "r" * 601})

    sent = wecom.send(BODY)

    assert (sent.msgid, sent.response_code) == ("", "")


def test_what_wecom_says_is_kept_without_what_no_database_keeps(wecom: WeCom, wire: Wire):
    wire.hands_out("T1")
    wire.answers("message/send", {"errcode": 41033, "errmsg": "no\x00description"})

    with pytest.raises(WillNeverWork) as caught:
        wecom.send(BODY)
    assert caught.value.text.endswith("（41033 nodescription）")


@pytest.mark.parametrize("code", [40001, 40014, 41001, 42001])
def test_a_refused_token_is_replaced_once_and_the_same_bytes_are_repeated(
    wecom: WeCom, wire: Wire, code: int
):
    wire.hands_out("T1", "T2")
    wire.answers("message/send", {"errcode": code, "errmsg": "access_token expired"})
    wire.answers("message/send", {"msgid": "m"})

    assert wecom.send(BODY).msgid == "m"
    assert wire.tokens_used("message/send") == ["T1", "T2"]
    assert wire.bodies("message/send") == [BODY, BODY]


def test_a_token_that_stays_refused_ends_after_one_repeat(wecom: WeCom, wire: Wire):
    wire.hands_out("T1", "T2")
    wire.answers("message/send", {"errcode": 40014, "errmsg": "invalid access_token"})

    with pytest.raises(TryLater) as caught:
        wecom.send(BODY)

    assert caught.value.pause_seconds == 60
    assert wire.asked == ["gettoken", "message/send", "gettoken", "message/send"]


def test_40001_twice_stops_the_queue(wecom: WeCom, wire: Wire):
    wire.hands_out("T1", "T2")
    wire.answers("message/send", {"errcode": 40001, "errmsg": "invalid credential"})

    with pytest.raises(StopTheQueue):
        wecom.send(BODY)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ('{"errcode":0,"errmsg":"ok","msgid":"m', OutcomeUnknown),
        ("<html>请登录网络</html>", OutcomeUnknown),
        ("", OutcomeUnknown),
        ('["errcode"]', OutcomeUnknown),
        ('{"errmsg":"ok","msgid":"m"}', OutcomeUnknown),
        ('{"errcode":null}', OutcomeUnknown),
        ('{"errcode":"none"}', OutcomeUnknown),
        ('{"errcode":Infinity}', OutcomeUnknown),
        ('{"errcode":99999999999}', OutcomeUnknown),
        ('{"errcode":"81013","errmsg":"all invalid"}', WillNeverWork),
        ('{"errcode":81013,"errmsg":"all\ninvalid"}', WillNeverWork),
        ("[" * 100_000, OutcomeUnknown),
        (502, OutcomeUnknown),
        (500, OutcomeUnknown),
        (404, StopTheQueue),
        (302, StopTheQueue),
        (407, StopTheQueue),
        (429, TryLater),
    ],
)
@pytest.mark.proves("X-B1")
def test_an_answer_without_errcode_0_is_never_taken_for_sent(
    wecom: WeCom, wire: Wire, answer: str | int, expected: type[Exception]
):
    wire.hands_out("T1")
    wire.answers("message/send", answer)

    with pytest.raises(expected):
        wecom.send(BODY)


def test_a_redirect_is_not_followed(wecom: WeCom, wire: Wire):
    wire.hands_out("T1")
    wire.answers("message/send", 302, headers={"Location": "https://evil.example/"})

    with pytest.raises(StopTheQueue):
        wecom.send(BODY)
    assert wire.asked == ["gettoken", "message/send"]


def test_the_account_that_cannot_be_reached_is_told_apart(wecom: WeCom, wire: Wire):
    wire.hands_out("T1")
    wire.answers("message/send", {"errcode": 81013, "errmsg": "all invalid", "invaliduser": "wangqiang"})

    with pytest.raises(WillNeverWork) as caught:
        wecom.send(BODY)
    assert caught.value.invalid_recipient
    assert not caught.value.unlicensed


def test_the_account_without_a_licence_is_told_apart(wecom: WeCom, wire: Wire):
    wire.hands_out("T1")
    wire.answers("message/send", {"errcode": 81013, "errmsg": "all invalid", "unlicenseduser": "wangqiang"})

    with pytest.raises(WillNeverWork) as caught:
        wecom.send(BODY)
    assert caught.value.unlicensed


def test_a_member_is_found_by_code_and_a_stranger_is_nobody(wecom: WeCom, wire: Wire):
    wire.hands_out("T1")
    wire.answers("auth/getuserinfo", {"userid": "wangqiang"})
    wire.answers("auth/getuserinfo", {"openid": "o-1"})

    assert wecom.user_of_code("c1") == "wangqiang"
    assert wecom.user_of_code("c2") is None
    assert wire.query("auth/getuserinfo")["code"] == ["c2"]


def test_a_card_is_updated_for_the_app_of_the_client(wecom: WeCom, wire: Wire):
    wire.hands_out("T1")
    wire.answers("message/update_template_card", {"invaliduser": []})

    wecom.update_card(card_updates.greyed(userid="wangqiang", response_code="r", text="已办结"))

    assert wire.payload("message/update_template_card") == {
        "agentid": 1000002,
        "userids": ["wangqiang"],
        "response_code": "r",
        "button": {"replace_name": "已办结"},
    }


def test_a_message_is_recalled_by_its_id(wecom: WeCom, wire: Wire):
    wire.hands_out("T1")
    wire.answers("message/recall", {})

    wecom.recall("m-1")

    assert wire.payload("message/recall") == {"msgid": "m-1"}


def test_details_are_asked_for_with_the_ticket(wecom: WeCom, wire: Wire):
    wire.hands_out("T1")
    wire.answers("auth/getuserdetail", {"userid": "wangqiang", "mobile": "13800000000"})

    assert wecom.user_detail("ticket-1")["mobile"] == "13800000000"
    assert wire.payload("auth/getuserdetail") == {"user_ticket": "ticket-1"}
