"""消息: the copy in the app of what WeCom told me."""

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from app.notices import queries
from h5.forms import Input
from h5.identity import me
from h5.rights import signed_in

bp = Blueprint("messages", __name__)


@bp.get("/messages")
@signed_in
def messages() -> str:
    """Newest first; what I have not seen yet carries a dot."""
    after = Input(request.args).number_or_none("after")
    return render_template("messages.html", page=queries.messages_page(me(), after=after), later=after)


@bp.get("/messages/unread")
@signed_in
def unread() -> dict[str, int]:
    """How many I have not seen, for the badge that every page fills in by itself."""
    return {"unread": queries.unread_count(me())}


@bp.post("/messages/read")
@signed_in
def read() -> Response | tuple[str, int]:
    """I have seen the list down from this message; sent by the page itself after a moment."""
    queries.mark_read(me(), up_to=Input(request.form).whole_number("up_to"))
    if request.headers.get("HX-Request"):
        return "", 204
    return redirect("/messages")
