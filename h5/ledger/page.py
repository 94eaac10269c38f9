"""The page of a part of the ledger: what it is narrowed to, its lines, and what is asked before a repeat."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import flash, redirect, render_template, request
from werkzeug.wrappers import Response

from app import clock
from app.errors import BadInput
from app.insight import ledger as work
from app.insight.exports.ledger import export_ledger
from app.notices.aftercare import told
from app.notices.ledger import lines as ledger
from app.notices.ledger import retrying, totals
from app.notices.ledger.lines import UNDELIVERED, Asked, Scopes
from app.notices.models import NOT_ARRIVED, PLAINLY_NOT, Outcome
from app.notices.wordings import kinds
from h5.exports import key_of, sent
from h5.frame.forms import Input
from h5.frame.identity import me, own_path
from h5.frame.named import NOBODY, person_named

A_DAY = timedelta(days=1)
OUTCOMES = [UNDELIVERED, *Outcome]
FIELDS = {"person": "接收人", "outcome": "结果", "since": "从", "until": "至"}


@dataclass(frozen=True)
class Part:
    """A part of the ledger: whose messages, where its page stands, and what the asker may do there.

    Below `path` all of it is sent again. `unreached` are people whom nothing reached, each with the outcome;
    `note` stands above the lines. `of_whom` is the account of the one person whose messages they are.
    """

    scopes: Scopes
    title: str
    mends: bool
    back: str
    path: str = "/deliveries"
    searches: bool = False
    exports: bool = False
    of_whom: str = ""
    note: str = ""
    began: datetime | None = None
    unreached: Sequence[tuple[str, str]] = ()


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
class Listed:
    """The lines of the page with what is known of each, and at its end the numbers of what is listed no more."""

    lines: Sequence[Any]
    next_after: int | None
    named: Mapping[int, str]
    changes: Mapping[int, Sequence[Any]]
    counts: Mapping[str, int]
    summed: totals.Sums | None
    summed_to: date | None

    def failed(self, line: Any) -> bool:
        """True where a message reached nobody and nobody has ignored that."""
        return line.outcome in NOT_ARRIVED and line.ignored_at is None

    def may_have_arrived(self, line: Any) -> bool:
        """True where a repeat might be a second copy."""
        return line.outcome not in PLAINLY_NOT

    def waits(self, line: Any) -> bool:
        """True for a message that nobody has tried to send yet."""
        outcome: Outcome = line.outcome
        return outcome == Outcome.PENDING

    def name_of(self, line: Any) -> str:
        """What kind of message it is."""
        return kinds.name_of(line.wording)


@dataclass(frozen=True)
class Asking:
    """What is asked before messages are sent again that may have arrived: one of them, or all that are listed."""

    line: Any
    doubtful: int
    of_all: bool
    narrowed: dict[str, str]
    seen_at: int
    sentence: str = retrying.ASK_FIRST
    sentence_of_all: str = retrying.ASK_FIRST_OF_ALL


def page(part: Part) -> str:
    """The part of the ledger that the asker may see, as its address narrows it."""
    form = Input(request.args)
    asked, words = _asked(form)
    address = Address(request.path, words, form.number_or_none("after"))
    listed = _listed(part, asked, address.after)
    return render_template(
        "ledger/deliveries.html",
        part=part,
        address=address,
        listed=listed,
        asking=_asking(part, address, asked, listed.lines),
        outcomes=OUTCOMES,
    )


def file(scopes: Scopes, *, title: str) -> Response:
    """What the open page shows, all pages of it: the address is that of the page."""
    form = Input(request.args)
    asked, words = _asked(form)
    narrowed = "，".join(f"{FIELDS[name]} {text}" for name, text in words.items() if text)
    return sent(export_ledger(scopes, asked, title=title, by=me(), narrowed=narrowed, key=key_of(form)))


def retry_doubtful(scopes: Scopes) -> Response:
    """补发 everything of the open page that is 结果未知 and was listed there."""
    form = Input(request.form)
    asked, _ = _asked(form)
    queued = retrying.retry_doubtful(scopes, asked, seen_at=_seen_at(form), by=me())
    flash(f"已重新排队 {queued} 条，稍后刷新看结果。" if queued else "没有可以补发的“结果未知”的通知。")
    return back()


def back() -> Response:
    """To the page whose button was pressed."""
    return redirect(own_path(request.form.get("back", "/")))


def _seen_at(form: Input) -> datetime:
    """When the list was looked at, as the page wrote it."""
    try:
        return datetime.fromtimestamp(form.number_or_none("seen_at") or 0, UTC)
    except (ValueError, OverflowError, OSError):
        raise BadInput("页面已过期，请刷新后重新提交。") from None


def _listed(part: Part, asked: Asked, after: int | None) -> Listed:
    found = ledger.page(part.scopes, asked, after=after)
    is_last = not found.next_after
    return Listed(
        found.lines,
        found.next_after,
        named=work.named(found.lines),
        changes=told.changes_of([line.id for line in found.lines]),
        counts={} if part.searches else ledger.counts(part.scopes),
        summed=_summed(asked) if is_last and part.searches else None,
        summed_to=totals.last_day(since=asked.since or part.began) if is_last else None,
    )


def _asking(part: Part, address: Address, asked: Asked, lines: Sequence[Any]) -> Asking:
    asks = Input(request.args).text("ask", longest=20)
    line = next((line for line in lines if str(line.id) == asks), None)
    looks_at_doubtful = part.mends and asked.outcome == Outcome.UNKNOWN
    asks_of_one = part.mends and line is not None and line.outcome == Outcome.UNKNOWN
    return Asking(
        line=line if asks_of_one else None,
        doubtful=retrying.doubtful(part.scopes, asked) if looks_at_doubtful else 0,
        of_all=asks == "all",
        narrowed=address.query | ({"person": part.of_whom} if part.of_whom else {}),
        seen_at=math.ceil(clock.now().timestamp()),
    )


def _summed(asked: Asked) -> totals.Sums | None:
    """At the end of the search: the numbers of what is not listed any more; they know no recipients."""
    if asked.person_id is not None:
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
