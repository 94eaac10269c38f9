"""The stand-in in a test: its API called in-process, or served with a small app to call back."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import WSGIRequestHandler, make_server

from app.simulator.server import create_app
from app.simulator.settings import Settings, read_settings
from app.simulator.world import World

HERE = Path(__file__).parent
AGENT = 1000002
SECRET = "demo-secret-not-for-production"
PATIENCE = 2.0  # seconds for a callback's answer; two workers and a browser share the machine
Heard = tuple[str, dict[str, str], bytes]


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("simulator")
    environ = {"SIMULATOR_DB": str(folder / "own.db"), "CLOCK_OFFSET_FILE": str(folder / "clock-offset")}
    found = read_settings(environ, organisation=str(HERE / "organisation.json"))
    return replace(found, callback_patience=PATIENCE, callback_pauses=(0.02, 0.02, 0.02))


@dataclass
class StandIn:
    """A running stand-in and the short ways to talk to it."""

    app: Flask
    http: FlaskClient
    world: World

    def token(self, secret: str = SECRET) -> str:
        asked = {"corpid": "wwdemo0000000001", "corpsecret": secret}
        return str(self.http.get("/cgi-bin/gettoken", query_string=asked).json["access_token"])

    def call(self, api: str, body: dict[str, Any] | None = None, **args: str) -> dict[str, Any]:
        """One call with a fresh app token, unless the caller brings its own."""
        args = {"access_token": args.pop("token", "") or self.token(), **args}
        if body is None:
            answer = self.http.get(f"/cgi-bin/{api}", query_string=args)
        else:
            answer = self.http.post(f"/cgi-bin/{api}", query_string=args, json=body)
        return dict(answer.json)

    def send(self, touser: str = "WangQiang", **message: Any) -> dict[str, Any]:
        message = message or {"msgtype": "text", "text": {"content": "你好"}}
        return self.call("message/send", {"touser": touser, "agentid": AGENT, **message})

    def card(self, touser: str = "WangQiang", **card: Any) -> dict[str, Any]:
        return self.send(touser, msgtype="template_card", template_card=card)

    def chat(self, userid: str = "WangQiang") -> list[dict[str, Any]]:
        return list(self.http.get("/desk/messages.json", query_string={"userid": userid}).json["messages"])

    def desk(self, lever: str, **asked: Any) -> int:
        return self.http.post(f"/desk/{lever}", json=asked).status_code

    def fresh(self) -> "StandIn":
        self.world.reset()
        self.world.clock.move(0)
        return replace(self, http=self.app.test_client())

    def later(self, seconds: int) -> None:
        assert self.desk("clock", forward=seconds) == 200

    def wait_until_quiet(self) -> None:
        """Until no callback waits for an answer or for its next try."""
        for _ in range(1000):
            told = self.http.get("/desk/callbacks.json").json["callbacks"]
            if all(one["state"] in ("done", "failed") for one in told):
                return
            time.sleep(0.01)


def running(settings: Settings) -> Iterator[StandIn]:
    app = create_app(settings)
    world = app.extensions["simulator"]
    yield StandIn(app, app.test_client(), world)
    world.close()


@pytest.fixture(scope="session")
def _stand_in(settings: Settings) -> Iterator[StandIn]:
    yield from running(settings)


@pytest.fixture
def stand_in(_stand_in: StandIn) -> StandIn:
    """The stand-in as on its first day; one serves all tests, since a reset is quicker than a start."""
    return _stand_in.fresh()


@dataclass
class Listener:
    """A stand-in for the app: remembers what it was sent, answers what it was told to."""

    url: str
    heard: list[Heard] = field(default_factory=list)
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    dawdles: list[float] = field(default_factory=list)
    echo: Callable[[dict[str, str]], bytes] = lambda _: b""
    pages: dict[str, str] = field(default_factory=dict)
    visits: list[str] = field(default_factory=list)

    def forget(self) -> None:
        self.heard.clear()
        self.answers.clear()
        self.dawdles.clear()
        self.pages.clear()
        self.visits.clear()

    def wait_for(self, count: int) -> list[Heard]:
        pause = threading.Event()
        for _ in range(300):
            if len(self.heard) >= count:
                break
            pause.wait(0.01)
        return self.heard


@pytest.fixture(scope="session")
def _listener() -> Iterator[Listener]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            if path not in found.pages:
                self._answer(200, found.echo(self._query()))
                return
            found.visits.append(path)
            self._answer(200, found.pages[path].encode(), content_type="text/html; charset=utf-8")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.heard.append((self.path, self._query(), body))
            seconds = found.dawdles.pop(0) if found.dawdles else 0.0
            self._answer(*(found.answers.pop(0) if found.answers else (200, b"")), seconds)

        def _query(self) -> dict[str, str]:
            return {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}

        def _answer(
            self, status: int, body: bytes, seconds: float = 0.0, content_type: str = "text/plain"
        ) -> None:
            time.sleep(seconds / 2)
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            time.sleep(seconds / 2)
            # Whoever lost patience has hung up.
            with suppress(ConnectionError):
                self.wfile.write(body)

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Listener(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def _connected(settings: Settings, _listener: Listener) -> Iterator[StandIn]:
    database = settings.database.with_name("connected.db")
    yield from running(replace(settings, public_base_url=_listener.url, database=database))


@pytest.fixture
def connected(_connected: StandIn, _listener: Listener) -> Iterator[StandIn]:
    """A stand-in whose app under test is the listener; no call of one test reaches the next."""
    found = _connected.fresh()
    _listener.forget()
    yield found
    found.wait_until_quiet()


@pytest.fixture
def listener(_listener: Listener) -> Listener:
    return _listener


@pytest.fixture
def served(stand_in: StandIn) -> Iterator[str]:
    """The base URL of the stand-in, served over HTTP."""
    yield from _serving(stand_in.app)


@pytest.fixture
def served_connected(connected: StandIn) -> Iterator[str]:
    """The same for the stand-in whose app under test is the listener."""
    yield from _serving(connected.app)


def _serving(app: Flask) -> Iterator[str]:
    class Quiet(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None: ...

    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
