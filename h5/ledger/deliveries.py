"""投递: who was told what, what became of it, and 补发 or 忽略 for what did not arrive."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from app import clock
from app.errors import BadInput, NotFound
from app.insight import ledger as work
from app.insight.exports.ledger import export_ledger
from app.notices.aftercare import told
from app.notices.ledger import lines as ledger
from app.notices.ledger import retrying, totals
from app.notices.ledger.lines import UNDELIVERED, Asked, Scopes
from app.notices.models import NOT_ARRIVED, PLAINLY_NOT, Outcome
from app.notices.wordings import kinds
from app.people import queries as people
from app.people.models import Person, Role
from app.tasks.access import NOT_FOUND
from app.tasks.reading import heads
from app.tasks.reading.heads import Pause
from app.tasks.telling import scopes as of_tasks
from h5.exports import key_of, sent
from h5.frame.forms import Input
from h5.frame.identity import me
from h5.frame.limits import exports_limit
from h5.frame.named import NOBODY, person_named
from h5.frame.rights import needs, signed_in
from h5.login import own_path

bp = Blueprint("deliveries", __name__)

A_DAY = timedelta(days=1)
OUTCOMES = [UNDELIVERED, *Outcome]
FIELDS = {"person": "接收人", "outcome": "结果", "since": "从", "until": "至"}


@dataclass(frozen=True)
class Part:
    """A part of the ledger: whose messages, where its page stands, and what the asker may do there."""

    scopes: Scopes
    title: str
    mends: bool
    back: str
    searches: bool = False
    exports: bool = False
    task_id: int | None = None
    of_whom: str = ""
    pause: Pause | None = None
    began: datetime | None = None


@dataclass(frozen=True)
class Address:
    """What the address of the page narrows the part to, and the addresses that lead on from it."""

    path: str
    words: dict[str, str]
    after: int | None

    @property
    def query(self) -> dict[str, str]:
        """The words that were filled in."""
        return {name: value for name, value in self.words.items() if value}

    @property
    def here(self) -> str:
        """The same page again."""
        return self.path + "?" + urlencode(self.query | ({"after": str(self.after)} if self.after else {}))

    @property
    def export_url(self) -> str:
        """The file of all its pages."""
        return f"{self.path}/export?" + urlencode(self.query)

    def after_that(self, last: int) -> str:
        """The page that follows."""
        return self.path + "?" + urlencode(self.query | {"after": str(last)})


@dataclass(frozen=True)
class Asking:
    """What is asked before messages are sent again that may have arrived: one of them, or all that are listed."""

    line: object | None
    doubtful: int
    of_all: bool
    retry_url: str
    narrowed: dict[str, str]
    seen_at: int


@bp.get("/deliveries")
@needs(Role.ADMINISTRATOR)
def everything() -> str:
    """Every message of the house, newest first."""
    return _page(
        Part(ledger.EVERYTHING, title="投递", back="/admin", mends=True, searches=True, exports=True)
    )


# GET, although it is recorded, as every download.
@bp.get("/deliveries/export")
@needs(Role.ADMINISTRATOR)
@exports_limit
def export_everything() -> Response:
    """What the open page shows, all pages of it: the address is that of the page."""
    return _file(ledger.EVERYTHING, title="投递")


@bp.get("/tasks/<int:task_id>/deliveries")
@signed_in
def of_task(task_id: int) -> str:
    """The messages of one task: all of them for who manages it, else one's own."""
    head = heads.head(me(), task_id)
    scopes = of_tasks.of_task_for(me(), task_id, manages=head.manages)
    return _page(
        Part(
            scopes,
            title=f"投递 · {head.type}",
            back=f"/tasks/{task_id}",
            mends=_mends(head.manages),
            exports=_mends(head.manages),
            task_id=task_id,
            pause=head.pause,
            began=head.published_at,
        )
    )


@bp.get("/tasks/<int:task_id>/deliveries/export")
@signed_in
@exports_limit
def export_of_task(task_id: int) -> Response:
    """The messages of one task, for who manages it."""
    head = heads.head(me(), task_id)
    if not _mends(head.manages):
        raise NotFound(NOT_FOUND)
    return _file(of_tasks.of_task(task_id), title=f"投递_任务{task_id}_{head.type}")


@bp.get("/people/<int:person_id>/deliveries")
@signed_in
def of_person(person_id: int) -> str:
    """The messages of one person: for that person and for administrators."""
    person = people.person(person_id)
    if person is None or not (person_id == me().id or me().holds(Role.ADMINISTRATOR)):
        raise NotFound
    scopes = (ledger.MESSAGE.recipient_id == person_id,)
    return _page(
        Part(
            scopes,
            title=f"投递 · {person.name}",
            back=_home_of(person),
            mends=_mends(),
            of_whom=person.userid,
        )
    )


@bp.post("/deliveries/<int:delivery_id>/retry")
@signed_in
def retry(delivery_id: int) -> Response:
    """补发 one message; `sure` answers the second question about one of unknown outcome."""
    retrying.retry(delivery_id, by=me(), within=work.mended_by(me()), sure="sure" in request.form)
    flash("已重新排队，稍后刷新看结果。")
    return _back()


@bp.post("/deliveries/<int:delivery_id>/ignore")
@signed_in
def ignore(delivery_id: int) -> Response:
    """忽略: it no longer counts as 未送达."""
    retrying.ignore(delivery_id, by=me(), within=work.mended_by(me()))
    flash("已忽略，不再计入未送达。")
    return _back()


