"""The morning after: what was held for the night goes out, one message per person."""

import json
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter

import sqlalchemy as sa

from app import clock
from app.db import Session, changed_rows, session, transaction
from app.locks import held, repeatable
from app.notices import outbox, pacing
from app.notices.ledger import Scopes
from app.notices.models import HELD, Delivery, Outcome
from app.notices.telling import REMINDERS, Letter, Listed, Recipient, Telling
from app.people.models import Person
from app.work.models import HistoryEvent

CHUNK = 200  # people per transaction: bounds how long the write lock is held


def release() -> int:
    """Let go of what was held until now; returns how many messages that made.

    A person with several gets one digest that says them all. Killed at any
    point, the next run goes on with the others.
    """
    made = 0
    while people := _waiting(clock.now()):
        made += _release(people)
    return made


def drop(current: Session, scopes: Scopes, *, reason: str) -> int:
    """What the night overtook is not said any more; part of the caller's transaction."""
    update = (
        sa.update(Delivery)
        .where(HELD, sa.or_(*scopes))
        .values(outcome=Outcome.SUPPRESSED, reason=reason, settled_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    return changed_rows(current.execute(update))


def _waiting(now: datetime) -> list[int]:
    """Some of the people whose minute of the morning has come; the cheap question of an idle run.

    Only then: until it goes out, a message can still be dropped because its work is done or gone.
    """
    since = sa.func.min(Delivery.held_until)
    query = sa.select(Delivery.recipient_id, since).where(HELD, Delivery.held_until <= now)
    waiting = session().execute(query.group_by(Delivery.recipient_id)).all()
    session().rollback()
    due = [who for who, held in waiting if held and pacing.morning_slot(held, spread=who, now=held) <= now]
    return due[:CHUNK]


@repeatable
def _release(people: list[int]) -> int:
    with transaction() as current:
        now = clock.now()
        rows = held(current, Delivery, HELD, Delivery.held_until <= now, Delivery.recipient_id.in_(people))
        whose = attrgetter("recipient_id")
        each = [list(own) for _, own in groupby(sorted(rows, key=whose), key=whose)]
        for own in each:
            _send_or_merge(current, own, now)
        return len(each)


def _send_or_merge(current: Session, own: Sequence[Delivery], now: datetime) -> None:
    last = own[-1]
    slot = pacing.morning_slot(last.held_until or now, spread=last.recipient_id, now=now)
    if len(own) == 1:
        last.next_at, last.reason = slot, ""
        return
    person = current.get_one(Person, last.recipient_id)
    digest = Delivery(
        **outbox.drafted(current, current.get_one(HistoryEvent, last.event_id), _digest(person, own))
    )
    digest.subject_kind, digest.subject_id = Person.__tablename__, person.id
    digest.next_at = slot
    current.add(digest)
    current.flush()
    for row in own:
        row.outcome, row.reason = Outcome.MERGED, "并入晨间汇总"
        row.merged_into_id, row.settled_at = digest.id, now


def _points_of(row: Delivery) -> str:
    """What its card would have said under the title: 长安区."""
    card = json.loads(row.body or b"{}").get("template_card", {})
    return str(card.get("main_title", {}).get("desc", ""))


def _digest(person: Person, own: Sequence[Delivery]) -> Telling:
    """One telling with every text, word for word, numbered, and which points it is about."""
    texts = [row.text + (f"（{points}）" if (points := _points_of(row)) else "") for row in own]
    listed = "\n".join(f"{number}. {text}" for number, text in enumerate(texts, start=1))
    return Telling(
        Letter("digest.everyone", "晨间汇总", buttons=(("查看消息", ""),)),
        to=Recipient(person.id, person.userid, person.name),
        values={
            "number": str(len(texts)),
            "texts": Listed(listed, len(texts), REMINDERS, separators=("\n",)),
        },
        points=(),
        link="/messages",
    )
