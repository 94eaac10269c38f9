"""What a kind of work hands to the outbox: who is told, with which facts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

REMINDERS = "条"


class Recipient(NamedTuple):
    """A person as the messenger needs to know them."""

    id: int
    userid: str
    name: str
    left: bool = False


class Listed(str):
    """A value that lists things: a card without room for all of them says how many there are (40个点位).

    Its entries end at one of `separators`, the coarsest first.
    """

    number: int
    unit: str
    separators: tuple[str, ...]

    def __new__(
        cls, text: str, number: int, unit: str, *, separators: tuple[str, ...] = ("；", "、")
    ) -> "Listed":
        """`text` is the whole list, as it is said where there is room."""
        made = super().__new__(cls, text)
        made.number, made.unit, made.separators = number, unit, separators
        return made

    def without_end(self, end: str) -> "Listed":
        """The same without this ending."""
        return Listed(self.removesuffix(end), self.number, self.unit, separators=self.separators)


def listed(names: Sequence[str], noun: str) -> Listed:
    """What `in_words` says, as a list that can be shortened."""
    return Listed(in_words(names, noun), len(names), noun)


@dataclass(frozen=True, eq=False)
class Letter:
    """What an act says to everyone who has the same part in it: thousands of tellings share one.

    `values` fill placeholders for all of them; `facts` are the card's key-value lines. `buttons` open a
    page: (text, what follows the path that the telling leads to). `presses` act at once: (text, key); the
    row's id follows the key where a telling is about one row. `in_app` keeps it to the app's own message
    list (Q44). `about` is the table of the rows that tellings are about, `noun` what stands behind a number
    of them (个点位), `choose` the title of a card's drop-down of them.
    """

    wording: str
    title: str
    values: Mapping[str, str] = field(default_factory=dict)
    facts: tuple[tuple[str, str], ...] = ()
    buttons: tuple[tuple[str, str], ...] = ()
    presses: tuple[tuple[str, str], ...] = ()
    in_app: bool = False
    about: str = ""
    noun: str = ""
    choose: str = ""


@dataclass(slots=True)  # not frozen, which would take twice as long: an act makes thousands
class Telling:
    """A letter to one person about one act.

    `values` fill the placeholders that the letter leaves open; `points` are the names of the places it is
    about; `link` is a path of ours that the card opens. Where `choices` are offered, presses act on the
    chosen one. `about_id` is the row it is about, if it is one alone.
    """

    letter: Letter
    to: Recipient
    values: Mapping[str, str]
    points: tuple[str, ...]
    link: str
    about_id: int | None = None
    choices: tuple[tuple[str, str], ...] = ()  # (id, text)
    withheld: str = ""  # why it is not said at all; the ledger keeps it with this reason

    @property
    def wording(self) -> str:
        """The key of the letter's text: publish.implementer."""
        return self.letter.wording

    @property
    def all_values(self) -> dict[str, str]:
        """What fills the text, the letter's part and the person's."""
        return {**self.letter.values, **self.values}


def one_each(told: Sequence[Telling]) -> list[Telling]:
    """One telling per person, of the most demanding part: the first, which the outbox takes title and link of."""
    first: dict[int, Telling] = {}
    for one in told:
        first.setdefault(one.to.id, one)
    return list(first.values())


def in_words(names: Sequence[str], noun: str, *, most: int = 3, longest: int = 1000) -> str:
    """长安区、桥西区、新华区等40个点位 (T-32); fewer names where they are longer than `longest` together."""
    if len(names) == 1 and len(names[0]) <= longest:
        return names[0]
    if len(names) <= most and len(text := "、".join(names)) <= longest:
        return text
    for named in range(min(most, len(names)), 0, -1):
        text = "、".join(names[:named]) + f"等{len(names)}{noun}"
        if len(text) <= longest:
            return text
    return f"{len(names)}{noun}"
