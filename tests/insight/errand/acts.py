"""What people do with a 跑腿."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app import clock
from app.db import Session, transaction
from app.errors import Conflict, NotFound
from app.locks import held_one, repeatable
from app.notices import about, manners
from app.notices.aftercare import queue as aftercare
from app.notices.aftercare.queue import Press
from app.notices.models import Delivery
from app.notices.presses import Button, Standing
from app.notices.queue import outbox
from app.people.models import Person
from app.work import attachments, history, rules, seen
from app.work.rules import Rule
from app.work.uploads.cleaning import Upload
from tests.insight.errand import clock as by_itself
from tests.insight.errand.models import KIND, Errand
from tests.insight.errand.telling import ADD_FILES, ASK, CALL_OFF, DELIVER, URGE, to_asker, to_runner

RUNNER, ASKER = "跑腿的人", "请人的人"


@dataclass(frozen=True)
class Facts:
    """What its rules need to know."""

    delivered: bool
    called_off: bool


def _over(facts: Facts) -> str | None:
    if facts.called_off:
        return "已经不用送了。"
    return "已经送到了。" if facts.delivered else None


RULES = {
    DELIVER: Rule[Facts]("送到", frozenset({RUNNER}), _over),
    ADD_FILES: Rule[Facts]("附上照片", frozenset({RUNNER}), _over),
    URGE: Rule[Facts]("催办", frozenset({ASKER}), _over),
    CALL_OFF: Rule[Facts]("取消", frozenset({ASKER}), _over),
}


@repeatable
def ask(what: str, *, by: Person, runner: Person, due_at: datetime) -> int:
    """Ask somebody to run; the id."""
    with transaction() as current:
        row = Errand(
            what=what, asker_id=by.id, runner_id=runner.id, department_id=by.department_id, due_at=due_at
        )
        row.next_look_at = by_itself.next_look(row, after=clock.now())
        current.add(row)
        current.flush()
        event = history.record(current, row, ASK, by=by, said=[("内容", what)])
        outbox.announce(current, event, [to_runner(current, row, ASK)])
        return row.id


def add_files(errand_id: int, *, by: Person, files: Sequence[Upload]) -> None:
    """Who runs shows how it stands."""
    with attachments.receive(files, by=by) as received:
        _add_files(errand_id, by, received)


@repeatable
def _add_files(errand_id: int, by: Person, received: Sequence[attachments.Received]) -> None:
    with transaction() as current:
        row = _allowed(current, errand_id, by, ADD_FILES)
        event = history.record(current, row, ADD_FILES, by=by, files=attachments.uids(received))
        attachments.store(current, received, event)


def may_take_back(current: Session, errand_id: int, by: Person) -> Errand:
    """The guard of files: they stay once it is delivered."""
    return _allowed(current, errand_id, by, ADD_FILES)


@repeatable
def urge(errand_id: int, *, by: Person) -> None:
    """Who asked asks again, not too often."""
    with transaction() as current:
        row = _allowed(current, errand_id, by, URGE)
        heard = manners.recently_told([about.of_acts_on(KIND, row.id)], URGE, within=manners.cool_down())
        found = manners.considered([to_runner(current, row, URGE)], heard)
        if not found.going:
            raise Conflict(found.too_soon)
        outbox.announce(current, history.record(current, row, URGE, by=by), found.told)


@repeatable
def call_off(errand_id: int, *, by: Person) -> None:
    """Nobody needs to run any more: the cards go."""
    with transaction() as current:
        row = _allowed(current, errand_id, by, CALL_OFF)
        row.called_off_at, row.next_look_at = clock.now(), None
        event = history.record(current, row, CALL_OFF, by=by)
        aftercare.withdraw(current, about.about(KIND, row.id), words="不用送了。", grey="已取消")
        outbox.announce(current, event, [to_runner(current, row, CALL_OFF, presses=False)])


def _deliver(current: Session, row_id: int, by: Person, _press: Press) -> Standing:
    row = _allowed(current, row_id, by, DELIVER)
    row.delivered_at, row.next_look_at = clock.now(), None
    seen.pressed(current, KIND, [row.id], by=by)
    event = history.record(current, row, DELIVER, by=by, changes=["送到：否→是"])
    outbox.announce(current, event, [to_asker(current, row, DELIVER)])
    return Standing(f"{row.what}：已送到", "已送到")


def _refused(
    _current: Session, _row_id: int, _by: Person, _message: Delivery | None, sentence: str
) -> Standing:
    return Standing(sentence, "已送到")


DELIVERED = Button(DELIVER, "请先选择。", _deliver, _refused, done="已送到", cannot="无法送到")


def _allowed(current: Session, row_id: int, by: Person, act: str) -> Errand:
    """The row, locked, for somebody who may do this to it now."""
    row = held_one(current, Errand, row_id)
    held = {RUNNER: row.runner_id, ASKER: row.asker_id} if row else {}
    parts = frozenset(part for part, person_id in held.items() if person_id == by.id)
    if row is None or not parts:
        raise NotFound("没有这个跑腿。")
    facts = Facts(row.delivered_at is not None, row.called_off_at is not None)
    rules.require(RULES[act], facts, parts, order=[RUNNER, ASKER])
    return row
