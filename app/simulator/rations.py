"""Counts calls against a limit for a period; what is above is refused with 45009."""

import threading
from collections import deque

from app.simulator.errors import ApiError


class Rations:
    """Times of recent calls by key, forgotten when their period is over."""

    def __init__(self) -> None:
        self._taken: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def take(self, key: str, at: float, *, most: int, period: float) -> None:
        with self._lock:
            times = self._taken.setdefault(key, deque())
            # The demo's clock can be set back, so times from the future go too.
            while times and not at - period < times[0] <= at:
                times.popleft()
            if len(times) >= most:
                raise ApiError(45009, f"{most} in {period:.0f} s")
            times.append(at)

    def clear(self) -> None:
        with self._lock:
            self._taken.clear()
