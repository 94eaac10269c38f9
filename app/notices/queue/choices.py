"""What a person reads in the app only, by own choice."""

from collections.abc import Collection

import sqlalchemy as sa

from app.db import Session, session, transaction
from app.locks import hold, repeatable
from app.notices.models import MutedWording
from app.notices.wordings.kinds import CHOICES
from app.people.models import Person

MAY_BE_MUTED = frozenset(choice.wording for choice in CHOICES)
MUTED = "本人关闭了这类推送，只在应用的消息里"


def muted(person: Person) -> set[str]:
    """The wordings this person switched off."""
    query = sa.select(MutedWording.wording).where(MutedWording.person_id == person.id)
    return set(session().execute(query).scalars())


@repeatable
def choose(person: Person, *, pushed: Collection[str]) -> None:
    """Push these of the wordings that may be muted, and no other of them."""
    off = sorted(MAY_BE_MUTED.difference(pushed))
    with transaction() as current:
        hold(current, Person, Person.id == person.id)  # two choices at once would become a mixture
        current.execute(sa.delete(MutedWording).where(MutedWording.person_id == person.id))
        if off:
            rows = [{"person_id": person.id, "wording": wording} for wording in off]
            current.execute(sa.insert(MutedWording), rows)


def muted_among(current: Session, wordings: Collection[str]) -> set[tuple[int, str]]:
    """(person, wording) of everyone who switched one of these off."""
    wanted = MAY_BE_MUTED.intersection(wordings)
    if not wanted:
        return set()
    query = sa.select(MutedWording.person_id, MutedWording.wording).where(MutedWording.wording.in_(wanted))
    return {(person_id, wording) for person_id, wording in current.execute(query)}
