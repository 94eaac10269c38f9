"""The one door of the API: faults, token, permission, then the handler; every call is written down."""

import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from werkzeug.wrappers import Response
from werkzeug.wsgi import get_input_stream

from app.simulator import faults
from app.simulator.errors import ApiError, wire_text
from app.simulator.world import World

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PREFIX = "/cgi-bin/"
LARGEST_BODY = 32 * 1024 * 1024
LONGEST_KEPT = 20_000
DEBUG_PER_MINUTE = 5
HIDDEN = ("corpsecret", "access_token")


@dataclass
class Call:
    """What a handler gets: who calls, with what, and when."""

    world: World
    at: float
    method: str
    args: Mapping[str, str]
    raw: bytes
    environ: "WSGIEnvironment"
    kind: str = ""
    notes: list[str] = field(default_factory=list)
    _body: dict[str, Any] | None = None

    def arg(self, name: str, *, missing: int = 40063) -> str:
        """A query parameter that must be there."""
        value = self.args.get(name, "")
        if not value:
            raise ApiError(missing, f"{name} missing")
        return value

    @property
    def body(self) -> dict[str, Any]:
        """The request's JSON object, whatever its Content-Type says."""
        if self._body is None:
            try:
                parsed = json.loads(self.raw or b"{}")
            except ValueError:
                raise ApiError(40058, "Warning: wrong json format.") from None
            if not isinstance(parsed, dict):
                raise ApiError(40058, "Warning: wrong json format.")
            self._body = parsed
        return self._body

    @property
    def address(self) -> str:
        return str(self.environ.get("REMOTE_ADDR", ""))

    @property
    def content_type(self) -> str:
        return str(self.environ.get("CONTENT_TYPE", ""))

    def count(self, name: str) -> None:
        """Take this call from the basic rations of the call and of the address (D 90312)."""
        switches, take = self.world.switches, self.world.rationed.take
        if self.args.get("debug") == "1":
            take(f"debug:{name}", self.at, most=DEBUG_PER_MINUTE, period=60)
        for key, most in ((name, "api"), (f"ip:{self.address}", "ip")):
            take(key, self.at, most=switches[f"{most}_per_minute"], period=60)
            take(key, self.at, most=switches[f"{most}_per_hour"], period=3600)

    def note(self, text: str) -> None:
        """Advice for whoever reads the desk; not sent to the caller."""
        self.notes.append(text)


Handler = Callable[[Call], dict[str, Any] | Response]


@dataclass(frozen=True)
class Api:
    """One documented call: its method, and which secret's token may use it ('' needs none)."""

    name: str
    handler: Handler
    method: str
    kinds: tuple[str, ...]
    counted: bool = True
    on_fault: Callable[[Call], None] | None = None


APIS: dict[str, Api] = {}


def api(
    name: str,
    *,
    method: str = "GET",
    kinds: tuple[str, ...] = ("app",),
    counted: bool = True,
    on_fault: Callable[[Call], None] | None = None,
) -> Callable[[Handler], Handler]:
    """Register a handler under /cgi-bin/; `on_fault` does what even a busy system (-1) has done already."""

    def register(handler: Handler) -> Handler:
        APIS[name] = Api(name, handler, method, kinds, counted, on_fault)
        return handler

    return register


def front(here: World, pages: "WSGIApplication") -> "WSGIApplication":
    """The API before the pages: calls skip Flask, which would take as long as the call itself."""

    def serve(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if not path.startswith(PREFIX):
            return pages(environ, start)
        return _enter(here, path.removeprefix(PREFIX), environ)(environ, start)

    return serve


def _enter(here: World, name: str, environ: "WSGIEnvironment") -> Response:
    started = time.perf_counter()
    call = Call(
        here,
        here.clock.now(),
        environ["REQUEST_METHOD"],
        dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)),
        get_input_stream(environ, max_content_length=LARGEST_BODY).read(),
        environ,
    )
    if delay := here.switches["delay_ms"]:
        time.sleep(delay / 1000)
    fault = here.faults.strike(name)
    verdict = _answer(name, call, fault)
    _write_down(call, name, verdict, time.perf_counter() - started, fault)
    if fault == "timeout_after":
        here.faults.be_silent()
    return verdict[0]


def _answer(name: str, call: Call, fault: str | None) -> tuple[Response, int | None]:
    early = _before(call, fault)
    if early is not None:
        return early
    entry = APIS.get(name)
    if entry is None:
        return Response("404 page not found", status=404), None
    answer: dict[str, Any] | Response
    try:
        if fault is not None and fault.lstrip("-").isdigit() and fault != "502":
            if fault == "-1" and entry.on_fault:
                entry.on_fault(call)
            raise ApiError(int(fault), "asked for at the desk")
        _admit(entry, call)
        answer = entry.handler(call)
    except ApiError as error:
        answer = {"errcode": error.code, "errmsg": _explain(call, error), **error.also}
    if isinstance(answer, Response):
        return answer, 0
    whole: dict[str, Any] = {"errcode": 0, "errmsg": "ok", **answer}
    text = json.dumps(whole, ensure_ascii=False)
    if fault == "cut":
        text = text[: len(text) // 2]
    return Response(text, content_type="application/json; charset=UTF-8"), whole["errcode"]


def _before(call: Call, fault: str | None) -> tuple[Response, int | None] | None:
    if fault == "timeout_before":
        call.world.faults.be_silent()
        return Response(status=504), None
    if fault == "reset":
        faults.reset_connection(call.environ)
        return Response(status=502), None
    if fault == "502":
        return Response("<html><h1>502 Bad Gateway</h1></html>", status=502, content_type="text/html"), None
    return None


def _admit(entry: Api, call: Call) -> None:
    if entry.method not in (call.method, "ANY"):
        raise ApiError(40058, f"{entry.name} wants {entry.method}")
    if not entry.kinds:
        return
    call.kind = _token_kind(call)
    allowed = [one.strip() for one in call.world.switches["trusted_ips"].split(",") if one.strip()]
    if allowed and call.address not in allowed:
        raise ApiError(60020)
    if entry.counted:
        call.count(entry.name)
    if call.kind not in entry.kinds:
        raise ApiError(48002 if call.kind == "contact" else 48009, f"{entry.name} is not open to this secret")


def _token_kind(call: Call) -> str:
    token = call.args.get("access_token", "")
    if not token:
        raise ApiError(41001)
    found = call.world.tokens.get(token)
    if found is None:
        raise ApiError(40014)
    kind, expires_at = found
    if expires_at <= call.at:
        raise ApiError(42001)
    return kind


def _explain(call: Call, error: ApiError) -> str:
    return f"{wire_text(error.code, error.detail)}, from ip: {call.address}"


def _write_down(
    call: Call, name: str, verdict: tuple[Response, int | None], took: float, fault: str | None
) -> None:
    response, code = verdict
    notes = [f"故障：{faults.KINDS.get(fault, fault)}"] if fault else []
    call.world.calls.add(
        (
            call.at,
            call.method,
            name,
            json.dumps({key: _masked(key, value) for key, value in call.args.items()}, ensure_ascii=False),
            _readable(call.raw),
            response.status_code,
            code,
            "" if name == "gettoken" and code == 0 else _readable(response.get_data()),
            took,
            "\n".join(notes + call.notes),
        )
    )


def _masked(key: str, value: str) -> str:
    return f"…{value[-4:]}" if key in HIDDEN else value


def _readable(raw: bytes) -> str:
    if b"\x00" in raw[:2000]:
        return f"（{len(raw)} 字节二进制）"
    return raw[:LONGEST_KEPT].decode(errors="replace")
