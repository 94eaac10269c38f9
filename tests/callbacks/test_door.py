"""GET and POST /callbacks/wecom: genuine ones are stored once, nothing else gets in, nothing is a 5xx."""

import io
import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import Client, TestResponse

from app.db import transaction
from callbacks.models import InboxEvent
from tests.told_time import ToldTime
from tests.visitor import Visitor
from tests.wecom.envelope import Sender
from tests.wecom.hostile import HOSTILE, event

Post = Callable[[str], TestResponse]
Stored = Callable[[], list[InboxEvent]]


@pytest.mark.proves("X-C10")
def test_the_echo_comes_back_exactly_and_as_plain_text(client: Visitor, sender: Sender):
    encrypted = sender.sealed("<script>1616140317555161061")
    answer = client.get("/callbacks/wecom", query_string=sender.args(encrypted) | {"echostr": encrypted})

    assert answer.status_code == 200
    assert answer.data == b"<script>1616140317555161061"
    assert answer.mimetype == "text/plain"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("bent", [{"msg_signature": "0"}, {"echostr": "x"}, {"echostr": ""}, {"nonce": "é"}])
def test_a_forged_echo_is_refused(client: Visitor, sender: Sender, bent: dict[str, str]):
    encrypted = sender.sealed("1616")
    query = sender.args(encrypted) | {"echostr": encrypted} | bent
    assert client.get("/callbacks/wecom", query_string=query).status_code == 403


def test_an_event_is_stored_and_answered_with_nothing(
    post: Post, sender: Sender, stored: Stored, told_time: ToldTime
):
    answer = post(sender.click())

    assert (answer.status_code, answer.data) == (200, b"")
    (row,) = stored()
    assert (row.event, row.userid) == ("template_card_event", "WangQiang")
    assert row.content["EventKey"] == "close"
    assert row.next_at == row.received_at == told_time.moment


@pytest.mark.proves("X-C1")
def test_a_repeat_is_answered_the_same_and_stored_once(
    post: Post, sender: Sender, stored: Stored, told_time: ToldTime
):
    click = sender.click()
    answers = []
    for _ in range(3):
        answers.append(post(click).status_code)
        told_time.pass_(seconds=5)
    assert answers == [200, 200, 200]
    assert len(stored()) == 1


def test_twelve_at_once_are_stored_once(app: Flask, sender: Sender, stored: Stored):
    args, body = sender.post(sender.click())
    codes: list[int] = []
    barrier = threading.Barrier(12)

    def send() -> None:
        barrier.wait()
        codes.append(Client(app).post("/callbacks/wecom", query_string=args, data=body).status_code)

    threads = [threading.Thread(target=send) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [200] * 12
    assert len(stored()) == 1


@pytest.mark.proves("X-C2")
def test_two_clicks_of_one_second_are_two(post: Post, sender: Sender, stored: Stored):
    assert [post(sender.click(code=code)).status_code for code in ("r-1", "r-2")] == [200, 200]
    assert len(stored()) == 2


@pytest.mark.parametrize(
    "xml",
    [
        event(Event="never_heard_of"),
        event(Event="click", FromUserName="nobody"),
        event(Event="template_card_event", TaskId="no-such-task", EventKey="close"),
        event(MsgType="text", Event="-", Content="在吗", MsgId="1"),
        event(FromUserName="sys", Event="change_contact", ChangeType="update_user", UserID="a"),
    ],
)
@pytest.mark.proves("X-C8")
def test_what_is_genuine_is_stored_whatever_it_says(post: Post, stored: Stored, xml: str):
    assert post(xml).status_code == 200
    assert len(stored()) == 1


@pytest.mark.proves("R-P6")
def test_hostile_callbacks_change_nothing_and_cost_one_line_each(
    client: Visitor, sender: Sender, stored: Stored, lines: pytest.LogCaptureFixture
):
    answers = {}
    for name, (_, bend) in HOSTILE.items():
        args, body = bend(sender)
        lines.clear()
        answer = client.post("/callbacks/wecom", query_string=args, data=body)
        answers[name] = (answer.status_code, answer.data, len(lines.messages))

    assert answers == {name: (status, b"", 1) for name, (status, _) in HOSTILE.items()}
    assert stored() == []


def test_a_body_without_a_stated_length_is_cut_off_too(client: Visitor, sender: Sender):
    args, _ = sender.post(sender.click())
    body = {"wsgi.input": Endless(), "wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
    answer = client.post("/callbacks/wecom", query_string=args, environ_overrides=body)
    assert answer.status_code == 413


@pytest.mark.proves("X-C9")
def test_without_a_database_wecom_is_asked_to_come_again(post: Post, sender: Sender, app: Flask):
    click = sender.click()
    with transaction() as current:
        current.execute(sa.text("ALTER TABLE inbox_event RENAME TO gone"))

    answer = post(click)

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    with transaction() as current:
        current.execute(sa.text("ALTER TABLE gone RENAME TO inbox_event"))
    assert post(click).status_code == 200


def test_neither_cookie_nor_csrf_token_is_asked_for(post: Post, sender: Sender):
    assert "Set-Cookie" not in post(sender.click()).headers


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_not_served(client: Visitor, method: str):
    assert client.open("/callbacks/wecom", method=method).status_code == 405


class Endless(io.RawIOBase):
    """Sends as much as anybody will read."""

    def readable(self) -> bool:
        """It is for reading."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill the buffer."""
        buffer[:] = b"x" * len(buffer)
        return len(buffer)
