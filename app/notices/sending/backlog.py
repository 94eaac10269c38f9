"""How much waits in both queues, since when, and why they stand still."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from app import clock
from app.db import session
from app.notices.models import Amendment, Delivery, Stoppage
from app.notices.sending import stoppage


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many rows of a queue wait, and when the oldest of them was written."""

    number: int
    oldest_at: datetime | None

    @property
    def age(self) -> timedelta:
        """How long the oldest has waited; none where nothing waits."""
        return clock.now() - self.oldest_at if self.oldest_at else timedelta(0)


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits: messages, and changes of cards. `stopped` is why both queues stand still, if they do."""

    messages: Waiting
    amendments: Waiting
    stopped: Stoppage | None


def backlog() -> Backlog:
    """How much waits, since when, and why it stands still, for /readyz and the administrator."""
    return Backlog(_waiting(Delivery), _waiting(Amendment), stoppage.present())


def _waiting(kind: type[Delivery] | type[Amendment]) -> Waiting:
    query = sa.select(sa.func.count(), sa.func.min(kind.created_at)).where(kind.next_at.is_not(None))
    number, oldest_at = session().execute(query).one()
    return Waiting(number, oldest_at)
