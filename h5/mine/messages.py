"""消息: the copy in the app of what WeCom told me."""

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from app.notices.ledger import inbox, totals
from app.notices.models import NOT_ARRIVED
from app.notices.wordings import kinds
from h5.frame.forms import Input
from h5.frame.identity import asker
from h5.frame.rights import signed_in

bp = Blueprint("messages", __name__)


@bp.get("/messages")
@signed_in
def messages() -> str:
    """Newest first, of one kind or of all; what I have not seen yet carries a mark."""
    after, act = Input(request.args).number_or_none("after"), _act(request.args)
    told = inbox.acts_told(asker())
    return render_template(
        "mine/messages.html",
        page=inbox.messages_page(asker(), act=act, after=after),
        later=after,
        act=act,
        acts=[(act, kind.name, told[act]) for act, kind in kinds.acts().items() if act in told],
        unread=sum(told.values()),
        not_arrived=NOT_ARRIVED,
        summed_to=totals.last_day(),
    )


@bp.get("/messages/unread")
@signed_in
def unread() -> dict[str, int]:
    """How many I have not seen, for the badge that every page fills in by itself."""
    return {"unread": inbox.unread_count(asker())}


@bp.post("/messages/read")
@signed_in
def read() -> Response | tuple[str, int]:
    """I have seen the list down from this message; sent by the page itself after a moment."""
    act = _act(request.form)
    inbox.mark_read(asker(), up_to=Input(request.form).whole_number("up_to"), act=act)
    if request.headers.get("HX-Request"):
        return "", 204
    return redirect("/messages" + (f"?act={act}" if act else ""))


def _act(values: Mapping[str, str]) -> str:
    return values.get("act", "") if values.get("act") in kinds.acts() else ""
