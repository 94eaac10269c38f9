"""Measuring alternately, so that whatever else the machine does falls on all sides alike."""

import gc
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

ROUNDS = 5
TURNS, A_FEW = 40, 10
Job = Callable[[], float]
"""Does its work once, checks the result, puts everything back, and returns the seconds of the work."""


def alternate(jobs: Mapping[str, Job], *, rounds: int = ROUNDS) -> dict[str, float]:
    """The median seconds of every job, run one after the other in a rotating order.

    One round more is run beforehand and thrown away.
    """
    names = list(jobs)
    times: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds + 1):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            seconds = jobs[name]()
            if number:
                times[name].append(seconds)
    return {name: median(seconds) for name, seconds in times.items()}


def timed(work: Callable[[], Any]) -> float:
    """Seconds that `work` takes, without anyone else's garbage."""
    gc.collect()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def in_turn(works: Mapping[str, Callable[[], Any]], *, turns: int = TURNS) -> dict[str, float]:
    """The median seconds of one call of each of these short works.

    A few calls at a time, one work after the other, many times over: what
    slows the machine for a second or two slows all of them.
    """
    gc.collect()
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(turns + 1):
        for name, work in works.items():
            for _ in range(A_FEW):
                start = time.perf_counter()
                work()
                if turn:
                    seconds[name].append(time.perf_counter() - start)
    return {name: median(found) for name, found in seconds.items()}


def each(work: Callable[[], Any], *, times: int) -> float:
    """The median seconds of one call of something short."""
    gc.collect()
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return median(seconds)


@dataclass
class Watched:
    """What an engine did: how many statements, and the longest write transaction."""

    statements: list[str] = field(default_factory=list)
    longest_write: float = 0.0
    _began: float | None = None

    @property
    def count(self) -> int:
        """Statements, an executemany being one."""
        return len(self.statements)


@contextmanager
def watching(engine: sa.Engine) -> Iterator[Watched]:
    """Count statements and time write transactions while the block runs."""
    seen = Watched()

    def executed(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement not in ("BEGIN", "BEGIN IMMEDIATE"):  # ours on SQLite, the driver's own on PostgreSQL
            seen.statements.append(statement)

    def began(conn: sa.Connection) -> None:
        seen._began = time.perf_counter() if conn.get_execution_options().get("writes") else None

    def ended(_conn: sa.Connection) -> None:
        # The commit itself is still to come; what waits for the lock waits for that too.
        if seen._began is not None:
            seen.longest_write = max(seen.longest_write, time.perf_counter() - seen._began)
            seen._began = None

    hooks = {"before_cursor_execute": executed, "begin": began, "commit": ended}
    for name, hook in hooks.items():
        event.listen(engine, name, hook)
    try:
        yield seen
    finally:
        for name, hook in hooks.items():
            event.remove(engine, name, hook)
