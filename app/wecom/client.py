"""Calls to WeCom: one method per call, one fresh token and one repeat, errors in our own tree.

Wraps wechatpy's client, which encodes, joins and decodes; what it lacks is added here: time
limits, a shared token, an end to its retries, and no secrets in error texts.
"""

import hashlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import requests
from sqlalchemy.engine import Engine
from urllib3.exceptions import MaxRetryError, NewConnectionError
from wechatpy.enterprise import WeChatClient
from wechatpy.exceptions import WeChatClientException

from app.wecom import answers, errors, transport
from app.wecom.errors import OutcomeUnknown, StopTheQueue, TryLater, WeComError
from app.wecom.tokens import TokenStore

Params = Mapping[str, str | int]
LONGEST_MSGID = 128
LONGEST_SECRET = 600  # of a token, ticket or response_code
LONGEST_USERID = 64


class Calls(Protocol):
    """What directory, workbench and jssdk need of a client."""

    def get(self, path: str, params: Params) -> dict[str, Any]:
        """Read something."""

    def post(self, path: str, payload: dict[str, Any], params: Params | None = None) -> dict[str, Any]:
        """Change something."""


@dataclass(frozen=True, slots=True)
class Sent:
    """WeCom took the message. The sets hold lower-cased userids that will not get it."""

    msgid: str
    response_code: str
    invalid: frozenset[str]
    unlicensed: frozenset[str]


