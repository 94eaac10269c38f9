"""An application behind a port of its own, for browsers and whoever else asks over HTTP."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server


class _Impatient(WSGIRequestHandler):
    timeout = 5  # seconds: a browser may open a line and say nothing


@contextmanager
def served(app: Flask, port: int = 0) -> Iterator[int]:
    """Requests to this port are answered; at the end every page that was asked for is finished.

    Otherwise a page that is still being made when its window is closed would
    go on in a thread that nobody knows, while its database is thrown away.
    """
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Impatient)
    server.daemon_threads = False  # type: ignore[attr-defined]  # so that closing waits for them
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
