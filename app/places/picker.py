"""The whole tree as the forms read it: small enough to be sent at once and kept."""

import json
from collections import Counter, defaultdict
from collections.abc import Collection
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from app.db import session
from app.lately import Lately
from app.places.models import Place


def picker() -> tuple[bytes, str]:
    """Every present place as JSON, with the mark of its content.

    `codes` are steps from one code to the next, `names` one text with a blank
    between. `letters` gives the initial of every character that names are
    made of, by letter; `read` the initials of the names, by their place in
    the list, that are read otherwise (重 is c in 重庆). That is half of what
    a list of all three would weigh. A place hangs under the longest other
    code that is a prefix of it once trailing zero pairs are cut (130102 →
    1301 → 13). At most a minute old, whatever became of the table.
    """
    return TREE.of(WHOLE)[None]


def _built(_whole: Collection[None]) -> dict[None, tuple[bytes, str]]:
    query = sa.select(Place.code, Place.name, Place.initials).where(Place.valid_to.is_(None))
    rows = [(row.code, row.name, row.initials) for row in session().execute(query.order_by(Place.code))]
    body = json.dumps(_packed(rows), ensure_ascii=False, separators=(",", ":")).encode()
    return {None: (body, sha256(body).hexdigest()[:16])}


TREE: Lately[None, tuple[bytes, str]] = Lately(_built)
WHOLE = {None}


def _packed(rows: list[tuple[str, str, str]]) -> dict[str, Any]:
    numbers = [int(code) for code, _, _ in rows]
    initial = _usual_initials(rows)
    by_letter: dict[str, str] = defaultdict(str)
    for character in sorted(initial):
        by_letter[initial[character]] += character
    return {
        "codes": [number - before for before, number in zip([0, *numbers], numbers, strict=False)],
        "names": " ".join(name for _, name, _ in rows),
        "letters": dict(sorted(by_letter.items())),
        "read": {
            n: initials
            for n, (_, name, initials) in enumerate(rows)
            if initials != "".join(initial.get(character, "") for character in name)
        },
    }


def _usual_initials(rows: list[tuple[str, str, str]]) -> dict[str, str]:
    """Character → how most names read it."""
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for _, name, initials in rows:
        if len(name) == len(initials):
            for character, letter in zip(name, initials, strict=True):
                seen[character][letter] += 1
    return {character: letters.most_common(1)[0][0] for character, letters in seen.items()}
