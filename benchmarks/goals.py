"""The goals: what must hold and what we aim for, on which side of the number."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """`must` and `stretch` by database; a value counts as met on the near side of the bound."""

    unit: str
    must: dict[str, float]
    stretch: dict[str, float]
    at_least: bool = False

    def met(self, value: float, bound: float) -> bool:
        """True where `value` is as good as `bound` or better."""
        return value >= bound if self.at_least else value <= bound


def _goal(unit: str, must: float, stretch: float, *, at_least: bool = False) -> Goal:
    return Goal(unit, dict.fromkeys(DIALECTS, must), dict.fromkeys(DIALECTS, stretch), at_least)


def _each(unit: str, must: tuple[float, float], stretch: tuple[float, float]) -> Goal:
    return Goal(unit, dict(zip(DIALECTS, must, strict=True)), dict(zip(DIALECTS, stretch, strict=True)))


DIALECTS = ("sqlite", "postgres")
SCOPES = ("county", "city", "province", "country")
GOALS: dict[str, Goal] = {
    "B-P1": _each("x floor", (5, 3), (2.5, 1.5)),
    "B-P2 300 to 3,000 points": _goal("x per point", 1.15, 1.15),
    "B-P2 3,000 to 30,000 points": _goal("x per point", 1.15, 1.15),
    "B-P2 1M to 0 rows present": _goal("x", 1.5, 1.5),
    "B-P3 3,000 points": _goal("statements", 40, 15),
    "B-P3 30,000 points": _goal("statements", 40, 15),
    "B-P4 publish": _goal("ms", 2000, 500),
    "B-P4 roll back": _goal("ms", 2000, 1000),
    "B-P4 revoke": _goal("ms", 2000, 500),
    "B-O1": _each("x floor", (2.5, 3), (1.8, 2)),
    "B-O2 1M to 10k rows": _goal("x", 1.5, 1.2),
    "B-O2 1M rows": _goal("ms", 5, 1),
    "B-O3 per alert": _goal("statements", 0.02, 0.02),
    "B-O3 longest write": _goal("ms", 100, 100),
    "B-L1": _goal("x trivial", 36, 28),
    "B-L1 served": _goal("of trivial req/s", 0.09, 0.12, at_least=True),
    **{f"B-L2 {scope}": _goal("x 10k rows", 1.3, 1.1) for scope in SCOPES},
    "B-L2 20 scattered counties": _goal("x 10k rows", 2, 1.1),
    "B-L2 last page": _goal("x 10k rows", 1.3, 1.1),
    "B-L3 50 rows": _goal("statements", 6, 4),
    "B-L3 200 rows": _goal("statements", 6, 4),
    "B-T1 served": _goal("of trivial req/s", 0.45, 0.6, at_least=True),
    "B-T1 1M to 10k rows": _goal("x", 1.3, 1.3),
    "B-T2 zipped": _goal("KB", 22, 22),
    "B-T2 whole tree": _goal("of trivial req/s", 0.6, 0.8, at_least=True),
    "B-T2 not modified": _goal("of trivial req/s", 0.6, 0.8, at_least=True),
    "B-C1": _each("x trivial", (7, 12), (4.5, 4.5)),  # PostgreSQL waits for the disk
    "B-C1 served": _goal("of trivial req/s", 0.25, 0.35, at_least=True),
    "B-C2 p99": _goal("ms", 250, 60),
    "B-C2 longest": _goal("ms", 1000, 1000),
    "B-C2 refused": _goal("callbacks", 0, 0),
    "B-C3": _goal("upstream calls", 0, 0),
    "B-D1 0 ms": _goal("of raw threads", 0.85, 0.95, at_least=True),
    "B-D1 50 ms": _goal("of raw threads", 0.85, 0.95, at_least=True),
    "B-D2 16 to 8 threads": _goal("x", 1.8, 1.9, at_least=True),
    "B-D2 32 to 16 threads": _goal("x", 1.8, 1.9, at_least=True),
    "B-D3 lost": _goal("messages", 0, 0),
    "B-D3 sent again beyond what was in flight": _goal("messages", 0, 0),
    "B-D3 gettoken calls": _goal("calls", 1, 1),
}
