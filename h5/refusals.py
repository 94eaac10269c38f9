"""Every refusal and every fault becomes one friendly page with the right status and an id.

A form's POST view names the page that shows the form (`refills`): a mistake or a
conflict then answers with that page, what was typed still in it.
"""

import logging
import re
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, g, make_response, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, InternalServerError, RequestEntityTooLarge
from werkzeug.wrappers import Response

from app.db import session
from app.errors import BadInput, Busy, Conflict, NotSignedIn, Refusal, TooOften
from h5 import identity
from h5.forms import what_was_typed

log = logging.getLogger(__name__)
View = TypeVar("View", bound=Callable[..., Any])

SQLITE_BUSY = re.compile("locked|busy|disk|unable to open|readonly")
RETRY_SECONDS = {429: 60, 503: 5}
TITLES = {
    400: "请求有误",
    401: "需要重新登录",
    403: "没有权限",
    404: "没有找到",
    405: "不能这样打开",
    409: "内容已被更新",
    413: "内容太大",
    422: "有内容需要修改",
    429: "操作过于频繁",
    500: "系统出错了",
    503: "系统繁忙",
}
SENTENCES = {
    400: "请求有误，请返回上一页重试。",
    403: "您没有权限进行此操作。",
    404: "没有这个页面，可能链接不完整。请从待办或任务列表重新打开。",
    405: "这个地址不能直接打开，请从页面上的按钮进入。",
    429: TooOften.default,
    413: "提交的内容太大，请删减文字或换小一些的文件后再提交。",
    500: "系统出错了，已记录下来。请稍后再试；如一直如此，请把下面的编号告诉管理员。",
}


def refills(page: Callable[..., Any]) -> Callable[[View], View]:
    """Mark a POST view: what it refuses is shown again on `page`, with what was typed."""

    def mark(view: View) -> View:
        view.refills = page  # type: ignore[attr-defined]
        return view

    return mark


def init_app(app: Flask) -> None:
    """Answer for everything that goes wrong."""
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http_error)
    for busy in (OperationalError, PoolTimeout):
        app.register_error_handler(busy, _database_busy)
    app.register_error_handler(Exception, _fault)


def _refused(refusal: Refusal) -> Response:
    session().rollback()
    page = getattr(current_app.view_functions.get(request.endpoint or ""), "refills", None)
    if page is not None and isinstance(refusal, BadInput | Conflict | Busy | TooOften):
        return _form_again(page, refusal)
    return _page(refusal.status, str(refusal))


def _form_again(page: Callable[..., Any], refusal: Refusal) -> Response:
    """The form as it stands now, filled with what was typed; the sentence on top."""
    g.typed = request.form
    g.mistakes = getattr(refusal, "fields", {})
    g.sentence = BadInput.default if len(g.mistakes) > 1 else str(refusal)
    g.conflict = isinstance(refusal, Conflict)
    try:
        response = make_response(page(**(request.view_args or {})))
    except (Refusal, DBAPIError):  # the row is gone, or the database still does not answer
        return _page(refusal.status, str(refusal))
    response.status_code = refusal.status
    return _polite(response)


def _stale_form(_error: CSRFError) -> Response:
    return _page(400, "页面已过期，请刷新后重新提交。您填写的内容已保留。")


def _http_error(error: HTTPException) -> Response:
    if error.response is not None:  # a redirect made by routing
        return error.get_response()
    status = error.code or 500
    response = _page(status, SENTENCES.get(status, "请求没有完成，请返回上一页重试。"))
    if getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(error.valid_methods)  # type: ignore[attr-defined]
    if isinstance(error, RequestEntityTooLarge):
        response.headers["Connection"] = "close"
    return response


def _database_busy(error: OperationalError | PoolTimeout) -> Response:
    """Locked, out of connections, restarting, full: trying again helps. A missing column is a fault."""
    text = str(getattr(error, "orig", error))
    if "sqlite" in type(getattr(error, "orig", None)).__module__ and not SQLITE_BUSY.search(text):
        return _fault(error)
    log.warning("database did not answer: %s", text)  # without the parameters: they are people's words
    return _refused(Busy("存储空间不足，请联系管理员。") if "disk" in text else Busy())


def _fault(error: Exception) -> Response:
    log.error("unhandled", exc_info=error)
    return _http_error(InternalServerError())


def _page(status: int, sentence: str) -> Response:
    """The one page for everything; JSON where a script asked for data."""
    g.typed = None
    body = render_template(
        "refusal.html",
        status=status,
        title=TITLES.get(status, "没有完成"),
        sentence=sentence,
        kept=what_was_typed() if request.method == "POST" and status != 413 else [],
        start_over=_where_to_start_over(status),
    )
    response = make_response(body, status)
    if status == NotSignedIn.status and request.headers.get("HX-Request"):
        response.headers["HX-Redirect"] = identity.login_path(_form_page())
    return _polite(response)


def _polite(response: Response) -> Response:
    if response.status_code in RETRY_SECONDS:
        response.headers["Retry-After"] = str(RETRY_SECONDS[response.status_code])
    return response


def _where_to_start_over(status: int) -> str | None:
    if status == NotSignedIn.status:
        return identity.login_path(_form_page())
    return g.get("start_over") or ("/login" if (request.endpoint or "").startswith("login.") else None)


def _form_page() -> str:
    """The page that shows the form of this POST, so that the browser can put its draft back."""
    views = current_app.view_functions
    page = getattr(views.get(request.endpoint or ""), "refills", None)
    endpoint = next((name for name, view in views.items() if page is not None and view is page), None)
    return url_for(endpoint, **(request.view_args or {})) if endpoint else "/"
