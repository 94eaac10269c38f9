"""The same assertions against recorded answers and against the stand-in, so that neither drifts off."""

import re
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import responses

from app.core import create_core
from app.db import db
from app.wecom import card_updates, cards, directory, jssdk, workbench
from app.wecom.cards import LinkButton, PressButton
from app.wecom.client import WeCom
from app.wecom.errors import OutcomeUnknown, StopTheQueue, TryLater, WillNeverWork
from app.wecom.workbench import Figure
from tests.databases import Databases, close_database, settings_for
from tests.told_time import ToldTime
from tests.wecom.peers import RECORDED, Peer, Recorded, StandIn, running_stand_in

URL = "http://127.0.0.1:8000/login?inside=1&next=/point-tasks/1"
MEMBER = "linmin"
STRANGER = "nobody-at-all"
Clients = Callable[[str], WeCom]
API_PATH = re.compile(
    r'"(gettoken|get_jsapi_ticket|ticket/get|(?:auth|message|user|department|menu|agent|media)/[a-z_]+)"'
)


@pytest.fixture(scope="session")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    """One stand-in for all tests of this file."""
    with running_stand_in(tmp_path_factory.mktemp("stand_in")) as running:
        yield running


@pytest.fixture(params=["recorded", "stand_in"])
def peer(request: pytest.FixtureRequest) -> Iterator[Peer]:
    """Whoever answers, as new."""
    if request.param == "recorded":
        with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
            yield Recorded(mock)
    else:
        running: StandIn = request.getfixturevalue("stand_in")
        running.desk("reset")
        yield running
        running.desk("reset")


@pytest.fixture
def clients(peer: Peer, databases: Databases, told_time: ToldTime) -> Iterator[Clients]:
    """Clients of ours, connected to the peer."""
    address = databases.new("sqlite")
    core = create_core(settings_for(address, WECOM_API_BASE=peer.base))
    told_time.rule()
    settings = core.config["SETTINGS"]

    def with_secret(secret: str) -> WeCom:
        return WeCom(
            corp_id=settings.WECOM_CORP_ID,
            agent_id=settings.WECOM_AGENT_ID,
            secret=secret,
            api_base=peer.base,
            engine=db.engine,
            timeout=(1, 1),
        )

    with core.app_context():
        yield with_secret
        close_database()
    databases.drop(address)


@pytest.fixture
def wecom(clients: Clients) -> WeCom:
    """Our client with the app's own secret."""
    return clients("demo-secret-not-for-production")


def card(userid: str = MEMBER, agent_id: int = 1000002) -> bytes:
    """A card of its own."""
    made = cards.button_card(
        task_id=secrets.token_hex(16),
        source="服务任务",
        title="任务发布",
        desc="长安区、桥西区",
        text="【任务发布】：请及时跟进监督。",
        facts=[("紧急程度", "紧急")],
        url=URL,
        buttons=[LinkButton("反馈", URL), PressButton("办结", "close")],
    )
    return cards.message(userid=userid, agent_id=agent_id, card=made)


def test_a_card_is_sent_changed_and_recalled(wecom: WeCom):
    sent = wecom.send(card())

    assert sent.msgid
    assert sent.response_code
    assert not sent.invalid | sent.unlicensed
    wecom.update_card(card_updates.greyed(userid=MEMBER, response_code=sent.response_code, text="已办结"))
    wecom.recall(sent.msgid)


def test_another_card_takes_the_place_of_a_sent_one(wecom: WeCom):
    request = card()
    sent = wecom.send(request)

    wecom.update_card(
        card_updates.amended(
            request,
            userid=MEMBER,
            response_code=sent.response_code,
            words="王强 14:03 办结",
            grey="已办结",
            parts={},
        )
    )


def test_texts_and_text_cards_are_taken(wecom: WeCom):
    assert wecom.send(cards.text_message(userid=MEMBER, agent_id=1000002, text="请办结")).msgid
    assert wecom.send(
        cards.textcard_message(userid=MEMBER, agent_id=1000002, title="任务发布", desc="请办结", url=URL)
    ).msgid


@pytest.mark.parametrize("kind", ["timeout_before", "timeout_after", "reset", "502", "cut"])
def test_without_a_verdict_the_outcome_is_unknown(peer: Peer, wecom: WeCom, kind: str):
    peer.fails(kind, "message/send", times=1)
    body = card()

    with pytest.raises(OutcomeUnknown):
        wecom.send(body)
    assert wecom.send(body).msgid


@pytest.mark.parametrize(("kind", "pause"), [("-1", None), ("45009", 60)])
def test_a_passing_refusal_is_tried_later(peer: Peer, wecom: WeCom, kind: str, pause: float | None):
    peer.fails(kind, "message/send", times=1)

    with pytest.raises(TryLater) as caught:
        wecom.send(card())
    assert caught.value.pause_seconds == pause


def test_an_untrusted_address_stops_the_queue(peer: Peer, wecom: WeCom):
    peer.fails("60020", "message/send", times=1)

    with pytest.raises(StopTheQueue, match=r"企业可信 IP.*ip"):
        wecom.send(card())


def test_a_token_that_ended_early_is_replaced_unseen(peer: Peer, wecom: WeCom):
    wecom.send(card())
    peer.fails("42001", "message/send", times=1)

    assert wecom.send(card()).msgid


