"""Reads of the 行政区划 tree."""

import sqlalchemy as sa

from app.db import session
from app.places.models import Place
from app.text import name


def place(code: str) -> Place | None:
    """The place with this code, also an abolished one."""
    return session().get(Place, code)


def children(parent_code: str | None) -> list[Place]:
    """The places directly below `parent_code` (None: the provinces), by code."""
    below = Place.parent_code.is_(None) if parent_code is None else Place.parent_code == parent_code
    query = sa.select(Place).where(below, Place.valid_to.is_(None)).order_by(Place.code)
    return list(session().execute(query).scalars())


def leaves() -> list[tuple[str, str]]:
    """(code, path) of every present point, by code."""
    query = sa.select(Place.code, Place.path).where(Place.is_leaf, Place.valid_to.is_(None))
    return [(code, path) for code, path in session().execute(query.order_by(Place.code))]


def search(text: str, *, limit: int = 50) -> list[Place]:
    """Leaves whose name contains `text`, or whose initials or pinyin begin with it."""
    if not text.strip():
        return []
    query = sa.select(Place).where(matches(text), Place.is_leaf, Place.valid_to.is_(None))
    return list(session().execute(query.order_by(Place.code).limit(limit)).scalars())


def named(text: str, *, limit: int = 2) -> list[Place]:
    """Present places of any level whose path or name is `text`, or the only ones whose name begins with it."""
    text = name(text)
    begins = _escaped(text) + "%"
    for match in (Place.path == text, Place.name == text, Place.name.like(begins, escape="\\")):
        query = sa.select(Place).where(match, Place.valid_to.is_(None)).order_by(Place.code).limit(limit)
        if found := list(session().execute(query).scalars()):
            return found
    return []


def suggestions(text: str, *, limit: int = 12) -> list[Place]:
    """Places of any level for a search field, the higher ones first; without text the provinces."""
    if not text.strip():
        return children(None)
    query = sa.select(Place).where(matches(text), Place.valid_to.is_(None))
    return list(session().execute(query.order_by(Place.level, Place.code).limit(limit)).scalars())


def matches(text: str) -> sa.ColumnElement[bool]:
    """The name contains it, the letters begin with it; blanks do not matter."""
    escaped = _escaped("".join(text.split()).lower())
    return sa.or_(
        Place.name.like(f"%{escaped}%", escape="\\"),
        Place.initials.like(f"{escaped}%", escape="\\"),
        Place.pinyin.like(f"{escaped}%", escape="\\"),
    )


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
