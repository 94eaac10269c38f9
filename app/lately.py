"""What a list shows of things that hardly ever change: read once, and again when a minute is over."""

from collections.abc import Callable, Collection, Mapping
from time import monotonic
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

from app.db import db

A_MINUTE = 60.0
K = TypeVar("K")
V = TypeVar("V")


class Lately(Generic[K, V]):
    """Values by key as they were at most a minute ago, for each database; `read` fetches those of several keys.

    Joining them to every row of every list costs more than the rows (B-L1).
    Whoever changes one calls `forget`: this process shows the new one at once,
    the others within the minute.
    """

    def __init__(self, read: Callable[[Collection[K]], Mapping[K, V]]) -> None:
        self._read = read
        self._known: WeakKeyDictionary[Engine, tuple[float, dict[K, V]]] = WeakKeyDictionary()

    def of(self, keys: set[K]) -> Mapping[K, V]:
        """Whatever is known, these keys among it; a key that nothing has is left out."""
        began, known = self._known.get(db.engine, (float("-inf"), {}))
        if monotonic() - began > A_MINUTE:
            known = {}
            self._known[db.engine] = (monotonic(), known)
        if missing := keys - known.keys():
            known.update(self._read(missing))
        return known

    def forget(self) -> None:
        """Something was changed."""
        self._known.pop(db.engine, None)
