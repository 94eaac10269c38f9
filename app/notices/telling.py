"""What a kind of work hands to the outbox: who is told, with which facts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple


class Recipient(NamedTuple):
    """A person as the messenger needs to know them."""

    id: int
    userid: str
    name: str
    left: bool = False


@dataclass(slots=True)  # not frozen, which would take twice as long: an act makes thousands
class Telling:
    """One wording for one person about one act.

    `values` fill the placeholders; `points` are the names of the places it is
    about; `link` is a path of ours that the card opens; `facts` are the card's
    key-value lines. `in_app` keeps it to the app's own message list (Q44).
    `presses` are buttons that act at once; where `choices` are offered, they
    act on the chosen one. `about_id` is the row it is about, if it is one alone.
    """

    wording: str
    to: Recipient
    values: Mapping[str, str]
    points: tuple[str, ...]
    title: str
    link: str
    facts: tuple[tuple[str, str], ...] = ()
    buttons: tuple[tuple[str, str], ...] = ()  # (text, path of ours)
    presses: tuple[tuple[str, str], ...] = ()  # (text, key)
    choices: tuple[tuple[str, str], ...] = ()  # (id, text)
    about_id: int | None = None
    in_app: bool = False
    withheld: str = ""  # why it is not said at all; the ledger keeps it with this reason


def points_in_words(points: tuple[str, ...] | list[str], *, most: int = 3, longest: int = 1000) -> str:
    """长安区、桥西区、新华区等40个点位 (T-32); fewer names where they are longer than `longest` together."""
    if len(points) == 1 and len(points[0]) <= longest:
        return points[0]
    if len(points) <= most and len(text := "、".join(points)) <= longest:
        return text
    for named in range(min(most, len(points)), 0, -1):
        text = "、".join(points[:named]) + f"等{len(points)}个点位"
        if len(text) <= longest:
            return text
    return f"{len(points)}个点位"