def test_a_token_that_never_works_ends_after_one_repeat(peer: Peer, wecom: WeCom):
    peer.fails("42001", "message/send")

    with pytest.raises(TryLater):
        wecom.send(card())


@pytest.mark.parametrize("kind", ["timeout_before", "reset", "502", "cut", "-1"])
def test_without_a_token_nothing_was_sent(peer: Peer, wecom: WeCom, kind: str):
    peer.fails(kind, "gettoken")

    with pytest.raises(TryLater):
        wecom.send(card())


def test_a_recipient_who_does_not_exist_fails_alone(wecom: WeCom):
    with pytest.raises(WillNeverWork) as caught:
        wecom.send(card(STRANGER))
    assert caught.value.invalid_recipient


def test_another_apps_number_stops_the_queue(wecom: WeCom):
    with pytest.raises(StopTheQueue):
        wecom.send(card(agent_id=7))


def test_a_recipient_without_a_licence_is_named_apart(peer: Peer, wecom: WeCom):
    peer.marks("sunli", "unlicensed")

    sent = wecom.send(cards.text_message(userid="sunli", agent_id=1000002, text="请办结"))

    assert (sent.unlicensed, sent.invalid) == ({"sunli"}, set())


def test_a_login_code_names_the_member_once(peer: Peer, wecom: WeCom):
    code = peer.code(MEMBER)

    assert wecom.user_of_code(code) == MEMBER
    with pytest.raises(WillNeverWork) as caught:
        wecom.user_of_code(code)
    assert caught.value.errcode == 42022


def test_someone_outside_the_corporation_is_nobody(peer: Peer, wecom: WeCom):
    assert wecom.user_of_code(peer.code("outsider")) is None


def test_details_are_given_for_a_ticket(peer: Peer, wecom: WeCom):
    userid, ticket = wecom.ticket_of_code(peer.code(MEMBER, "snsapi_privateinfo"))

    assert userid == MEMBER
    assert ticket
    assert {"userid", "gender", "mobile"} <= set(wecom.user_detail(ticket))
    with pytest.raises(WillNeverWork):
        wecom.user_detail("no-such-ticket")


def test_the_whole_corporation_needs_the_secret_of_the_address_book(clients: Clients, wecom: WeCom):
    contacts = clients("demo-contact-secret-not-for-production")

    assert (MEMBER, 2) in list(directory.userids(contacts))
    with pytest.raises(StopTheQueue):
        list(directory.userids(wecom))


def test_a_wrong_secret_stops_the_queue(clients: Clients):
    with pytest.raises(StopTheQueue):
        clients("wrong-secret").send(card())


def test_every_call_of_ours_has_a_recorded_answer():
    folder = Path(cards.__file__).parent
    asked = {path for file in folder.glob("*.py") for path in API_PATH.findall(file.read_text("utf-8"))}

    assert asked == set(RECORDED)


def test_refusals_carry_their_code(wecom: WeCom):
    used = card_updates.greyed(userid=MEMBER, response_code="no-such-code", text="已办结")
    found = {}
    for code, call, argument in (
        (40029, wecom.user_of_code, "wrongcode"),
        (40058, wecom.recall, "no-such-message"),
        (60140, wecom.update_card, used),
    ):
        with pytest.raises(WillNeverWork) as caught:
            call(argument)  # type: ignore[arg-type]
        found[code] = caught.value.errcode
    assert found == {code: code for code in found}


def test_the_directory_is_read(wecom: WeCom):
    departments = directory.departments(wecom)
    assert departments[0] == directory.DepartmentId(1, 0, 1)
    assert "林敏" in [one.name for one in directory.members_of(wecom, 2)]
    assert directory.member(wecom, MEMBER).status == directory.Status.ACTIVE
    with pytest.raises(WillNeverWork) as caught:
        directory.member(wecom, STRANGER)
    assert caught.value.invalid_recipient


def test_menu_workbench_and_signatures_are_set_up(wecom: WeCom):
    figures = [Figure("待办", "3", URL)]
    workbench.set_menu(wecom, 1000002, [{"type": "view", "name": "待办", "url": URL}])
    workbench.show_figures(wecom, 1000002, figures)
    workbench.set_figures(wecom, 1000002, [MEMBER], figures)
    assert jssdk.corp_signature(wecom, URL).signature != jssdk.agent_signature(wecom, URL).signature


@pytest.mark.parametrize("peer", ["stand_in"], indirect=True)
@pytest.mark.parametrize("kind", ["timeout_after", "cut"])
def test_the_same_bytes_again_reach_the_person_once(peer: StandIn, wecom: WeCom, kind: str):
    peer.fails(kind, "message/send", times=1)
    body = card()
    with pytest.raises(OutcomeUnknown):
        wecom.send(body)

    wecom.send(body)

    assert len(peer.chat(MEMBER)) == 1


@pytest.mark.parametrize("peer", ["stand_in"], indirect=True)
def test_what_people_typed_arrives_as_they_typed_it(peer: StandIn, wecom: WeCom):
    wecom.send(cards.text_message(userid=MEMBER, agent_id=1000002, text='模块“A”\\n 100% "ok" 👍'))

    assert peer.chat(MEMBER)[-1]["body"]["content"] == '模块“A”\\n 100% "ok" 👍'
