"""What a round of two needs to know: a stage, what can be done on it, and what there is to see afterwards."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from app.people.models import Person
from tests.world import World

Step = Callable[[], object]
"""What is done in one commit; between two of them others may come."""


class Stage(Protocol):
    """Where acts are done."""

    @property
    def world(self) -> World:
        """Whose people do them."""


S = TypeVar("S", bound=Stage)


@dataclass(frozen=True)
class Act(Generic[S]):
    """One act by either of two people; `steps` reads what its form shows and hands out what its button does."""

    name: str
    steps: Callable[[S, int], Sequence[Step]]
    paused: bool = False  # needs a task whose reminders are paused
    cuts: int = 1  # how many steps


@dataclass(frozen=True)
class Scene(Generic[S]):
    """`settle` lets the clock look again; `wrong` says in sentences what must never be."""

    acts: Sequence[Act[S]]
    pairs: Sequence[tuple[Act[S], Act[S]]]
    begin: Callable[[World, bool], S]
    settle: Callable[[S], object]
    standing: Callable[[S], list[str]]
    wrong: Callable[[S], list[str]]

    def among(self, *names: str) -> list[tuple[Act[S], Act[S]]]:
        """The pairs of these acts only."""
        return [pair for pair in self.pairs if {pair[0].name, pair[1].name} <= set(names)]


Does = Callable[[S, str, Person], object]


def entering(
    acts: list[Act[S]], name: str, *people: str, paused: bool = False
) -> Callable[[Does[S]], Does[S]]:
    """Enter an act of one commit: `people` are the first and the second who do it, a fresh form key is given."""

    def enter(does: Does[S]) -> Does[S]:
        def steps(stage: S, number: int) -> Sequence[Step]:
            by = stage.world.person(people[min(number, len(people) - 1)])
            key = stage.world.key()
            return [lambda: does(stage, key, by)]

        acts.append(Act(name, steps, paused=paused))
        return does

    return enter
