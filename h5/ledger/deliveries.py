"""投递: who was told what, what became of it, and 补发 or 忽略 for what did not arrive."""

from flask import Blueprint, flash, request
from werkzeug.wrappers import Response

from app.errors import NotFound
from app.insight import ledger as work
from app.notices.about import held_by
from app.notices.ledger import lines as ledger
from app.notices.ledger import retrying
from app.people import queries as people
from app.people.models import Person, Role
from h5.frame.identity import me
from h5.frame.limits import exports_limit
from h5.frame.rights import administrators, signed_in
from h5.ledger import page as pages
from h5.ledger.page import Part

bp = Blueprint("deliveries", __name__)


@bp.get("/deliveries")
@administrators
def everything() -> str:
    """Every message of the house, newest first."""
    return pages.page(
        Part(ledger.EVERYTHING, title="投递", back="/admin", mends=True, searches=True, exports=True)
    )


# GET, although it is recorded, as every download.
@bp.get("/deliveries/export")
@administrators
@exports_limit
def export_everything() -> Response:
    """What the open page shows, all pages of it: the address is that of the page."""
    return pages.file(ledger.EVERYTHING, title="投递")


@bp.get("/people/<int:person_id>/deliveries")
@signed_in
def of_person(person_id: int) -> str:
    """The messages of one person: for that person and for administrators."""
    person = people.person(person_id)
    administers = me().holds(Role.ADMINISTRATOR)
    if person is None or not (person_id == me().id or administers):
        raise NotFound
    return pages.page(
        Part(
            (held_by(person_id),),
            title=f"投递 · {person.name}",
            back=_home_of(person),
            mends=administers,
            of_whom=person.userid,
        )
    )


@bp.post("/deliveries/<int:delivery_id>/retry")
@signed_in
def retry(delivery_id: int) -> Response:
    """补发 one message; `sure` answers the second question about one of unknown outcome."""
    retrying.retry(delivery_id, by=me(), within=work.mended_by(me()), sure="sure" in request.form)
    flash("已重新排队，稍后刷新看结果。")
    return pages.back()


@bp.post("/deliveries/<int:delivery_id>/ignore")
@signed_in
def ignore(delivery_id: int) -> Response:
    """忽略: it no longer counts as 未送达."""
    retrying.ignore(delivery_id, by=me(), within=work.mended_by(me()))
    flash("已忽略，不再计入未送达。")
    return pages.back()


@bp.post("/deliveries/retry-unknown")
@administrators
def retry_doubtful() -> Response:
    """补发 everything of the open page that is 结果未知, after a look at it."""
    return pages.retry_doubtful(ledger.EVERYTHING)


def _home_of(person: Person) -> str:
    return "/me" if person.id == me().id else f"/people/{person.id}"
