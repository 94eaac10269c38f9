"""The morning after: what was held goes out as it is true then, one message per person."""

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import sqlalchemy as sa
from flask import current_app

from app import clock
from app.db import Session, changed_rows, session, transaction
from app.locks import held, repeatable
from app.notices import pacing
from app.notices.models import HELD, Delivery, Outcome
from app.notices.queue import outbox
from app.notices.telling import REMINDERS, Letter, Listed, Recipient, Telling, in_words
from app.notices.wordings import kinds
from app.people.models import Person
from app.work.models import HistoryEvent

CHUNK = 200  # people per transaction: bounds how long the write lock is held
OVERTAKEN = "到发送时已不是这样（已办结、转派、打回或撤销），不再提醒"
SAID_BY_THE_NEXT = "之后又有同一件事的提醒，只发最后一条"

Said = Mapping[int, Sequence[Telling]]
"""What held messages (by id) say now: nothing any more where it is empty; one that is missing stays as it is."""


class Work(Protocol):
    """What the kinds of work know of their held messages."""

    def add(self, current: Session, people: Collection[int]) -> None:
        """Hold for these people, who are about to be written to, what else would be said to them today."""

    def anew(self, current: Session, messages: Sequence[Delivery]) -> Said:
        """These messages as they are true now."""

    def alone(self, current: Session, messages: Sequence[Delivery]) -> None:
        """These go out as they are, each as a card of its own."""


def release(work: Work) -> int:
    """Let go of what was held until now; returns how many messages that made.

    Everything is put together anew: what no longer holds is not said. A person
    with several gets one message that says them all. Killed at any point, the
    next run goes on with the others.
    """
    _bring_back()
    made = 0
    while people := _waiting(clock.now()):
        made += _release(people, work)
    return made


def said_anew(
    messages: Sequence[Delivery], kind: str, told: Callable[[int, str, Collection[int]], Iterable[Telling]]
) -> Said:
    """What messages of acts on subjects of this kind say now: `told` once per subject and act, for their readers."""
    groups: dict[tuple[int, str], list[Delivery]] = defaultdict(list)
    for row in messages:
        if row.subject_kind == kind:
            groups[row.subject_id, row.act].append(row)
    said: dict[int, list[Telling]] = {}
    for (subject_id, act), rows in groups.items():
        by_person: dict[int, list[Telling]] = defaultdict(list)
        for telling in told(subject_id, act, {row.recipient_id for row in rows}):
            by_person[telling.to.id].append(telling)
        said |= {row.id: by_person[row.recipient_id] for row in rows}
    return said


