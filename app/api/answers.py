"""What goes wrong, as JSON: the status, one word for programs, one Chinese sentence, and the fields it is about."""

import logging
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, g, jsonify, request
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from app import outage
from app.db import db, session
from app.errors import BadInput, Busy, Refusal

log = logging.getLogger(__name__)

WORDS = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid",
    429: "too_often",
    500: "fault",
    503: "busy",
}
SENTENCES = {
    400: "请求有误，请对照接口说明。",
    404: "没有这个接口地址，请对照接口说明。",
    405: "这个地址不支持这种请求方法。",
    413: "请求内容太大，最多 {megabytes} MB。",
    415: "只接受 Content-Type: application/json。",
    500: "系统出错了，已记录下来。请把 request_id 告诉管理员。",
}
RETRY_SECONDS = {429: 60, 503: outage.SECONDS}
# What pydantic found, in our words; its context fills the braces.
MISTAKES = {
    "missing": "缺少这个字段。",
    "extra_forbidden": "没有这个字段，请去掉。",
    "string_type": "应为文字。",
    "int_type": "应为整数。",
    "int_parsing": "应为整数。",
    "bool_type": "应为 true 或 false。",
    "string_too_long": "最多 {max_length} 个字。",
    "string_too_short": "至少 {min_length} 个字。",
    "too_long": "最多 {max_length} 项。",
    "too_short": "至少 {min_length} 项。",
    "greater_than_equal": "不能小于 {ge}。",
    "less_than_equal": "不能大于 {le}。",
    "enum": "只能是 {expected}。",
    "timezone_aware": "时间要带时区，例如 2026-11-25T18:00:00+08:00。",
    "model_type": "应为对象。",
    "list_type": "应为列表。",
    "tuple_type": "应为列表。",
}


def speak_for(bp: Blueprint) -> None:
    """Answer for everything that goes wrong in the views of `bp`."""
    bp.register_error_handler(Refusal, _refused)
    bp.register_error_handler(HTTPException, http_error)
    bp.register_error_handler(SQLAlchemyError, _database_failed)
    bp.register_error_handler(Exception, _fault)


def invalid(error: ValidationError) -> BadInput:
    """Which fields cannot be used, and why."""
    fields = {}
    for mistake in error.errors():
        sentence = MISTAKES.get(mistake["type"], "写法有误，请对照接口说明。")
        name = ".".join(str(part) for part in mistake["loc"]) or "body"
        fields[name] = sentence.format(**mistake.get("ctx", {}))
    return BadInput("请求中有字段不能用，见 fields。", fields=fields)


def http_error(error: HTTPException) -> Response:
    """What the framework refused."""
    status = error.code or 500
    megabytes = (request.max_content_length or 0) // 1_000_000
    response = _answer(status, SENTENCES.get(status, "请求没有完成。").format(megabytes=megabytes))
    if getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(error.valid_methods)  # type: ignore[attr-defined]
    return response


def _refused(refusal: Refusal) -> Response:
    _let_go()
    return _answer(refusal.status, str(refusal), getattr(refusal, "fields", {}))


def _database_failed(error: SQLAlchemyError) -> Response:
    if not outage.is_outage(error):
        return _fault(error)
    log.warning("database did not answer: %s", outage.reason_of(error))
    return _refused(Busy("系统繁忙，请稍后重试。"))


def _fault(error: Exception) -> Response:
    _let_go()
    log.error("unhandled", exc_info=error)
    return _answer(500, SENTENCES[500])


def _let_go() -> None:
    """End what the call has read or written; a database that is away cannot even be told so."""
    try:
        session().rollback()
    except SQLAlchemyError:
        db.session.remove()


def _answer(status: int, sentence: str, fields: Mapping[str, str] | None = None) -> Response:
    body: dict[str, Any] = {"error": WORDS.get(status, "failed"), "message": sentence}
    if fields:
        body["fields"] = dict(fields)
    response = jsonify(body | {"request_id": g.get("request_id", "")})
    response.status_code = status
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if status in RETRY_SECONDS:
        response.headers["Retry-After"] = str(RETRY_SECONDS[status])
    return response
