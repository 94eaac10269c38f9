"""Gives people the letters by which they are found: those of a version before this one, a few at a time."""

import sqlalchemy as sa

from app import text
from app.db import let_others_write, transaction
from app.locks import held, repeatable
from app.people import names
from app.people.models import Person
from app.people.spelling import person_spelling

CHUNK = 200  # rows per transaction: others must not wait for the write lock


def respell() -> int:
    """Spell everybody who is not spelled yet; returns how many. Safe to interrupt and to repeat."""
    spelled = 0
    while count := _respell_chunk():
        spelled += count
        let_others_write()
    if spelled:
        names.PEOPLE.forget()
    return spelled


@repeatable
def _respell_chunk() -> int:
    """Names are tidied on the way: 李　四 came in with a blank."""
    first = sa.select(Person.id).where(Person.spellings.is_(None)).order_by(Person.id).limit(CHUNK)
    with transaction() as current:
        people = held(current, Person, Person.id.in_(first))
        for person in people:
            person.name = text.name(person.name)
            person.pinyin, person.initials, person.spellings = person_spelling(person.name)
        return len(people)
