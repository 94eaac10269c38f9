"""The names of the 大区, for the filter bar of a list that everybody opens all day."""

from time import monotonic
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

from app.db import db
from app.people.queries import RegionName, regions

A_MINUTE = 60.0
_read: WeakKeyDictionary[Engine, tuple[float, tuple[RegionName, ...]]] = WeakKeyDictionary()


def lately() -> tuple[RegionName, ...]:
    """As `queries.regions`, at most a minute old."""
    read_at, known = _read.get(db.engine, (float("-inf"), ()))
    if monotonic() - read_at > A_MINUTE:
        known = tuple(regions())
        _read[db.engine] = (monotonic(), known)
    return known


def forget() -> None:
    """They were changed: this process knows the new ones at once, the others within a minute."""
    _read.pop(db.engine, None)
