"""Reads for those who keep the wordings: as they stand, what became of them, how one was last sent."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from app.db import session
from app.notices.models import Delivery, WordingText
from app.notices.wordings.catalogue import Wording, present, wordings
from app.people.models import Person
from app.work import history
from app.work.models import HistoryEvent

LOOK_BACK = 50_000  # deliveries; wordings have no index, a rare one must not cost a walk through years


@dataclass(frozen=True)
class Kept:
    """A wording as it stands, and the shipped one behind it."""

    now: Wording
    shipped: Wording

    @property
    def is_changed(self) -> bool:
        """True where an administrator's text is in use."""
        return self.now.text != self.shipped.text


@dataclass(frozen=True)
class LastSent:
    """The latest delivery of a wording."""

    to: str
    at: datetime
    text: str


def every() -> list[Kept]:
    """All wordings, in the order of the requirement."""
    now = present(session())
    return [Kept(now[key], shipped) for key, shipped in wordings().items()]


def version(key: str) -> int:
    """How often the text was changed; a form carries it."""
    query = sa.select(WordingText.version).where(WordingText.key == key)
    return session().execute(query).scalar() or 0


def changes(key: str) -> list[HistoryEvent]:
    """Who changed the text, newest first."""
    row_id = session().execute(sa.select(WordingText.id).where(WordingText.key == key)).scalar()
    return history.of(session(), WordingText.__tablename__, row_id) if row_id else []


def last_sent(key: str) -> LastSent | None:
    """What somebody really got, of the latest deliveries."""
    newest = session().execute(sa.select(sa.func.max(Delivery.id))).scalar() or 0
    query = (
        sa.select(Person.name, Delivery.created_at, Delivery.text)
        .join(Person, Person.id == Delivery.recipient_id)
        .where(Delivery.id > newest - LOOK_BACK, Delivery.wording == key)
        .order_by(Delivery.id.desc())
        .limit(1)
    )
    found = session().execute(query).first()
    return LastSent(*found) if found else None
