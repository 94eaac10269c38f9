"""The web process as it is started on a server: what it answers by itself, and to whom it listens."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.settings import ROOT
from tests.databases import Databases

PATIENCE_SECONDS = 60


class Web:
    """gunicorn, told to listen to everybody and not told how it runs."""

    def __init__(self, database_url: str, log: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        given = {"DATABASE_URL": database_url, "WEB_CONCURRENCY": "1"}
        environment = {name: value for name, value in os.environ.items() if name != "MODE"} | given
        command = [sys.executable, "-m", "gunicorn", f"--bind=0.0.0.0:{self.port}", "wsgi:create_app()"]
        self.log = log
        with log.open("wb") as out:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out)

    def ask(self, request: bytes, *, host: str = "127.0.0.1") -> str:
        """The whole answer to these bytes."""
        with socket.create_connection((host, self.port), timeout=PATIENCE_SECONDS) as line:
            line.sendall(request)
            return b"".join(iter(lambda: line.recv(65536), b"")).decode()

    def wait(self) -> None:
        """Until it answers."""
        gives_up_at = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                self.ask(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            except OSError:
                assert self.process.poll() is None, self.log.read_text("utf-8")
                assert time.monotonic() < gives_up_at, self.log.read_text("utf-8")
                time.sleep(0.1)
            else:
                return


@pytest.fixture(scope="module")
def web(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """One for all tests of this file."""
    address = databases.new("sqlite")
    web = Web(address, tmp_path_factory.mktemp("web") / "log")
    web.wait()
    yield web
    web.process.terminate()
    web.process.wait()
    databases.drop(address)


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /" + b"x" * 10_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", "414 "),
        (b"GET / HTTP/1.1\r\nHost: x\r\nBad Header\r\n\r\n", "400 "),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 10_000 + b"\r\n\r\n", "431 "),
        (b"nonsense\r\n\r\n", "400 "),
    ],
)
def test_what_never_reaches_the_pages_is_answered_in_chinese_too(
    web: Web, request_: bytes, status: str
) -> None:
    answer = web.ask(request_)

    assert answer.startswith(f"HTTP/1.1 {status}")
    head, page = answer.split("\r\n\r\n", 1)
    assert f"Content-Length: {len(page.encode())}" in head
    assert "charset=utf-8" in head
    assert "请求没有完成" in page


def test_not_told_how_it_runs_it_says_so_loudly_and_listens_to_this_machine_only(web: Web) -> None:
    with pytest.raises(ConnectionRefusedError):  # an address of this machine that 0.0.0.0 would answer, too
        web.ask(b"GET /healthz HTTP/1.1\r\n\r\n", host="127.0.0.2")
    assert "没有设置 MODE，正在用演示模式和公开的演示密钥运行" in web.log.read_text("utf-8")
