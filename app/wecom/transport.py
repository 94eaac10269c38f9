"""The line to WeCom: one requests session per thread, no redirects, a limit on the whole call.

requests' `timeout` counts each read anew, so a server that sends a byte a second keeps a
caller for ever; here the socket is told before every read how much of the call is left.
"""

import io
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from time import monotonic
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

_call = threading.local()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Let every read this thread makes in the block end `seconds` from now, all of them together."""
    _call.ends_at = monotonic() + seconds
    try:
        yield
    finally:
        _call.ends_at = None


class _LimitedReads(io.RawIOBase):
    """A socket's incoming bytes; a read never waits past the end of the call."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        ends_at = getattr(_call, "ends_at", None)
        if ends_at is not None:
            left = ends_at - monotonic()
            if left <= 0:
                raise TimeoutError("the call took too long")
            usual = self._sock.gettimeout()
            self._sock.settimeout(left if usual is None else min(usual, left))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
            super().close()


class _Answer(HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        usual, self.fp = self.fp, io.BufferedReader(_LimitedReads(sock))
        usual.close()


class _Connection(HTTPConnection):
    response_class = _Answer


class _TlsConnection(HTTPSConnection):
    response_class = _Answer


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


POOLS = {"http": _Pool, "https": _TlsPool}


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = POOLS
        return manager


def open_session(base: str) -> requests.Session:
    """A keep-alive session for one thread and the host of `base`.

    Proxies and certificates of the environment are looked up here, once;
    requests would do it for every call, at a quarter of the call's cost.
    """
    session = requests.Session()
    found = session.merge_environment_settings(base, {}, None, None, None)
    session.trust_env = False
    session.proxies = dict(found["proxies"])
    session.verify = found["verify"]
    adapter = _Adapter(pool_connections=1, pool_maxsize=1)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session