class WeCom:
    """One app of one corporation. Safe to share between threads; each thread keeps its own line.

    `timeout` is (connect, read) in seconds; their sum limits a whole exchange. A call with a
    token refresh and a repeat takes at most about four times that.
    """

    def __init__(
        self,
        *,
        corp_id: str,
        agent_id: int,
        secret: str,
        api_base: str,
        engine: Engine,
        timeout: tuple[float, float] = (3, 8),
    ) -> None:
        self.corp_id = corp_id
        self.agent_id = agent_id
        self.tokens = TokenStore(engine)
        self._secret = secret
        self._api_base = api_base
        self._timeout = timeout
        self._lines = threading.local()
        # A changed secret must not meet the old secret's token, nor its hold after a refusal.
        self._token_name = f"token:{corp_id}:{agent_id}:{_mark(secret)}"

    def send(self, body: bytes) -> Sent:
        """POST the frozen `body` to message/send exactly as it is."""
        answer = self._call("post", "message/send", data=body)
        return Sent(
            msgid=answers.text(answer.get("msgid"), longest=LONGEST_MSGID),
            response_code=answers.text(answer.get("response_code"), longest=LONGEST_SECRET),
            invalid=answers.userids(answer.get("invaliduser")),
            unlicensed=answers.userids(answer.get("unlicenseduser")),
        )

    def update_card(self, payload: dict[str, Any]) -> None:
        """Change a sent card; uses up the payload's response_code, perhaps even when it fails."""
        self._call("post", "message/update_template_card", data={"agentid": self.agent_id, **payload})

    def recall(self, msgid: str) -> None:
        """Take a message back, within 24 hours of sending."""
        self._call("post", "message/recall", data={"msgid": msgid})

    def user_of_code(self, code: str) -> str | None:
        """The userid behind a login code (once, 5 minutes); None for someone outside the corporation."""
        return self.ticket_of_code(code)[0]

    def ticket_of_code(self, code: str) -> tuple[str | None, str | None]:
        """(userid, user_ticket) behind a code of scope snsapi_privateinfo."""
        answer = self._call("get", "auth/getuserinfo", params={"code": code})
        userid = answers.text(answer.get("userid"), longest=LONGEST_USERID)
        ticket = answers.text(answer.get("user_ticket"), longest=LONGEST_SECRET)
        return userid or None, ticket or None

    def user_detail(self, ticket: str) -> dict[str, Any]:
        """What the member agreed to show: gender, avatar, mobile, email, …"""
        return self._call("post", "auth/getuserdetail", data={"user_ticket": ticket})

    def ticket(self, kind: str, path: str, params: Params) -> str:
        """A JS-SDK ticket, kept like the token: WeCom hands out only 100 an hour."""

        def fetch() -> tuple[str, object]:
            answer = self._call("get", path, params=params)
            ticket = answers.text(answer.get("ticket"), longest=LONGEST_SECRET)
            if not ticket:
                raise TryLater(None, "企业微信没有返回 JS-SDK 票据")
            return ticket, answer.get("expires_in")

        name = f"ticket:{kind}:{self.corp_id}:{self.agent_id}"
        return self.tokens.get(name, fetch).value

    def get(self, path: str, params: Params) -> dict[str, Any]:
        """Any other reading call; the answer with errcode 0."""
        return self._call("get", path, params=params)

    def post(self, path: str, payload: dict[str, Any], params: Params | None = None) -> dict[str, Any]:
        """Any other writing call; the answer with errcode 0."""
        return self._call("post", path, data=payload, params=params)

    def _call(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        data: bytes | dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        token = self.tokens.get(self._token_name, self._fetch_token)
        try:
            return self._exchange(method, path, {**(params or {}), "access_token": token.value}, data)
        except WeComError as error:
            if error.errcode not in errors.TOKEN:
                raise
        token = self.tokens.renew(self._token_name, token, self._fetch_token)
        return self._exchange(method, path, {**(params or {}), "access_token": token.value}, data)

    def _fetch_token(self) -> tuple[str, object]:
        # Pairs instead of a dict keep wechatpy from adding a token to the call that fetches it.
        pairs = [("corpid", self.corp_id), ("corpsecret", self._secret)]
        try:
            answer = self._exchange("get", "gettoken", pairs, None)
        except OutcomeUnknown as error:
            raise TryLater(error.errcode, error.text) from None
        token = answers.text(answer.get("access_token"), longest=LONGEST_SECRET)
        if not token:
            raise TryLater(None, "企业微信没有返回凭证")
        return token, answer.get("expires_in")

    def _exchange(
        self, method: str, path: str, params: Any, data: bytes | dict[str, Any] | None
    ) -> dict[str, Any]:
        """One HTTP exchange; returns the answer only if it is a dict with errcode 0."""
        client = self._client()
        try:
            with transport.within(sum(self._timeout)):
                answer = getattr(client, method)(path, params=params, data=data, allow_redirects=False)
        except WeChatClientException as error:
            raise self._refused(error, params) from None
        except requests.RequestException as error:
            raise _broken_line(error) from None
        except (ValueError, TypeError, ArithmeticError, RecursionError):  # JSON, but not WeCom's
            raise OutcomeUnknown(None, "企业微信的应答无法识别") from None
        if isinstance(answer, requests.Response) and answer.status_code != 200:
            raise errors.from_status(answer.status_code)
        if not isinstance(answer, dict) or answer.get("errcode") != 0:
            raise OutcomeUnknown(None, "企业微信的应答无法识别")
        return answer

    def _client(self) -> WeChatClient:
        client = getattr(self._lines, "client", None)
        if client is None:
            client = WeChatClient(self.corp_id, self._secret, timeout=self._timeout, auto_retry=False)
            client.API_BASE_URL = self._api_base
            client._http = transport.open_session(self._api_base)
            self._lines.client = client
        return client

    def _refused(self, error: WeChatClientException, params: Any) -> WeComError:
        if error.errcode is None:
            return errors.from_status(error.response.status_code)
        # Not response.json(), which is stricter than what wechatpy has just read it with.
        answer = answers.decoded(error.response.content)
        return errors.from_answer(answer, secrets=[self._secret, *_tokens_in(params)])


def _tokens_in(params: Any) -> list[str]:
    return [params["access_token"]] if isinstance(params, dict) else []


def _broken_line(error: requests.RequestException) -> WeComError:
    """Its class name only: the texts of requests hold the URL, token and secret included."""
    name = type(error).__name__
    if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.InvalidSchema):
        return StopTheQueue(None, f"WECOM_API_BASE 无法使用（{name}）")
    never_sent = (requests.ConnectTimeout, requests.exceptions.SSLError, requests.exceptions.ProxyError)
    if isinstance(error, never_sent) or _never_connected(error):
        return TryLater(None, f"无法连接企业微信（{name}）")
    return OutcomeUnknown(None, f"没有读到企业微信的应答（{name}）")


def _never_connected(error: requests.RequestException) -> bool:
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)


def _mark(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()[:8]
