"""Whom and which place a typed text names."""

import re

from app.people import queries as people
from app.people.models import Person
from app.places import queries as places
from app.text import name as tidied

NOBODY, NOWHERE = -1, "0"  # found by no row
USERID = re.compile(r"\(([^()]+)\)$")


def place_named(text: str) -> tuple[str, str] | None:
    """(code, path) of the place that a code, a path or a name means; None where it is none or several."""
    if text.isascii() and text.isdigit():
        place = places.place(text)
        return (place.code, place.path) if place else None
    found = places.named(text)
    return (found[0].code, found[0].path) if len(found) == 1 else None


def person_named(text: str) -> Person | None:
    """The member that a userid, a name or `name (userid)` means; None where it is nobody or several."""
    inside = USERID.search(text)
    found = people.by_userid(inside[1] if inside else text)
    if found is not None:
        return found
    same = people.search_people(text, limit=20).people
    exact = [person for person in same if tidied(person.name) == tidied(text)] or same
    return exact[0] if len(exact) == 1 else None
