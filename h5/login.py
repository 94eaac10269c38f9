"""The way in and out: OAuth inside WeCom, its QR code page outside, a round of its own for every window."""

import logging
from urllib.parse import quote, urlsplit

from flask import Blueprint, current_app, g, redirect, render_template, request
from werkzeug.wrappers import Response

from app.errors import Busy, NotAllowed, Refusal
from app.notices.ledger import opened
from app.people import queries as people
from app.people import rounds
from app.people.models import Asker, Person
from app.settings import Settings
from app.wecom import login as wecom_login
from app.wecom.errors import OutcomeUnknown, StopTheQueue, TryLater, WillNeverWork
from h5 import round_cookies
from h5.frame import identity
from h5.frame.limits import logins, unknown_logins
from h5.frame.rights import open_to_all

bp = Blueprint("login", __name__)
log = logging.getLogger(__name__)

NO_ANSWER = "企业微信暂时没有应答，请稍后重新登录。"
RUN_OUT_AGAIN = "登录没有完成：登录信息已过期，或浏览器没有保存 Cookie。请点“重新登录”再试一次。"


@bp.get("/login")
@open_to_all
@logins
def login() -> Response:
    """Send the browser to WeCom. A link of our messages and menus (`inside`) always asks who is there now.

    `m` is the number of the message whose link this is: once it is known who
    followed it, that message was opened.
    """
    next_path = identity.own_path(request.args.get("next", "/"))
    message_uid = opened.read_uid(request.args.get("m", ""))
    if (elsewhere := _at_public_address()) is not None:
        return redirect(elsewhere)
    asker = identity.asker_or_none()
    if asker is not None and "inside" not in request.args:
        opened.opened(message_uid, by=asker)
        return redirect(next_path)
    return _begin(next_path, message_uid)


@bp.get("/login/callback")
@open_to_all
def callback() -> Response:
    """WeCom says who is there: check the state, swap the code, start a session.

    Asked for twice, it leads to the same page twice. What has run out begins
    anew by itself, once.
    """
    state = request.args.get("state", "")[:128]
    round_ = rounds.find(state)
    if round_ is None:
        return _unknown()
    asker = identity.asker_or_none()
    g.start_over = _start_over(round_, asker)
    if asker is None or asker.id != round_.person_id:
        person = _brought_by(state)
        if person is None:
            return _begin_again(round_)
        identity.sign_in(person)
        opened.opened(round_.message_uid, by=person)
    return round_cookies.drop(redirect(round_.next_path), state)


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


def _begin(next_path: str, message_uid: str, *, again: bool = False) -> Response:
    """A round of its own for this window: the OAuth page inside WeCom, its QR code outside."""
    secret = round_cookies.new_secret()
    state = rounds.begin(secret, next_path=next_path, message_uid=message_uid, again=again)
    settings: Settings = current_app.config["SETTINGS"]
    build, base = (
        (wecom_login.authorize_url, settings.WECOM_OAUTH_BASE)
        if _inside_wecom()
        else (wecom_login.sso_url, settings.WECOM_SSO_BASE)
    )
    address = build(
        base=base,
        corp_id=settings.WECOM_CORP_ID,
        agent_id=settings.WECOM_AGENT_ID,
        redirect_uri=f"{settings.PUBLIC_BASE_URL}/login/callback",
        state=state,
    )
    return round_cookies.give(redirect(address), state, secret)


def _begin_again(gone: rounds.Round) -> Response:
    """What has run out begins anew by itself; the second time in a row a sentence stops the circle."""
    if gone.again:
        raise Refusal(RUN_OUT_AGAIN)
    return _begin(gone.next_path, gone.message_uid, again=True)


def _start_over(round_: rounds.Round, asker: Asker | None) -> str:
    """Where the button of a refusal leads. Whoever is signed in here is asked anew: it may be somebody else's phone by now."""
    number = f"&m={round_.message_uid}" if round_.message_uid else ""
    anew = "&inside=1" if asker is not None else ""
    return f"/login?next={quote(round_.next_path, safe='/')}{number}{anew}"


@unknown_logins
def _unknown() -> Response:
    """A state that we never gave, or days ago. Only such guesses are counted: they concern nobody else."""
    raise Refusal("这次登录已失效，请重新登录。")


def _inside_wecom() -> bool:
    """The user agent says so, WeChat's too, which shows our messages to members who have joined it with WeCom.

    In demo the stand-in's phone counts, which shows us in a frame.
    """
    agent = request.headers.get("User-Agent", "").lower()
    if "wxwork/" in agent or "micromessenger/" in agent:
        return True
    settings: Settings = current_app.config["SETTINGS"]
    return settings.demo and request.headers.get("Sec-Fetch-Dest") == "iframe"


def _brought_by(state: str) -> Person | None:
    """Whom this way back brings; None where the round has run out."""
    arrival = rounds.arrive(state, secret=round_cookies.secret_of(state))
    if arrival is rounds.Arrival.OURS:
        return _ask_wecom(state)
    if arrival is rounds.Arrival.UNDER_WAY:
        raise Busy(NO_ANSWER)
    found = rounds.find(state) if arrival is rounds.Arrival.DONE else None
    return people.person(found.person_id) if found is not None and found.person_id is not None else None


def _ask_wecom(state: str) -> Person | None:
    """Swap the code; whatever comes of it is noted for whoever asks for the same again."""
    try:
        person = _member(request.args.get("code", ""))
    except Busy:
        rounds.give_back(state)
        raise
    except Refusal:
        rounds.fail(state)
        raise
    if person is None:
        rounds.fail(state)
    else:
        rounds.finish(state, person_id=person.id)
    return person


def _member(code: str) -> Person | None:
    """The person behind a login code, if that is someone with business here; None for a code that has run out."""
    try:
        userid = _userid_of(code)
    except WillNeverWork:
        return None
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
        raise Busy(NO_ANSWER) from None
    except StopTheQueue as error:
        log.error("login is impossible: %s", error)
        raise Busy("暂时无法登录：企业微信应用设置有误，请联系管理员。") from None
    return userid
