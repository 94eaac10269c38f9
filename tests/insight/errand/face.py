"""What 跑腿 show of themselves to the rest of the house."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from app import clock
from app.db import session
from app.errors import NotFound
from app.insight.exports.writing import Column, Exported, export
from app.insight.kinds import Kind, Samples
from app.notices.about import MESSAGE
from app.notices.ledger.lines import Scopes
from app.notices.telling import Telling
from app.people import viewer
from app.people.models import Person, Who
from app.work import attachments
from app.work.faces import Hit, Named, Scan, Subject, Waiting
from tests.insight.errand import acts
from tests.insight.errand.api import READ_ERRANDS
from tests.insight.errand.clock import scan
from tests.insight.errand.models import COLUMNS, KIND, OPEN, Errand
from tests.insight.errand.telling import (
    ADD_FILES,
    ASK,
    CALL_OFF,
    DELIVER,
    LATE,
    REMIND,
    URGE,
    to_runner,
)

PAGE = "/errands/{}".format


def export_all(by: Person) -> Exported:
    """Every errand as a file."""
    rows = session().execute(sa.select(Errand.what, Errand.due_at).order_by(Errand.id)).all()
    return export("跑腿", columns=[Column("内容"), Column("时间")], lines=rows, total=len(rows), by=by)


def waiting(person: Who, limit: int) -> Sequence[Waiting]:
    """What somebody is to run."""
    query = sa.select(Errand).where(Errand.runner_id == person.id, *OPEN).order_by(Errand.due_at).limit(limit)
    return [_waiting(row) for row in session().execute(query).scalars()]


def waits(person: Who) -> int:
    """How many these are."""
    query = sa.select(sa.func.count()).select_from(Errand).where(Errand.runner_id == person.id, *OPEN)
    return session().execute(query).scalar_one()


def mended_by(person: Person) -> Scopes:
    """Who asked looks after the messages."""
    mine = sa.select(Errand.id).where(Errand.asker_id == person.id)
    return (sa.and_(MESSAGE.subject_kind == KIND, MESSAGE.subject_id.in_(mine)),)


def named(lines: Collection[Any]) -> Mapping[int, str]:
    """跑腿 7."""
    return {line.id: f"跑腿 {line.subject_id}" for line in lines if line.subject_kind == KIND}


def search(person: Who, text: str, limit: int) -> Sequence[Hit]:
    """By what is to be brought."""
    found = Errand.what.contains(text, autoescape=True), viewer.visible_to(person, COLUMNS)
    rows = session().execute(sa.select(Errand).where(*found).limit(limit)).scalars()
    return [Hit(KIND, row.id, row.what, "门卫室", _label(row), PAGE(row.id)) for row in rows]


def may_see(person: Person, row_id: int) -> object:
    """The row; NotFound for everyone whom it does not concern."""
    query = sa.select(Errand).where(Errand.id == row_id, viewer.visible_to(person, COLUMNS))
    row = session().execute(query).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


def latest() -> list[tuple[int, str]]:
    """The newest, to try texts on."""
    query = sa.select(Errand.id, Errand.what).order_by(Errand.id.desc()).limit(10)
    return [(row.id, row.what) for row in session().execute(query)]


def told(act: str, row_id: int) -> Iterable[Telling]:
    """What an act would say to who runs."""
    return [to_runner(session(), session().get_one(Errand, row_id), act)]


def _waiting(row: Errand) -> Waiting:
    return Waiting(
        mark=f"errand-{row.id}",
        id=row.id,
        title=row.what,
        where="门卫室",
        due_at=row.due_at,
        due_text="快到了",
        label=_label(row),
        late=row.due_at <= clock.now(),
        page=PAGE(row.id),
    )


def _label(row: Errand) -> str:
    return "已超时" if row.late_at else "待送"


ERRANDS = Kind(
    key=KIND,
    name="跑腿",
    subjects=(
        Subject(
            KIND,
            "跑腿",
            sa.select(Errand.id, Errand.what),
            Errand.id,
            lambda row: Named(row.what, PAGE(row.id)),
            page=PAGE,
            may_see=may_see,
            may_take_back=acts.may_take_back,
        ),
    ),
    acts={
        ASK: "请人跑腿",
        DELIVER: "送到",
        ADD_FILES: "附上照片",
        attachments.TAKE_BACK: "撤回附件",
        URGE: "催跑腿",
        CALL_OFF: "取消跑腿",
        REMIND: "跑腿快到时间",
        LATE: "跑腿超时",
    },
    waiting=waiting,
    waits=waits,
    mended_by=mended_by,
    named=named,
    search=search,
    presses={DELIVER: acts.DELIVERED},
    scans=(Scan("errands", scan),),
    scopes={READ_ERRANDS: "读取跑腿"},
    samples=Samples((ASK, URGE, REMIND, LATE), latest, told),
)
