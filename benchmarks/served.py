"""An application behind gunicorn's simplest worker, and a client that asks it again and again."""

import multiprocessing
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

PATIENCE = 30.0


@contextmanager
def served(factory: Callable[[], Flask]) -> Iterator[int]:
    """The port on which one sync worker of its own serves the application."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    # A fork, so that the factory may be any function; it opens its database in the child.
    process = multiprocessing.get_context("fork").Process(target=lambda: _OneWorker(factory, port).run())
    process.start()
    try:
        _wait(port)
        yield port
    finally:
        process.terminate()
        process.join()


def request(path: str, *, method: str = "GET", headers: str = "", body: bytes = b"") -> bytes:
    """The bytes of one request, on a connection of its own; `headers` are whole lines."""
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    return (
        f"{method} {path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n{length}{headers}\r\n".encode()
        + body
    )


def asked(port: int, requests: Iterable[bytes], *, status: bytes = b"200") -> float:
    """The median seconds of one request; every answer is looked at."""
    seconds = []
    for wanted in requests:
        start = time.perf_counter()
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(wanted)
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        seconds.append(time.perf_counter() - start)
        assert answer.split(b" ", 2)[1] == status, answer[:300]
    return median(seconds)


class _OneWorker(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    def __init__(self, factory: Callable[[], Flask], port: int) -> None:
        self.factory, self.port = factory, port
        super().__init__()

    def load_config(self) -> None:
        settings: dict[str, Any] = {
            "bind": f"127.0.0.1:{self.port}",
            "workers": 1,
            "worker_class": "sync",
            "loglevel": "error",
            "control_socket_disable": True,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self.factory()


def _wait(port: int) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
                connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
                if connection.recv(1):  # the worker has loaded the application
                    return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"nothing answers on port {port}")
