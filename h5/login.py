"""The way in and out: OAuth inside WeCom, its QR code page outside, one round trip each."""

import logging
import re
import secrets
from urllib.parse import quote, urlsplit

from flask import Blueprint, current_app, g, redirect, render_template, request, session
from werkzeug.wrappers import Response

from app.errors import Busy, NotAllowed, Refusal
from app.notices import openings
from app.people import queries as people
from app.people import sessions
from app.people.models import Person
from app.settings import Settings
from app.wecom import login as wecom_login
from app.wecom.errors import OutcomeUnknown, StopTheQueue, TryLater, WillNeverWork
from h5 import identity
from h5.limits import failed_logins, logins
from h5.rights import open_to_all

bp = Blueprint("login", __name__)
log = logging.getLogger(__name__)

OWN_PATH = re.compile(r"/(?![/\\])[^\x00-\x20\\\x7f]*")
LONGEST_NEXT = 2000


def own_path(wanted: str) -> str:
    """`wanted` where it is a path of ours, else the first page (X-S4)."""
    safe = len(wanted) <= LONGEST_NEXT and OWN_PATH.fullmatch(wanted)
    if not safe or wanted.split("?")[0].startswith(("/login", "/logout")):
        return "/"
    return wanted


@bp.get("/login")
@open_to_all
@logins
def login() -> Response:
    """Send the browser to WeCom. A link from inside WeCom always asks who is there now.

    `m` is the number of the message whose link this is: once it is known who
    followed it, that message was opened.
    """
    next_path = own_path(request.args.get("next", "/"))
    message_uid = openings.read_uid(request.args.get("m", ""))
    if (elsewhere := _at_public_address()) is not None:
        return redirect(elsewhere)
    inside = _inside_wecom()
    asker = identity.asker_or_none()
    if asker is not None and "inside" not in request.args:
        openings.opened(message_uid, by=asker)
        return redirect(next_path)
    session.setdefault("browser", secrets.token_urlsafe(24))
    state = sessions.begin_attempt(session["browser"], next_path=next_path, message_uid=message_uid)
    settings: Settings = current_app.config["SETTINGS"]
    build, base = (
        (wecom_login.authorize_url, settings.WECOM_OAUTH_BASE)
        if inside
        else (wecom_login.sso_url, settings.WECOM_SSO_BASE)
    )
    address = build(
        base=base,
        corp_id=settings.WECOM_CORP_ID,
        agent_id=settings.WECOM_AGENT_ID,
        redirect_uri=f"{settings.PUBLIC_BASE_URL}/login/callback",
        state=state,
    )
    return redirect(address)


@bp.get("/login/callback")
@open_to_all
@failed_logins
def callback() -> Response:
    """WeCom says who is there: check the state, swap the code, start a session."""
    wanted = sessions.finish_attempt(request.args.get("state", "")[:128], browser=session.get("browser", ""))
    if wanted is None:
        raise Refusal("这次登录已失效或已用过，请重新登录。")
    number = f"&m={wanted.message_uid}" if wanted.message_uid else ""
    g.start_over = f"/login?next={quote(wanted.next_path, safe='/')}{number}"
    person = _member(request.args.get("code", ""))
    identity.sign_in(person)
    openings.opened(wanted.message_uid, by=person)
    return redirect(wanted.next_path)


@bp.post("/logout")
@open_to_all
def logout() -> Response:
    """End the session of this browser."""
    identity.sign_out()
    return redirect("/logout")


@bp.get("/logout")
@open_to_all
def logged_out() -> str:
    """What is left to see after signing out."""
    return render_template("logged_out.html")


def _at_public_address() -> str | None:
    """The same page under the address people use; cookies of another name for us would lose the state.

    `here=1` stops the circle where a proxy hides the name it was asked for.
    """
    public: str = current_app.config["PUBLIC_BASE_URL"]
    if request.host == urlsplit(public).netloc or "here" in request.args:
        return None
    query = request.query_string.decode("ascii", "ignore")
    return f"{public}/login?{query}{'&' if query else ''}here=1"


def _inside_wecom() -> bool:
    """By WeCom's own sign, by our links in its chats and menus, or framed by the stand-in's phone."""
    return (
        "wxwork/" in request.headers.get("User-Agent", "").lower()
        or "inside" in request.args
        or request.headers.get("Sec-Fetch-Dest") == "iframe"
    )


def _member(code: str) -> Person:
    """The person behind a login code, if that is someone with business here."""
    userid = _userid_of(code)
    person = people.by_userid(userid) if userid else None
    if userid is None:
        raise NotAllowed("您不是本企业的成员，无法使用服务任务。如有疑问请联系企业微信管理员。")
    if person is None or person.left_at is not None:
        raise NotAllowed("服务任务里还没有您的信息，请联系管理员把您加入人员名单后再打开。")
    if not person.roles:
        raise NotAllowed(f"{person.name}，您还没有被分配角色，请联系管理员分配后再打开。")
    return person


def _userid_of(code: str) -> str | None:
    if not 0 < len(code) <= 512:
        raise Refusal("企业微信没有返回登录信息，请重新登录。")
    try:
        userid: str | None = current_app.extensions["wecom"].user_of_code(code)
    except (TryLater, OutcomeUnknown):
        raise Busy("企业微信暂时没有应答，请稍后重新登录。") from None
    except WillNeverWork:
        raise Refusal("这次登录已失效或已用过，请重新登录。") from None
    except StopTheQueue as error:
        log.error("login is impossible: %s", error)
        raise Busy("暂时无法登录：企业微信应用设置有误，请联系管理员。") from None
    return userid
