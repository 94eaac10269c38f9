"""WeCom's answers as it sends them, and what was asked."""

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
import responses

READ = {
    "gettoken",
    "auth/getuserinfo",
    "user/get",
    "user/simplelist",
    "department/simplelist",
    "get_jsapi_ticket",
    "ticket/get",
}


class Wire:
    """Answers in the order they were prepared; the last one of a call is repeated."""

    def __init__(self, mock: responses.RequestsMock, base: str) -> None:
        self._mock = mock
        self._base = base

    def answers(self, path: str, answer: dict[str, Any] | str | Exception | int, **more: Any) -> None:
        """Prepare an answer: JSON, raw text, a broken line, or a bare HTTP status."""
        method = "GET" if path in READ else "POST"
        if isinstance(answer, dict):
            more["json"] = {"errcode": 0, "errmsg": "ok"} | answer
        elif isinstance(answer, int):
            more["status"] = answer
        else:
            more["body"] = answer
        self._mock.add(method, self._base + path, **more)

    def hands_out(self, *tokens: str, lifetime: int = 7200) -> None:
        """gettoken answers with these, one after the other."""
        for token in tokens:
            self.answers("gettoken", {"access_token": token, "expires_in": lifetime})

    @property
    def asked(self) -> list[str]:
        """The calls so far, by path."""
        return [urlsplit(str(call.request.url)).path.removeprefix("/cgi-bin/") for call in self._mock.calls]

    def tokens_used(self, path: str) -> list[str]:
        """The token of every call of `path`."""
        return [parse_qs(urlsplit(url).query)["access_token"][0] for url in self._urls(path)]

    def bodies(self, path: str) -> list[bytes]:
        """The request bodies of every call of `path`."""
        return [bytes(request.body or b"") for request in self._requests(path)]

    def payload(self, path: str) -> dict[str, Any]:
        """The JSON of the last call of `path`."""
        found: dict[str, Any] = json.loads(self.bodies(path)[-1])
        return found

    def query(self, path: str) -> dict[str, list[str]]:
        """The parameters of the last call of `path`."""
        return parse_qs(urlsplit(list(self._urls(path))[-1]).query)

    def _urls(self, path: str) -> Iterable[str]:
        return [str(request.url) for request in self._requests(path)]

    def _requests(self, path: str) -> list[requests.PreparedRequest]:
        return [call.request for call in self._mock.calls if f"/cgi-bin/{path}" in str(call.request.url)]
