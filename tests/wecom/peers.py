"""The two ends our client is held against with the same assertions: recorded answers and the stand-in."""

import json
import os
import re
import socket
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

import requests
import responses

ROOT = Path(__file__).resolve().parents[2]
RECORDED_BASE = "https://qyapi.weixin.qq.com/cgi-bin/"
_EVERYTHING = re.compile(re.escape(RECORDED_BASE) + ".*")
OK = {"errcode": 0, "errmsg": "ok"}

# Answers as the documents show them (developer.work.weixin.qq.com/document/path/<number>).
RECORDED: dict[str, dict[str, Any]] = {
    "gettoken": {**OK, "access_token": "accesstoken000001", "expires_in": 7200},  # 91039
    "message/send": {  # 90236
        **OK,
        "invaliduser": "",
        "invalidparty": "",
        "invalidtag": "",
        "unlicenseduser": "",
        "msgid": "xxxx",
        "response_code": "xyzxyz",
    },
    "auth/getuserinfo": {**OK, "userid": "linmin", "user_ticket": "USER_TICKET"},  # 91023
    "auth/getuserdetail": {**OK, "userid": "linmin", "gender": "1", "mobile": "13800000000"},  # 95833
    "message/update_template_card": {**OK, "invaliduser": []},  # 94888
    "message/recall": OK,  # 94867
    "department/simplelist": {  # 95350
        **OK,
        "department_id": [{"id": 1, "parentid": 0, "order": 1}, {"id": 2, "parentid": 1, "order": 1}],
    },
    "user/simplelist": {**OK, "userlist": [{"userid": "linmin", "name": "林敏", "department": [2]}]},  # 90200
    "user/get": {**OK, "userid": "linmin", "name": "林敏", "department": [2], "status": 1},  # 90196
    "user/list_id": {**OK, "dept_user": [{"userid": "linmin", "department": 2}], "next_cursor": ""},  # 96067
    "get_jsapi_ticket": {**OK, "ticket": "bxLdikRXVbTPdHSM05e5u5", "expires_in": 7200},  # 90506
    "ticket/get": {**OK, "ticket": "bxLdikRXVbTPdHSM05e5u6", "expires_in": 7200},  # 90506
    "menu/create": OK,  # 90231
    "agent/set_workbench_template": OK,  # 92535
    "agent/batch_set_workbench_data": OK,  # 92535
}
REFUSALS: dict[tuple[str, str], dict[str, Any]] = {
    ("message/send", "nobody-at-all"): {"errcode": 81013, "errmsg": "user & party & tag all invalid"},
    ("message/send", "sunli"): {  # 90236
        **OK,
        "invaliduser": "",
        "unlicenseduser": "sunli",
        "msgid": "xxxx",
    },
    ("gettoken", "wrong-secret"): {"errcode": 40001, "errmsg": "invalid credential"},
    ("gettoken", "contact-secret"): {**OK, "access_token": "contacttoken000001", "expires_in": 7200},
    ("user/list_id", "accesstoken000001"): {"errcode": 48002, "errmsg": "api forbidden"},
    ("auth/getuserinfo", "code-of-outsider"): {**OK, "openid": "OPENID"},  # 91023
    ("auth/getuserdetail", "no-such-ticket"): {"errcode": 84015, "errmsg": "invalid user_ticket"},
    ("auth/getuserinfo", "wrongcode"): {"errcode": 40029, "errmsg": "invalid code"},
    ("user/get", "nobody-at-all"): {"errcode": 60111, "errmsg": "userid not found"},
    ("message/recall", "no-such-message"): {"errcode": 40058, "errmsg": "invalid Request Parameter"},
    ("message/update_template_card", "no-such-code"): {"errcode": 60140, "errmsg": "invalid response_code"},
    ("message/send", '"agentid":7'): {"errcode": 301002, "errmsg": "not allow operate another agent"},
}


class Peer(Protocol):
    """Whoever answers."""

    base: str

    def fails(self, kind: str, api: str, *, times: int | None = None) -> None:
        """Let the next calls of `api` go wrong; None: all of them."""

    def code(self, userid: str, scope: str = "snsapi_base") -> str:
        """A login code as the client's own browser brings it."""

    def marks(self, userid: str, state: str) -> None:
        """Let a member be in this state, such as unlicensed."""


