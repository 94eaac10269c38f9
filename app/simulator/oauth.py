"""Login pages: OAuth inside WeCom (at once), SSO by scan in a desktop browser."""

import hashlib
import re
import secrets
from urllib.parse import urlencode, urlsplit, urlunsplit

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from app.simulator.api_login import OUTSIDER
from app.simulator.errors import ApiError, meaning
from app.simulator.world import world

bp = Blueprint("oauth", __name__)
STATE = re.compile(r"[a-zA-Z0-9]{0,128}")
MEMBER_COOKIE = "simulator_member"
OPENING_COOKIE = "simulator_opening"
SCOPES = ("snsapi_base", "snsapi_privateinfo")


@bp.get("/open")
def open_page() -> AnyResponse:
    """Note which member opens a link in this browser, then go there, as the client's own browser does."""
    here = world()
    userid, url = request.args.get("member", ""), request.args.get("url", "")
    if not _is_somebody(userid):
        return _page("open_elsewhere.html", 404, url="", problem="没有这位成员。")
    parts = urlsplit(url)
    own = f"{parts.scheme}://{parts.netloc}" == f"http://{request.host}"
    if not own and parts.netloc != here.settings.trusted_domain:
        return _page("open_elsewhere.html", 200, url=url, problem="")
    answer = redirect(url)
    answer.set_cookie(MEMBER_COOKIE, userid, httponly=True, samesite="Lax")
    # Lets the very next authorize pass even outside a frame: a link opened in a tab of its own.
    answer.set_cookie(OPENING_COOKIE, userid, httponly=True, samesite="Lax", max_age=60)
    return answer


@bp.get("/connect/oauth2/authorize")
def authorize() -> AnyResponse:
    try:
        _check_asking()
        if request.args.get("response_type") != "code":
            raise ApiError(40035, "response_type 应为 code")
        if request.args.get("scope") not in SCOPES:
            raise ApiError(40035, "scope 应为 snsapi_base 或 snsapi_privateinfo")
        _check_agent(needed=request.args.get("scope") == "snsapi_privateinfo")
    except ApiError as error:
        return _refused(error)
    userid = _who_is_inside()
    if userid is None:
        return _page("oauth_outside.html", 200)
    answer = _back_to_the_app(userid, request.args["scope"])
    answer.delete_cookie(OPENING_COOKIE)
    return answer


@bp.get("/wwlogin/sso/login")
def sso_login() -> AnyResponse:
    try:
        if request.args.get("login_type") != "CorpApp":
            raise ApiError(40035, "login_type 应为 CorpApp")
        _check_asking()
        _check_agent(needed=True)
    except ApiError as error:
        return _refused(error)
    here = world()
    members = here.organisation.cast_first()
    return _page("sso.html", 200, organisation=here.organisation, members=members, dots=_dots())


@bp.post("/wwlogin/sso/confirm")
def sso_confirm() -> AnyResponse:
    """The scanned phone confirmed: send the browser back with a code."""
    try:
        _check_asking()
        _check_agent(needed=True)
    except ApiError as error:
        return _refused(error)
    userid = request.form.get("userid", "")
    if not _is_somebody(userid):
        return _refused(ApiError(40003))
    return _back_to_the_app(userid, "snsapi_base")


def _check_asking() -> None:
    here = world()
    if request.args.get("appid") != here.settings.corp_id:
        raise ApiError(40013)
    url = request.args.get("redirect_uri", "")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or parts.netloc != here.settings.trusted_domain:
        raise ApiError(50001, f"redirect_uri 是 {url or '空的'}，可信域名是 {here.settings.trusted_domain}")
    if not STATE.fullmatch(request.args.get("state", "")):
        raise ApiError(84025)


def _check_agent(*, needed: bool) -> None:
    agent_id = request.args.get("agentid", "")
    if not agent_id and not needed:
        return
    if agent_id != str(world().settings.agent_id):
        raise ApiError(40056)


def _who_is_inside() -> str | None:
    """The member whose client shows this page: inside a frame, in a browser that says it is WeCom's, right after /open."""
    opening = request.cookies.get(OPENING_COOKIE)
    framed = request.headers.get("Sec-Fetch-Dest", "iframe") == "iframe"
    says_so = "wxwork/" in request.headers.get("User-Agent", "")
    userid = request.cookies.get(MEMBER_COOKIE) if framed or says_so else opening
    return userid if userid and _is_somebody(userid) else None


def _is_somebody(userid: str) -> bool:
    return userid == "outsider" or world().organisation.find(userid) is not None


def _back_to_the_app(userid: str, scope: str) -> AnyResponse:
    here = world()
    member = here.in_corp(userid)
    code = secrets.token_urlsafe(32)
    with here.store.use() as db:
        owner = member.userid if member else f"{OUTSIDER}{userid}"
        db.execute("INSERT INTO code VALUES (?, ?, ?, ?, NULL)", (code, owner, scope, here.clock.now()))
    parts = urlsplit(request.args["redirect_uri"])
    added = urlencode({"code": code, "state": request.args.get("state", "")})
    query = f"{parts.query}&{added}" if parts.query else added
    return redirect(urlunsplit((parts.scheme, parts.netloc, parts.path, query, "")))


def _dots() -> list[tuple[int, int]]:
    """A picture of a QR code: three corners and noise; nothing scans it, a member is picked instead."""
    noise = hashlib.sha512(b"scan me").digest() * 2
    dots = [(x, y) for x in range(25) for y in range(25) if noise[(x * 25 + y) // 8] >> (x * 25 + y) % 8 & 1]
    corners = [(0, 0), (18, 0), (0, 18)]
    kept = [(x, y) for x, y in dots if not any(-1 <= x - a <= 7 and -1 <= y - b <= 7 for a, b in corners)]
    rings = [(a + x, b + y) for a, b in corners for x in range(7) for y in range(7) if _in_corner(x, y)]
    return kept + rings


def _in_corner(x: int, y: int) -> bool:
    return x in (0, 6) or y in (0, 6) or (2 <= x <= 4 and 2 <= y <= 4)


def _refused(error: ApiError) -> Response:
    return _page("oauth_refused.html", 400, code=error.code, meaning=meaning(error.code), detail=error.detail)


def _page(template: str, status: int, **values: object) -> Response:
    return make_response(render_template(template, world=world(), **values), status)
