"""WeCom's token and message calls over HTTP, for tests that need other processes or a real line."""

import json
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from types import TracebackType
from typing import Any, Self


class WeComServer:
    """Takes every message after `delay` seconds; remembers the bodies and how often a token was fetched."""

    def __init__(self, *, delay: float = 0.0) -> None:
        self.delay = delay
        self.bodies: list[bytes] = []
        self.tokens = 0
        self._lock = Lock()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    @property
    def api_base(self) -> str:
        """For WECOM_API_BASE."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/cgi-bin/"

    @property
    def repeats(self) -> int:
        """How many calls brought a body that had been brought before."""
        return sum(count - 1 for count in Counter(self.bodies).values())

    def answer(self, path: str, body: bytes) -> dict[str, Any]:
        """WeCom's answer to a call."""
        if path.startswith("/cgi-bin/gettoken"):
            with self._lock:
                self.tokens += 1
            return {"errcode": 0, "errmsg": "ok", "access_token": f"token{self.tokens}", "expires_in": 7200}
        time.sleep(self.delay)
        with self._lock:
            self.bodies.append(body)
            number = len(self.bodies)
        return {"errcode": 0, "errmsg": "ok", "msgid": f"msg{number}", "response_code": f"code{number}"}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128  # senders connect all at once; with the usual 5 some would wait for seconds

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A sender that was killed in the middle of a call is what the tests are about."""


def _handler(office: WeComServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # one packet per answer
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            body = self.rfile.read(length)
            if len(body) == length:  # else the sender was killed while it was talking
                self._answer(body)

        def _answer(self, body: bytes) -> None:
            answer = json.dumps(office.answer(self.path, body)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *args: Any) -> None:
            """Quiet: request lines hold the token."""

    return Handler
