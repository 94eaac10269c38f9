"""Time-outs, resets and secrets: what the line does to a call, on real sockets where it matters."""

import socket
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic, sleep

import pytest
import requests
from flask import Flask
from urllib3.exceptions import MaxRetryError, NewConnectionError

from app.db import db
from app.wecom.client import WeCom
from app.wecom.errors import OutcomeUnknown, TryLater, WeComError
from tests.wecom.wire import Wire

REFUSED = requests.ConnectionError(MaxRetryError(None, "/", NewConnectionError(None, "refused")))  # type: ignore[arg-type]
SECRET = "demo-secret-not-for-production"


@pytest.mark.parametrize(
    ("trouble", "expected"),
    [
        (REFUSED, TryLater),
        (requests.ConnectTimeout("…"), TryLater),
        (requests.exceptions.SSLError("…"), TryLater),
        (requests.exceptions.ProxyError("…"), TryLater),
        (requests.ReadTimeout("…"), OutcomeUnknown),
        (requests.ConnectionError("reset"), OutcomeUnknown),
        (requests.exceptions.ChunkedEncodingError("…"), OutcomeUnknown),
    ],
)
@pytest.mark.proves("X-B1")
def test_what_was_never_sent_is_told_from_what_may_have_arrived(
    wecom: WeCom, wire: Wire, trouble: Exception, expected: type[Exception]
):
    wire.hands_out("T1")
    wire.answers("message/send", trouble)

    with pytest.raises(expected):
        wecom.send(b"{}")


def test_no_error_shows_the_secret_or_the_token(wecom: WeCom, wire: Wire):
    url = f"https://x/cgi-bin/gettoken?corpid=ww&corpsecret={SECRET}"
    wire.answers("gettoken", requests.ReadTimeout(url))
    assert SECRET not in _whole_trace(lambda: wecom.send(b"{}"))


def test_a_token_repeated_by_wecom_is_masked(wecom: WeCom, wire: Wire):
    wire.hands_out("TOKEN-VALUE-1")
    wire.answers("message/send", {"errcode": 40058, "errmsg": "bad TOKEN-VALUE-1, access_token=abc&x=1"})
    trace = _whole_trace(lambda: wecom.send(b"{}"))
    assert "TOKEN-VALUE-1" not in trace
    assert "abc" not in trace


def test_the_address_that_is_not_trusted_can_be_read(wecom: WeCom, wire: Wire):
    wire.hands_out("T1")
    wire.answers(
        "message/send", {"errcode": 60020, "errmsg": "not allow to access from your ip: 203.0.113.9"}
    )
    with pytest.raises(WeComError, match=r"企业可信 IP.*203\.0\.113\.9"):
        wecom.send(b"{}")


def test_an_answer_that_trickles_in_is_cut_off_at_the_limit(core: Flask):
    def trickle(line: socket.socket) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        _drip(line)

    with _server(trickle) as base, pytest.raises(TryLater):
        _timed(_client(base), limit=1.5)


def test_headers_that_trickle_in_are_cut_off_too(core: Flask):
    def trickle(line: socket.socket) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        _drip(line)

    with _server(trickle) as base, pytest.raises(TryLater):
        _timed(_client(base), limit=1.5)


def test_nobody_listening_means_not_sent(core: Flask):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(TryLater, match="无法连接"):
        _client(f"http://127.0.0.1:{port}/").send(b"{}")


def _client(base: str) -> WeCom:
    return WeCom(corp_id="ww1", agent_id=1, secret="s", api_base=base, engine=db.engine, timeout=(0.3, 0.4))


def _timed(client: WeCom, *, limit: float) -> None:
    started = monotonic()
    try:
        client.send(b"{}")
    finally:
        assert monotonic() - started < limit


def _drip(line: socket.socket) -> None:
    """One byte at a time, each within the read time-out."""
    try:
        for _ in range(40):
            line.sendall(b"x")
            sleep(0.1)
    except OSError:  # the client has hung up, as it should
        return


@contextmanager
def _server(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server for one connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            line, _ = listener.accept()
            with line:
                line.recv(65536)
                answer(line)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        thread.join()


def _whole_trace(call: Callable[[], object]) -> str:
    try:
        call()
    except WeComError:
        return traceback.format_exc()
    raise AssertionError("no error")
