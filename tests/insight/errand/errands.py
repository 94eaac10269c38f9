"""The kind itself: one table, two acts, a button on a card, and its face."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app import clock
from app.db import Session, Utc, session, transaction
from app.errors import NotFound
from app.insight.exports.writing import Column, Exported, export
from app.insight.kinds import Kind
from app.locks import held_one, repeatable
from app.notices.aftercare.queue import Press
from app.notices.ledger.lines import MESSAGE, Scopes
from app.notices.models import Delivery
from app.notices.presses import Button, Standing
from app.notices.queue import outbox
from app.notices.telling import Letter, Recipient, Telling
from app.people.models import Person, Who
from app.work import history, rules
from app.work.faces import Hit, Named, Subject, Waiting
from app.work.rules import Rule

ASK, DELIVER = "errand.ask", "errand.deliver"


class Apart(DeclarativeBase):
    """A base of its own: the migrations of the product know nothing of it."""


class Errand(Apart):
    """One 跑腿."""

    __tablename__ = "errand"

    id: Mapped[int] = mapped_column(primary_key=True)
    what: Mapped[str]
    asker_id: Mapped[int]
    runner_id: Mapped[int]
    due_at: Mapped[datetime] = mapped_column(Utc)
    delivered_at: Mapped[datetime | None] = mapped_column(Utc)


@dataclass(frozen=True)
class Facts:
    """What its rule needs to know."""

    delivered: bool


RULES = {
    DELIVER: Rule[Facts](
        "送到", frozenset({"跑腿的人"}), lambda facts: "已经送到了。" if facts.delivered else None
    )
}


@repeatable
def ask(what: str, *, by: Person, runner: Person, due_at: datetime) -> int:
    """Ask somebody to run; the id."""
    with transaction() as current:
        row = Errand(what=what, asker_id=by.id, runner_id=runner.id, due_at=due_at)
        current.add(row)
        current.flush()
        event = history.record(current, row, ASK, by=by, said=[("内容", what)])
        letter = Letter(
            "errand.ask.runner", what, presses=(("送到", DELIVER),), about="errand", noun="个跑腿"
        )
        outbox.announce(current, event, [_telling(letter, runner, row)])
        return row.id


def _deliver(current: Session, row_id: int, by: Person, press: Press) -> Standing:
    row = held_one(current, Errand, row_id)
    if row is None or row.runner_id != by.id:
        raise NotFound("没有这个跑腿。")
    rules.require(
        RULES[DELIVER], Facts(row.delivered_at is not None), frozenset({"跑腿的人"}), order=["跑腿的人"]
    )
    row.delivered_at = clock.now()
    event = history.record(current, row, DELIVER, by=by, changes=["送到：否→是"])
    asker = current.get_one(Person, row.asker_id)
    outbox.announce(
        current, event, [_telling(Letter("errand.deliver.asker", row.what, in_app=True), asker, row)]
    )
    return Standing(f"{row.what}：已送到", "已送到")


def _refused(current: Session, row_id: int, by: Person, message: Delivery | None, sentence: str) -> Standing:
    return Standing(sentence, "已送到")


def _telling(letter: Letter, to: Person, row: Errand) -> Telling:
    who = Recipient(to.id, to.userid, to.name)
    return Telling(letter, who, {"errand": row.what}, points=(), link=f"/errands/{row.id}", about_id=row.id)


def export_all(by: Person) -> Exported:
    """Every errand as a file."""
    rows = session().execute(sa.select(Errand.what, Errand.due_at).order_by(Errand.id)).all()
    return export("跑腿", columns=[Column("内容"), Column("时间")], lines=rows, total=len(rows), by=by)


def _open(person: Who) -> tuple[sa.ColumnElement[bool], ...]:
    return Errand.runner_id == person.id, Errand.delivered_at.is_(None)


def _waiting(person: Who, limit: int) -> Sequence[Waiting]:
    query = sa.select(Errand).where(*_open(person)).order_by(Errand.due_at).limit(limit)
    return [
        Waiting(
            f"errand-{row.id}",
            row.id,
            row.what,
            "门卫室",
            row.due_at,
            "快到了",
            "待送",
            False,
            f"/errands/{row.id}",
        )
        for row in session().execute(query).scalars()
    ]


def _waits(person: Who) -> int:
    return (
        session().execute(sa.select(sa.func.count()).select_from(Errand).where(*_open(person))).scalar_one()
    )


def _mended_by(person: Person) -> Scopes:
    mine = sa.select(Errand.id).where(Errand.asker_id == person.id)
    return (sa.and_(MESSAGE.subject_kind == "errand", MESSAGE.subject_id.in_(mine)),)


def _named(lines: Collection[Any]) -> Mapping[int, str]:
    return {line.id: f"跑腿 {line.subject_id}" for line in lines if line.subject_kind == "errand"}


def _search(person: Who, text: str, limit: int) -> Sequence[Hit]:
    theirs = sa.or_(Errand.runner_id == person.id, Errand.asker_id == person.id)
    query = sa.select(Errand).where(theirs, Errand.what.contains(text, autoescape=True)).limit(limit)
    return [
        Hit("errand", row.id, row.what, "门卫室", "待送", f"/errands/{row.id}")
        for row in session().execute(query).scalars()
    ]


def _may_see(person: Person, row_id: int) -> object:
    row = session().get(Errand, row_id)
    if row is None or person.id not in (row.asker_id, row.runner_id):
        raise NotFound
    return row


ERRANDS = Kind(
    key="errand",
    name="跑腿",
    subjects=(
        Subject(
            "errand",
            "跑腿",
            sa.select(Errand.id, Errand.what),
            Errand.id,
            lambda row: Named(row.what, f"/errands/{row.id}"),
            may_see=_may_see,
        ),
    ),
    acts={ASK: "请人跑腿", DELIVER: "送到"},
    waiting=_waiting,
    waits=_waits,
    mended_by=_mended_by,
    named=_named,
    search=_search,
    presses={DELIVER: Button(DELIVER, "请先选择。", _deliver, _refused, done="已送到", cannot="无法送到")},
)