@bp.post("/tasks/<int:task_id>/deliveries/retry")
@signed_in
def retry_all(task_id: int) -> Response:
    """补发 everything of a task that a repeat can help."""
    if not _mends(heads.head(me(), task_id).manages):
        raise NotFound(NOT_FOUND)
    queued = retrying.retry_all(of_tasks.of_task(task_id), by=me())
    flash(f"已重新排队 {queued} 条，稍后刷新看结果。" if queued else "没有可以直接补发的通知。")
    return _back()


@bp.post("/deliveries/retry-unknown")
@needs(Role.ADMINISTRATOR)
def retry_doubtful() -> Response:
    """补发 everything of the open page that is 结果未知, after a look at it."""
    return _retry_doubtful(ledger.EVERYTHING)


@bp.post("/tasks/<int:task_id>/deliveries/retry-unknown")
@signed_in
def retry_doubtful_of_task(task_id: int) -> Response:
    """The same of one task, for who manages it."""
    if not _mends(heads.head(me(), task_id).manages):
        raise NotFound(NOT_FOUND)
    return _retry_doubtful(of_tasks.of_task(task_id))


def _retry_doubtful(scopes: Scopes) -> Response:
    form = Input(request.form)
    asked, _ = _asked(form)
    queued = retrying.retry_doubtful(scopes, asked, seen_at=_seen_at(form), by=me())
    flash(f"已重新排队 {queued} 条，稍后刷新看结果。" if queued else "没有可以补发的“结果未知”的通知。")
    return _back()


def _seen_at(form: Input) -> datetime:
    """When the list was looked at, as the page wrote it."""
    try:
        return datetime.fromtimestamp(form.number_or_none("seen_at") or 0, UTC)
    except (ValueError, OverflowError, OSError):
        raise BadInput("页面已过期，请刷新后重新提交。") from None


def _mends(manages: bool = False) -> bool:
    return manages or me().holds(Role.ADMINISTRATOR)


def _home_of(person: Person) -> str:
    return "/me" if person.id == me().id else f"/people/{person.id}"


def _back() -> Response:
    return redirect(own_path(request.form.get("back", "/")))


def _file(scopes: Scopes, *, title: str) -> Response:
    form = Input(request.args)
    asked, words = _asked(form)
    narrowed = "，".join(f"{FIELDS[name]} {text}" for name, text in words.items() if text)
    return sent(export_ledger(scopes, asked, title=title, by=me(), narrowed=narrowed, key=key_of(form)))


def _page(part: Part) -> str:
    form = Input(request.args)
    asked, words = _asked(form)
    address = Address(request.path, words, form.number_or_none("after"))
    page = ledger.page(part.scopes, asked, after=address.after)
    is_last = not page.next_after
    return render_template(
        "ledger/deliveries.html",
        part=part,
        address=address,
        page=page,
        named=work.named(page.lines),
        changes=told.changes_of([line.id for line in page.lines]),
        counts={} if part.searches else ledger.counts(part.scopes),
        unreached=ledger.unreached(part.scopes) if part.task_id else [],
        asking=_asking(part, address, asked, page.lines),
        summed=_summed(asked, searches=part.searches) if is_last else None,
        summed_to=totals.last_day(since=asked.since or part.began) if is_last else None,
        outcomes=OUTCOMES,
        name_of=kinds.name_of,
        plain=PLAINLY_NOT,
        not_arrived=NOT_ARRIVED,
        ask_first=retrying.ASK_FIRST,
        ask_first_of_all=retrying.ASK_FIRST_OF_ALL,
    )


def _asking(part: Part, address: Address, asked: Asked, lines: Sequence[Any]) -> Asking:
    asks = Input(request.args).text("ask", longest=20)
    line = next((line for line in lines if str(line.id) == asks), None)
    looks_at_doubtful = part.mends and asked.outcome == Outcome.UNKNOWN
    return Asking(
        line=line if part.mends else None,
        doubtful=retrying.doubtful(part.scopes, asked) if looks_at_doubtful else 0,
        of_all=asks == "all",
        retry_url=(f"/tasks/{part.task_id}" if part.task_id else "") + "/deliveries/retry-unknown",
        narrowed=address.query | ({"person": part.of_whom} if part.of_whom else {}),
        seen_at=math.ceil(clock.now().timestamp()),
    )


def _summed(asked: Asked, *, searches: bool) -> totals.Sums | None:
    """At the end of the search: the numbers of what is not listed any more; they know no recipients."""
    if not searches or asked.person_id is not None:
        return None
    outcomes = NOT_ARRIVED if asked.outcome == UNDELIVERED else [asked.outcome] if asked.outcome else ()
    return totals.sums(
        since=clock.local(asked.since).date() if asked.since else None,
        until=clock.local(asked.until - A_DAY).date() if asked.until else None,
        outcomes=outcomes,
    )


def _asked(form: Input) -> tuple[Asked, dict[str, str]]:
    """What the address narrows the ledger to, and the same as it was typed."""
    words = {name: form.text(name, longest=100) for name in FIELDS}
    if words["outcome"] and words["outcome"] not in OUTCOMES:
        raise BadInput(f"没有“{words['outcome']}”这种结果，请重新选择。")
    found = person_named(words["person"]) if words["person"] else None
    return Asked(
        person_id=found.id if found else (NOBODY if words["person"] else None),
        outcome=words["outcome"],
        since=form.day("since") if words["since"] else None,
        until=form.day("until") + A_DAY if words["until"] else None,
    ), words
