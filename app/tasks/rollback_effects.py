"""What rolling back a module makes of items, of rows and of people's duties. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.tasks.labels import ItemState

AFTER = {ItemState.DONE: ItemState.TO_ROLL_BACK, ItemState.OPEN: ItemState.NOT_UPGRADED}
"""是 must be restored (Q14), 否 is frozen (Q15); what an earlier rollback decided stays."""


def after(state: int) -> ItemState:
    """The state of an item whose module is rolled back."""
    return AFTER.get(ItemState(state), ItemState(state))


def some_left(states: Iterable[int]) -> bool:
    """True where one of these states can still be rolled back."""
    return any(state in AFTER for state in states)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a rollback means for a row, or for a person over several, by the names of modules."""

    to_restore: tuple[str, ...] = ()
    frozen: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """True where anything changes."""
        return bool(self.to_restore or self.frozen)


def together(effects: Iterable[Effect]) -> Effect:
    """What several rows ask of one person, each module named once (Q17)."""
    rows = list(effects)
    return Effect(
        to_restore=_once(name for row in rows for name in row.to_restore),
        frozen=_once(name for row in rows for name in row.frozen),
    )


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
