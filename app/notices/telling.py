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


def points_in_words(points: tuple[str, ...] | list[str], *, most: int = 3) -> str:
    """长安区、桥西区、新华区等40个点位 (T-32)."""
    if len(points) <= most:
        return "、".join(points)
    return "、".join(points[:most]) + f"等{len(points)}个点位"
