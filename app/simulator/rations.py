"""Counts calls against a limit for a period; what is above is refused with 45009 until the block is over."""

import threading
from collections import deque
from dataclasses import dataclass, field

from app.simulator.errors import ApiError


@dataclass
class _Account:
    """What one key took lately: (time, amount) in order, and until when it is blocked."""

    taken: deque[tuple[float, int]] = field(default_factory=deque)
    total: int = 0
    blocked_until: float = 0.0


class Rations:
    """Accounts by key and period; times are forgotten when their period is over."""

    def __init__(self) -> None:
        self._accounts: dict[tuple[str, float], _Account] = {}
        self._lock = threading.Lock()

    def take(self, key: str, at: float, *, most: int, period: float, amount: int = 1) -> None:
        """Take `amount`; whoever wants more than `most` is blocked for as long as the period (D 90312)."""
        with self._lock:
            account = self._accounts.setdefault((key, period), _Account())
            # The demo's clock can be set back, so times from the future go too.
            while account.taken and not at - period < account.taken[0][0] <= at:
                account.total -= account.taken.popleft()[1]
            if at < account.blocked_until <= at + period:
                raise ApiError(45009, f"blocked for {account.blocked_until - at:.0f} s")
            if account.total + amount > most:
                account.blocked_until = at + period
                raise ApiError(45009, f"{most} in {period:.0f} s")
            account.taken.append((at, amount))
            account.total += amount

    def clear(self) -> None:
        with self._lock:
            self._accounts.clear()
