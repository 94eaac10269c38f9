"""Two people at one instant: every pair of acts, and what comes of it is what one after the other would have made."""

import logging
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Barrier
from time import sleep
from typing import Generic

from flask import Flask

from app import clock
from app.db import session
from app.errors import Refusal
from tests.crash.scene import Act, S, Scene, Step
from tests.world import World

PATIENCE = 60.0
LONGEST_START_SECONDS = 0.02  # by how much one may begin before the other
FAILED = "失败"

Order = tuple[int, ...]
"""Whose step comes when: (0, 1, 1) is the first one's only step, then both of the second."""


@dataclass(frozen=True)
class Outcome:
    """What both were answered, and everything there is to see afterwards."""

    answers: tuple[str, str]
    standing: tuple[str, ...]

    def like(self, other: "Outcome") -> bool:
        """The same came of it; which sentence somebody was refused with may differ."""
        return (self.refused, self.standing) == (other.refused, other.standing)

    @property
    def refused(self) -> tuple[bool, ...]:
        """Which of both was refused."""
        return tuple(answer.startswith(REFUSED) for answer in self.answers)


@dataclass
class Tally:
    """What came of all rounds of one pair."""

    names: tuple[str, str]
    rounds: int = 0
    orders: Counter[Order] = field(default_factory=Counter)
    refused: Counter[int] = field(default_factory=Counter)
    again: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def line(self) -> str:
        """As a line of the table."""
        first = sum(n for order, n in self.orders.items() if order[0] == 0)
        names = " + ".join(self.names)
        refused = f"{self.refused[0]}/{self.refused[1]}"
        return f"{names}\t{self.rounds}\t{first}/{self.rounds - first}\t{refused}\t{self.again}\t{len(self.wrong)}"


HEAD = "两个操作\t轮\t先后\t被拒\t重来\t不对"


class Together(Generic[S]):
    """One database, on which two people meet again and again."""

    def __init__(self, app: Flask, world: World, scene: Scene[S], *, seed: int) -> None:
        self.app, self.world, self.scene = app, world, scene
        self.chance = random.Random(seed)  # noqa: S311 - repeatable chance, no secret
        self.two = ThreadPoolExecutor(2)

    def meet(self, first: Act[S], second: Act[S], *, rounds: int) -> Tally:
        """Let both do it at one instant, `rounds` times."""
        found = Tally((first.name, second.name))
        serial = _Serial(self, first, second)
        for number in range(rounds):
            # The first time both at once, then each of them a little ahead of the other by chance.
            ahead = number and self.chance.choice((0, 1, -1)) * self.chance.uniform(0, LONGEST_START_SECONDS)
            with _repeats() as again:
                came, said = self._round(first, second, max(ahead, 0), max(-ahead, 0))
            found.rounds += 1
            found.again += again.number
            order = serial.like(came)
            if order is None:
                said += serial.nearest(came)
            else:
                found.orders[order] += 1
            for who in (0, 1):
                found.refused[who] += came.refused[who]
            found.wrong += [f"{first.name} + {second.name}: {one}" for one in said]
        return found

    def stage(self, *acts: Act[S]) -> S:
        """A fresh one that both acts can begin from."""
        return self.scene.begin(self.world, any(one.paused for one in acts))

    def _round(self, first: Act[S], second: Act[S], *rests: float) -> tuple[Outcome, list[str]]:
        here = self.stage(first, second)
        start = Barrier(2, timeout=PATIENCE)

        def one(act: Act[S], number: int) -> str:
            with self.app.app_context():
                steps = act.steps(here, number)
                session().rollback()
                start.wait()
                sleep(rests[number])
                return answer(steps)

        both: list[Future[str]] = [self.two.submit(one, act, n) for n, act in enumerate((first, second))]
        answers = both[0].result(PATIENCE), both[1].result(PATIENCE)
        said = [text for text in answers if text.startswith(FAILED)]
        came = self.seen(here, answers)
        return came, said + self.scene.wrong(here)

    def seen(self, here: S, answers: tuple[str, str]) -> Outcome:
        """After the next scan."""
        self.scene.settle(here)
        return Outcome(answers, tuple(self.scene.standing(here)))


class _Serial(Generic[S]):
    """What the pair makes of the stage one after the other, worked out when it is asked for."""

    def __init__(self, both: Together[S], first: Act[S], second: Act[S]) -> None:
        self.both, self.acts = both, (first, second)
        self.known: dict[Order, Outcome] = {}
        self.orders = _merged(first.cuts, second.cuts)

    def like(self, came: Outcome) -> Order | None:
        """The order that makes the same; None where none does."""
        return next((order for order in self.orders if self._of(order).like(came)), None)

    def nearest(self, came: Outcome) -> list[str]:
        """How it differs from the order that differs least."""
        lists = [_difference(came, self._of(order)) for order in self.orders]
        return [f"like no order of the two: {'; '.join(min(lists, key=len))}"]

    def _of(self, order: Order) -> Outcome:
        if order not in self.known:
            here = self.both.stage(*self.acts)
            waiting = [iter(act.steps(here, number)) for number, act in enumerate(self.acts)]
            said = ["", ""]
            for who in order:
                step = next(waiting[who])
                if not said[who]:  # who was refused goes no further
                    said[who] = answer([step], done="")
            answers = (said[0] or DONE, said[1] or DONE)
            self.known[order] = self.both.seen(here, answers)
        return self.known[order]


DONE, REFUSED = "好了", "被拒："


def answer(steps: Sequence[Step], *, done: str = DONE) -> str:
    """What somebody is told who does this."""
    try:
        for step in steps:
            step()
    except Refusal as refusal:
        return f"{REFUSED}{type(refusal).__name__} {refusal}"
    except Exception as error:
        return f"{FAILED} {type(error).__name__}: {error}"
    finally:
        session().rollback()
    return done


def _merged(first: int, second: int) -> list[Order]:
    """Every way to do the steps of both, each in its own order."""
    if not first or not second:
        return [(0,) * first + (1,) * second]
    return [(0, *rest) for rest in _merged(first - 1, second)] + [
        (1, *rest) for rest in _merged(first, second - 1)
    ]


def _difference(came: Outcome, must: Outcome) -> list[str]:
    is_, be = Counter(came.standing), Counter(must.standing)
    lines = [f"+ {line}" for line in (is_ - be).elements()] + [f"- {line}" for line in (be - is_).elements()]
    if came.refused != must.refused:
        lines.insert(0, f"answered {came.answers}, must be {must.answers}")
    return lines


class _repeats(logging.Handler):  # noqa: N801 (used like a function)
    """How often something was tried again meanwhile."""

    number = 0
    log = logging.getLogger("app.locks")

    def emit(self, _record: logging.LogRecord) -> None:
        """One more."""
        self.number += 1

    def __enter__(self) -> "_repeats":
        self.log.addHandler(self)
        self.before, self.log.propagate = self.log.level, False
        self.log.setLevel(logging.INFO)
        return self

    def __exit__(self, *_error: object) -> None:
        self.log.removeHandler(self)
        self.log.setLevel(self.before)
        self.log.propagate = True


def run(
    app: Flask,
    world: World,
    scene: Scene[S],
    *,
    rounds: int,
    seed: int,
    which: Sequence[tuple[Act[S], Act[S]]] | None = None,
) -> Iterator[Tally]:
    """Every pair of the scene, or those of `which`, `rounds` times each."""
    both = Together(app, world, scene, seed=seed)
    try:
        for first, second in which or scene.pairs:
            yield both.meet(first, second, rounds=rounds)
    finally:
        both.two.shutdown()
        clock.tell(None)