def drop(current: Session, scopes: Sequence[sa.ColumnElement[bool]], *, reason: str) -> int:
    """What the night overtook is not said any more; part of the caller's transaction."""
    update = (
        sa.update(Delivery)
        .where(HELD, sa.or_(*scopes))
        .values(outcome=Outcome.SUPPRESSED, reason=reason, settled_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    return changed_rows(current.execute(update))


def _bring_back() -> None:
    """What is held for longer than until the next morning is held until then, or no more."""
    beyond = sa.and_(HELD, Delivery.held_until > clock.now() + pacing.LONGEST_NIGHT)
    found = session().execute(sa.select(sa.exists().where(beyond))).scalar()
    session().rollback()
    if found:
        _hold_until_morning(beyond)


@repeatable
def _hold_until_morning(which: sa.ColumnElement[bool]) -> None:
    now = clock.now()
    quiet: pacing.QuietHours | None = current_app.config["QUIET_HOURS"]
    morning = quiet.until(clock.local(now)) if quiet else None
    with transaction() as current:
        update = sa.update(Delivery).where(which).values(held_until=morning or now)
        current.execute(update.execution_options(synchronize_session=False))


def _waiting(now: datetime) -> list[int]:
    """Some of the people whose minute of the morning has come; the cheap question of an idle run.

    Only then: until it goes out, a message can still be dropped because its work is done or gone.
    """
    since = sa.func.min(Delivery.held_until)
    query = sa.select(Delivery.recipient_id, since).where(HELD, Delivery.held_until <= now)
    waiting = session().execute(query.group_by(Delivery.recipient_id)).all()
    session().rollback()
    due = [
        who for who, first in waiting if first and pacing.morning_slot(first, spread=who, now=first) <= now
    ]
    return due[:CHUNK]


@repeatable
def _release(people: list[int], work: Work) -> int:
    with transaction() as current:
        now = clock.now()
        work.add(current, people)
        rows = held(current, Delivery, HELD, Delivery.held_until <= now, Delivery.recipient_id.in_(people))
        said = work.anew(current, rows)
        by_person: dict[int, list[Delivery]] = {}
        for row in _true_now(current, rows, said, now):
            by_person.setdefault(row.recipient_id, []).append(row)
        alone = [row for own in by_person.values() for row in own if len(own) == 1]
        for row in alone:
            row.next_at, row.reason = _slot(row, now), ""
        work.alone(current, alone)
        for own in by_person.values():
            if len(own) > 1:
                _gather(current, own, said, now)
        return len(by_person)


def _true_now(current: Session, rows: Sequence[Delivery], said: Said, now: datetime) -> list[Delivery]:
    """The messages that still hold, each with what it says now; the others are settled with the reason."""
    outbox.renew(current, [(row, said[row.id]) for row in rows if said.get(row.id)])
    latest = {_what(row): row.id for row in rows}
    for row in rows:
        if row.id in said and not said[row.id]:
            row.outcome, row.reason, row.settled_at = Outcome.SUPPRESSED, OVERTAKEN, now
        elif row.id in said and latest[_what(row)] != row.id:
            row.outcome, row.reason, row.settled_at = Outcome.SUPPRESSED, SAID_BY_THE_NEXT, now
    return [row for row in rows if row.outcome == Outcome.PENDING]


def _what(row: Delivery) -> tuple[int, str, str, int]:
    """Whom it tells of which act on what."""
    return row.recipient_id, row.act, row.subject_kind, row.subject_id


def _slot(row: Delivery, now: datetime) -> datetime:
    return pacing.morning_slot(row.held_until or now, spread=row.recipient_id, now=now)


def _gather(current: Session, own: Sequence[Delivery], said: Said, now: datetime) -> None:
    """One message for all of one person's; the ledger keeps each with what carries it."""
    last = own[-1]
    person = current.get_one(Person, last.recipient_id)
    event = current.get_one(HistoryEvent, last.event_id)
    carrier = Delivery(**outbox.drafted(current, event, _together(person, own, said)))
    carrier.subject_kind, carrier.subject_id = Person.__tablename__, person.id
    carrier.next_at = _slot(last, now)
    current.add(carrier)
    current.flush()
    for row in own:
        row.outcome, row.reason = Outcome.MERGED, f"并入{kinds.title_of(carrier.wording)}汇总"
        row.merged_into_id, row.settled_at = carrier.id, now


def _together(person: Person, own: Sequence[Delivery], said: Said) -> list[Telling]:
    """Where all are of a kind that has a text for several, that one; else a digest with every text."""
    to = Recipient(person.id, person.userid, person.name)
    if any(row.id not in said for row in own):
        return [_digest(to, own)]
    parts = [part for row in own for part in said[row.id]]
    by_wording: dict[str, list[Telling]] = {}
    for part in parts:
        by_wording.setdefault(part.wording, []).append(part)
    if by_wording.keys() <= kinds.SEVERAL.keys():
        in_order = [wording for wording in kinds.SEVERAL if wording in by_wording]
        return [several(to, wording, by_wording[wording]) for wording in in_order]
    return [_digest(to, own)]


def several(to: Recipient, wording: str, parts: Sequence[Telling]) -> Telling:
    """One telling for many of a wording: which tasks, and which points of each."""
    one = kinds.SEVERAL[wording]
    lines = [f"{part.letter.title}：{in_words(part.points, part.letter.noun)}" for part in parts]
    values = {"name": to.name, "number": str(len(lines)), "tasks": numbered(lines)}
    title = one.title.replace("【条数】", str(len(lines)))
    letter = Letter(one.wording, title, buttons=(("查看全部", ""),))
    return Telling(letter, to, values, points=(), link=one.link)


def _points_of(row: Delivery) -> str:
    """What its card would have said under the title: 长安区."""
    card = json.loads(row.body or b"{}").get("template_card", {})
    return str(card.get("main_title", {}).get("desc", ""))


def _digest(to: Recipient, own: Sequence[Delivery]) -> Telling:
    """One telling with every text, word for word, numbered, and which points it is about."""
    texts = [row.text + (f"（{points}）" if (points := _points_of(row)) else "") for row in own]
    letter = Letter("digest.everyone", "晨间汇总", buttons=(("查看消息", ""),))
    values = {"number": str(len(texts)), "texts": numbered(texts)}
    return Telling(letter, to, values, points=(), link="/messages")


def numbered(lines: Sequence[str]) -> Listed:
    """The lines one below the other, each with its number."""
    listed = "\n".join(f"{number}. {line}" for number, line in enumerate(lines, start=1))
    return Listed(listed, len(lines), REMINDERS, separators=("\n",))
