"""How an endpoint is declared: who may call it, what goes in and out; the views and the document read the same."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Blueprint, g, request
from limits import parse
from limits.strategies import FixedWindowRateLimiter
from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import UnsupportedMediaType
from werkzeug.wrappers import Response

from app.api import answers
from app.errors import BadInput, NotAllowed, NotSignedIn, TooOften
from app.insight import kinds
from app.work import api_tokens
from app.work.models import ApiToken
from app.work.rates import DatabaseStorage

BASE = "/api/v1"
CALLS = parse("120 per minute")  # of one token (X-S14)
FAILURES = parse("30 per minute")  # of one address that shows no token or a wrong one

View = Callable[..., BaseModel | tuple[BaseModel, int]]


@dataclass(frozen=True)
class Endpoint:
    """One line of the contract; `statuses` are those of success.

    `scope` is one of those that the kind of work offers, see `insight.kinds`.
    """

    method: str
    path: str
    scope: str
    summary: str
    answer: type[BaseModel]
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    statuses: tuple[int, ...] = (200,)
    may_conflict: bool = False
    largest_body: int | None = None  # bytes, where it may be larger than usual


ENDPOINTS: list[Endpoint] = []


def endpoint(bp: Blueprint, declared: Endpoint) -> Callable[[View], View]:
    """Serve `declared` with a view that gets `query` or `body` already checked."""

    def serve(view: View) -> View:
        @wraps(view)
        def checked(**path: int) -> Response:
            _admit(declared.scope)
            given = _given(declared)
            found = view(**path, **given)
            model, status = found if isinstance(found, tuple) else (found, declared.statuses[0])
            return Response(model.model_dump_json(), status, mimetype="application/json")

        checked.right = "bearer_token"  # type: ignore[attr-defined]
        if declared.largest_body:
            checked.largest_body = declared.largest_body  # type: ignore[attr-defined]
        ENDPOINTS.append(declared)
        bp.add_url_rule(declared.path, view_func=checked, methods=[declared.method])
        return view

    return serve


def token() -> ApiToken:
    """The token of this call."""
    shown: ApiToken = g.api_token
    return shown


def _admit(scope: str) -> None:
    """Only live tokens, only what they were made for, and not too often."""
    kind, _, shown = request.headers.get("Authorization", "").partition(" ")
    found = api_tokens.find(shown.strip()) if kind.lower() == "bearer" else None
    if found is None:
        _count(FAILURES, f"api address {request.remote_addr}")
        raise NotSignedIn("请求头 Authorization: Bearer 中没有有效的令牌，请向管理员索取。")
    _count(CALLS, f"api token {found.id}")
    if not api_tokens.holds(found, scope):
        raise NotAllowed(f"这个令牌没有“{kinds.scopes()[scope]}”的权限，请联系管理员。")
    g.api_token = found


def _count(limit: Any, key: str) -> None:
    try:
        within = FixedWindowRateLimiter(DatabaseStorage("database://")).hit(limit, key)
    except SQLAlchemyError:  # only a brake: where the database is too busy to count, the call goes on
        return
    if not within:
        raise TooOften("调用过于频繁，请按 Retry-After 稍后再试。")


def _given(declared: Endpoint) -> dict[str, BaseModel]:
    """The query or the body, refused where it is not what was declared."""
    try:
        if declared.body is not None:
            return {"body": _body(declared.body)}
        if declared.query is not None:
            return {"query": declared.query.model_validate(_query())}
    except ValidationError as error:
        raise answers.invalid(error) from None
    return {}


def _query() -> dict[str, str]:
    twice = [name for name, values in request.args.lists() if len(values) > 1]
    if twice:
        raise BadInput(fields=dict.fromkeys(twice, "写了不止一次。"))
    return request.args.to_dict()


def _body(model: type[BaseModel]) -> BaseModel:
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    return model.model_validate_json(request.get_data(), strict=True)
