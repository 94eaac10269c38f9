"""Every refusal and every fault becomes one friendly page with the right status and an id.

A form's POST view names the page that shows the form (`refills`): a mistake or a
conflict then answers with that page, what was typed still in it.
"""

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, g, make_response, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import BadRequest, HTTPException, InternalServerError, RequestEntityTooLarge
from werkzeug.wrappers import Response

from app import outage
from app.db import db, session
from app.errors import AsksFirst, BadInput, Busy, Conflict, NotFound, NotSignedIn, Refusal, TooOften
from h5.frame import identity, kept

log = logging.getLogger(__name__)
View = TypeVar("View", bound=Callable[..., Any])

RETRY_SECONDS = {429: 60, 503: outage.SECONDS}
NOTHING_TYPED = "系统繁忙，请稍后再试。"
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
    400: "请求有误，请返回上一页重试；如果是从链接打开的，链接可能不完整。",
    403: "您没有权限进行此操作。",
    404: "没有这个页面，可能链接不完整。请从{lists}重新打开。",
    405: "这个地址不能直接打开，请从页面上的按钮进入。",
    429: TooOften.default,
    413: "提交的内容太大，超过 {most} MB，请删减文字或换小一些的文件后再提交。",
    500: "系统出错了，已记录下来。请稍后再试；如一直如此，请把下面的编号告诉管理员。",
}


def refills(page: Callable[..., Any]) -> Callable[[View], View]:
    """Mark a POST view: what it refuses is shown again on `page`, with what was typed."""

    def mark(view: View) -> View:
        view.refills = page  # type: ignore[attr-defined]
        return view

    return mark


def init_app(app: Flask, *, lists: str) -> None:
    """Answer for everything that goes wrong; `lists` are where those go on who have lost their way."""
    app.extensions["lists"] = lists
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(SQLAlchemyError, _database_failed)
    app.register_error_handler(Exception, _fault)
    app.before_request(_refuse_what_no_column_holds)


def _refuse_what_no_column_holds() -> None:
    """A NUL in an address: PostgreSQL takes it in no text, and nobody types one. Typed texts are cleaned of it."""
    if "\0" in request.path or b"%00" in request.query_string or b"\0" in request.query_string:
        raise BadRequest


def _refused(refusal: Refusal) -> Response:
    _let_go()
    page = getattr(current_app.view_functions.get(request.endpoint or ""), "refills", None)
    if page is not None and isinstance(refusal, BadInput | Conflict | Busy | TooOften):
        return _form_again(page, refusal)
    return _page(refusal.status, str(refusal))


def _let_go() -> None:
    """End what the request has read or written; of a database that is away nothing can be asked for."""
    try:
        session().rollback()
    except SQLAlchemyError:
        db.session.remove()


def _form_again(page: Callable[..., Any], refusal: Refusal) -> Response:
    """The form as it stands now, filled with what was typed; the sentence on top."""
    g.typed = request.form
    mistakes = getattr(refusal, "fields", {})
    g.sentence = BadInput.default if len(mistakes) > 1 else str(refusal)
    g.mistakes = kept.files_not_kept() | mistakes
    if isinstance(refusal, AsksFirst):
        g.questions, g.sentence = refusal.questions, "还没有提交：请看下面的问题，确认后再按一次。"
    g.conflict = isinstance(refusal, Conflict)
    try:
        response = make_response(page(**(request.view_args or {})))
    except NotFound as missing:  # what was typed into a page that is not theirs tells nothing about it (X-S1)
        return _page(missing.status, str(missing))
    except Refusal:
        return _page(refusal.status, str(refusal))
    except SQLAlchemyError as error:
        if not outage.is_outage(error):
            raise
        _let_go()
        return _page(Busy.status, str(refusal if refusal.status == Busy.status else Busy()))
    response.status_code = refusal.status
    return _polite(response)


def _stale_form(_error: CSRFError) -> Response:
    return _page(400, "页面已过期，请刷新后重新提交。您填写的内容已保留。")


def _http_error(error: HTTPException) -> Response:
    if error.response is not None:  # a redirect made by routing
        return error.get_response()
    status = error.code or 500
    sentence = SENTENCES.get(status, "请求没有完成，请返回上一页重试。")
    most = round((request.max_content_length or 0) / 2**20)
    response = _page(status, sentence.format(most=most, lists=current_app.extensions["lists"]))
    if getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(error.valid_methods)  # type: ignore[attr-defined]
    if isinstance(error, RequestEntityTooLarge):
        response.headers["Connection"] = "close"
    return response


def _database_failed(error: SQLAlchemyError) -> Response:
    """Locked, out of connections, restarting, full, away: trying again helps. A missing column is a fault."""
    if not outage.is_outage(error):
        return _fault(error)
    log.warning("database did not answer: %s", outage.reason_of(error))
    if outage.is_full(error):
        return _refused(Busy(outage.NO_ROOM))
    return _refused(Busy() if request.method == "POST" else Busy(NOTHING_TYPED))


def _fault(error: Exception) -> Response:
    log.error("unhandled", exc_info=error)
    return _http_error(InternalServerError())


def _page(status: int, sentence: str) -> Response:
    """The one page for everything. It asks the database for nothing, which may be why it is shown."""
    g.typed = None
    sent = request.method == "POST" and status != 413
    body = render_template(
        "frame/refusal.html",
        status=status,
        title=TITLES.get(status, "没有完成"),
        sentence=sentence,
        kept=kept.words() if sent else [],
        files=kept.file_names() if sent else [],
        again=kept.again() if sent and status in RETRY_SECONDS else None,
        reload=kept.address() if request.method == "GET" and status == Busy.status else None,
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
