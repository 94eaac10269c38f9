"""Who gets which text of an act, as the pages before it show it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.db import session
from app.notices.telling import Telling, one_each
from app.notices.wordings.catalogue import Wording, present
from app.work import platform

FIRST_NAMES = 5


@dataclass(frozen=True)
class Audience:
    """Everyone who gets one of the texts; `text` as the first of them will read it."""

    name: str
    count: int
    names: tuple[str, ...]
    text: str
    left: tuple[str, ...]


def audiences(told: Sequence[Telling], names: Mapping[str, str]) -> tuple[Audience, ...]:
    """Who gets which text, in the order of `names` (wording → what its readers are called)."""
    return tuple(
        _audience(name, own)
        for wording, name in names.items()
        if (own := [one for one in told if one.wording == wording])
    )


def _audience(name: str, told: list[Telling]) -> Audience:
    """The people and the text of one wording."""
    told = one_each(told)
    present = [one for one in told if not one.to.left]
    first = (present or told)[0]
    return Audience(
        name=name,
        count=len(present),
        names=tuple(one.to.name for one in present[:FIRST_NAMES]),
        text=filled(first),
        left=tuple(one.to.name for one in told if one.to.left),
    )


def filled(telling: Telling, wording: Wording | None = None) -> str:
    """The text that this telling would become; as another `wording` than its own would say it."""
    everywhere = {"platform": platform.values(session())[platform.NAME]}
    said = wording or present(session())[telling.wording]
    return said.filled(everywhere | telling.all_values)
