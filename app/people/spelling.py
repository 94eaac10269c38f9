"""Names of people as they are typed: the family name by its own reading, and by the others that it might have."""

import csv
from functools import cache
from itertools import product
from pathlib import Path
from typing import NamedTuple

from app import text
from app.places.initials import readings, spelled, syllables

FILE = Path(__file__).with_name("surnames.csv")


class PersonSpelling(NamedTuple):
    """`qiubo`, `qb`, and what else the name might be taken for: ` choubo cb`, each after a blank."""

    pinyin: str
    initials: str
    others: str


def person_spelling(name: str) -> PersonSpelling:
    """Spell the name of a person.

    The family name is read as `surnames.csv` says, else as the dictionary
    does. Who does not know that 仇 is qiú types chou: every reading that the
    dictionary has for the characters of the family name is among the others.
    """
    plain = text.name(name)
    if not plain:
        return PersonSpelling("", "", "")
    usual = syllables(plain)
    length, family = _family(plain, usual)
    given = usual[length:]
    first = spelled(family + given)
    found = dict.fromkeys(first)
    possible = [readings(character) or [usual[n]] for n, character in enumerate(plain[:length])]
    for other in product(*possible):
        found |= dict.fromkeys(spelled([*other, *given]))
    others = "".join(f" {one}" for one in found if one not in first)
    return PersonSpelling(first.pinyin, first.initials, others)


def _family(name: str, usual: list[str]) -> tuple[int, list[str]]:
    """How many characters the family name has, and how it is read."""
    for length in (2, 1):
        read = surnames().get(name[:length])
        if read:
            return length, read.split()
    return 1, usual[:1]


@cache
def surnames() -> dict[str, str]:
    """Family name → syllables."""
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return {row["surname"]: row["pinyin"] for row in rows}
