"""Faults a director asks for: which calls go wrong, how, and how often."""

import random
import socket
import struct
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.simulator.store import Store

KINDS = {
    "timeout_before": "处理之前就没有回音",
    "timeout_after": "处理了，但没有回音",
    "reset": "连接被重置",
    "502": "网关错误 502",
    "cut": "回一半的 JSON",
    "-1": "-1 系统繁忙",
    "45009": "45009 超过频率",
    "42001": "42001 token 过期",
    "60020": "60020 IP 不可信",
    "40014": "40014 token 不合法",
    "45033": "45033 并发超限",
    "48002": "48002 无权调用",
    "50003": "50003 应用已停用",
}
SILENCE = 60.0


@dataclass(frozen=True)
class Fault:
    """One rule; `remaining` None means until it is switched off."""

    id: int
    kind: str
    api: str
    rate: float
    remaining: int | None


class Faults:
    """The rules in force, kept in memory and written through.

    Chance is repeatable: with the same seed and the same rules the n-th call of an API meets the same
    fault, whatever other calls came in between.
    """

    def __init__(self, store: Store, *, seed: int) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._rules: list[Fault] = []
        self._seen: Counter[str] = Counter()  # API → calls since this seed was set
        self.seed = seed
        # Set when the desk clears the faults, so that silent calls end at once.
        self._over = threading.Event()
        self.reload()

    def rules(self) -> list[Fault]:
        return list(self._rules)

    def sow(self, seed: int) -> None:
        """Begin anew with this seed: the next call of every API is its first."""
        with self._lock:
            self.seed = seed
            self._seen.clear()

    def add(self, kind: str, *, api: str = "*", rate: float = 1.0, remaining: int | None = None) -> None:
        if kind not in KINDS and not kind.lstrip("-").isdigit():
            raise ValueError(f"没有这种故障：{kind}")
        with self._store.use() as db:
            db.execute(
                "INSERT INTO fault (kind, api, rate, remaining) VALUES (?, ?, ?, ?)",
                (kind, api or "*", min(1.0, max(0.0, rate)), remaining),
            )
        self.reload()

    def remove(self, fault_id: int | None = None) -> None:
        """Take one rule away, or all of them; calls held in silence are let go."""
        with self._store.use() as db:
            db.execute("DELETE FROM fault WHERE id = coalesce(?, id)", (fault_id,))
        self.reload()
        self.let_go()

    def let_go(self) -> None:
        """End the silence of the calls that are held now."""
        self._over.set()
        self._over = threading.Event()

    def reload(self) -> None:
        with self._store.use() as db:
            rows = db.execute("SELECT * FROM fault ORDER BY id").fetchall()
        self._rules = [Fault(**dict(row)) for row in rows]

    def strike(self, api: str) -> str | None:
        """The kind of fault that hits this call, if any; counts down those with a number left."""
        if not self._rules:
            return None
        with self._lock:
            self._seen[api] += 1
            chance = random.Random(f"{self.seed} {api} {self._seen[api]}")  # noqa: S311 - repeatable, no secret
            for rule in self._rules:
                if rule.api in ("*", api) and chance.random() < rule.rate:
                    self._count_down(rule)
                    return rule.kind
        return None

    def be_silent(self) -> None:
        """Hold the call longer than any sensible client waits."""
        self._over.wait(SILENCE)

    def _count_down(self, rule: Fault) -> None:
        if rule.remaining is None:
            return
        with self._store.use() as db:
            if rule.remaining <= 1:
                db.execute("DELETE FROM fault WHERE id = ?", (rule.id,))
            else:
                db.execute("UPDATE fault SET remaining = remaining - 1 WHERE id = ?", (rule.id,))
        self.reload()


def reset_connection(environ: Mapping[str, Any]) -> None:
    """Make the client see its connection die; the server's own late write then fails quietly."""
    wire = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
    if wire is not None:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        wire.shutdown(socket.SHUT_RDWR)