class Recorded:
    """Answers from the documents, through `responses`."""

    base = RECORDED_BASE

    def __init__(self, mock: responses.RequestsMock) -> None:
        self._wrong: dict[str, list[str]] = defaultdict(list)
        self._codes: set[str] = set()
        for method in ("GET", "POST"):
            mock.add_callback(method, url=_EVERYTHING, callback=self._answer)

    def fails(self, kind: str, api: str, *, times: int | None = None) -> None:
        self._wrong[api] += [kind] * (times or 100)

    def code(self, userid: str, scope: str = "snsapi_base") -> str:
        return f"code-of-{userid}"

    def marks(self, userid: str, state: str) -> None:
        """Nothing to do: who is in which state stands in REFUSALS."""

    def _answer(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        api = urlsplit(str(request.url)).path.removeprefix("/cgi-bin/")
        if self._wrong[api]:
            return _broken(self._wrong[api].pop())
        asked = f"{request.url} {(request.body or b'')!r}"
        if api == "auth/getuserinfo" and self._used(str(request.url)):
            return 200, {}, json.dumps({"errcode": 42022, "errmsg": "code been used"})
        for (refused, word), answer in REFUSALS.items():
            if refused == api and word in asked:
                return 200, {}, json.dumps(answer)
        return 200, {}, json.dumps(RECORDED[api])

    def _used(self, url: str) -> bool:
        """Whether the code of this call came before; WeCom takes each once."""
        code = parse_qs(urlsplit(url).query)["code"][0]
        before = code in self._codes
        self._codes.add(code)
        return before


class StandIn:
    """The stand-in, as a program of its own."""

    def __init__(self, port: int) -> None:
        self.home = f"http://127.0.0.1:{port}"
        self.base = f"{self.home}/cgi-bin/"

    def fails(self, kind: str, api: str, *, times: int | None = None) -> None:
        self.desk("fault", kind=kind, api=api, remaining=times)

    def code(self, userid: str, scope: str = "snsapi_base") -> str:
        asked = {
            "appid": "wwdemo0000000001",
            "agentid": "1000002",
            "redirect_uri": "http://127.0.0.1:8000/login/callback",
            "response_type": "code",
            "scope": scope,
        }
        answer = requests.get(
            f"{self.home}/connect/oauth2/authorize",
            params=asked,
            cookies={"simulator_member": userid},
            headers={"Sec-Fetch-Dest": "iframe"},
            allow_redirects=False,
            timeout=10,
        )
        return parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]

    def marks(self, userid: str, state: str) -> None:
        self.desk("member", userid=userid, state=state)

    def desk(self, lever: str, **asked: Any) -> None:
        """Pull a lever of the director's desk."""
        requests.post(f"{self.home}/desk/{lever}", json=asked, timeout=10).raise_for_status()

    def chat(self, userid: str) -> list[dict[str, Any]]:
        """What a member sees."""
        answer = requests.get(f"{self.home}/desk/messages.json", params={"userid": userid}, timeout=10)
        return list(answer.json()["messages"])

    def errors(self) -> list[int]:
        """The error codes of every call it refused."""
        answer = requests.get(f"{self.home}/desk/calls.json", params={"failed": "1"}, timeout=10)
        return [call["errcode"] for call in answer.json()["calls"]]


@contextmanager
def running_stand_in(folder: Path) -> Iterator[StandIn]:
    """`python -m app.simulator` on a free port, with its state under `folder`."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    places = {"SIMULATOR_DB": str(folder / "simulator.db"), "CLOCK_OFFSET_FILE": str(folder / "clock")}
    process = subprocess.Popen(
        [sys.executable, "-m", "app.simulator"],
        cwd=ROOT,
        env=os.environ | places | {"SIMULATOR_PORT": str(port)},
    )
    try:
        _wait_for(port, process)
        yield StandIn(port)
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = monotonic() + 30
    while monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            sleep(0.1)
        else:
            return
    raise AssertionError("the stand-in did not start")


def _broken(kind: str) -> tuple[int, dict[str, str], str]:
    troubles = {
        "timeout_before": requests.ReadTimeout(),
        "timeout_after": requests.ReadTimeout(),
        "reset": requests.ConnectionError("reset"),
    }
    if kind in troubles:
        raise troubles[kind]
    if kind == "502":
        return 502, {}, "<html>502 Bad Gateway</html>"
    if kind == "cut":
        return 200, {}, '{"errcode":0,"errmsg":"o'
    return 200, {}, json.dumps({"errcode": int(kind), "errmsg": "from ip: 203.0.113.9"})
