"""The kinds of work of the house: what each shows of itself to to-do, search, ledger, log, chat and clock.

One list, read by doors and by the rooms of insight; nobody below knows it. A new kind gets its line here, and
whatever the house does for all kinds, it does for this one too.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.notices.ledger.lines import Scopes
from app.notices.presses import Button
from app.notices.queue.night import Work
from app.notices.telling import Telling
from app.people.models import Person, Who
from app.tasks import face as tasks
from app.work import words
from app.work.faces import Hit, Scan, Subject, Waiting


@dataclass(frozen=True)
class Samples:
    """Real work that texts are tried on. `told` is what an act would say of a subject; nothing of one that is gone."""

    acts: Collection[str]
    latest: Callable[[], Sequence[tuple[int, str]]]
    """The newest subjects, as (id, title)."""
    told: Callable[[str, int], Iterable[Telling]]


@dataclass(frozen=True)
class Kind:
    """What a kind of work shows. Whoever is asked for is let see only what is theirs to see."""

    key: str
    name: str
    subjects: tuple[Subject, ...] = ()
    acts: Mapping[str, str] = field(default_factory=dict)
    """Act → what people call it."""
    waiting: Callable[[Who, int], Sequence[Waiting]] = lambda _who, _limit: ()
    """What waits for a person, the nearest deadline first."""
    waits: Callable[[Who], int] = lambda _who: 0
    """How many of these there are."""
    watched: Callable[[Who, int], Sequence[Waiting]] = lambda _who, _limit: ()
    """What a person watches, the nearest deadline first."""
    watched_numbers: Callable[[Who], tuple[int, int]] = lambda _who: (0, 0)
    """How much that is, and how much of it is past its deadline."""
    mended_by: Callable[[Person], Scopes] = lambda _person: ()
    """The messages that a person may send again or ignore."""
    named: Callable[[Collection[Any]], Mapping[int, str]] = lambda _lines: {}
    """Line of the ledger (by id) → what of this kind it is about; lines of other kinds are left out."""
    search: Callable[[Who, str, int], Sequence[Hit]] = lambda _who, _text, _limit: ()
    presses: Mapping[str, Button] = field(default_factory=dict)
    """Key of a card's button → what it does."""
    scans: tuple[Scan, ...] = ()
    scopes: Mapping[str, str] = field(default_factory=dict)
    """What a token of the API may be used for → what people call it."""
    samples: Samples | None = None
    held: Work | None = None
    """What it knows of its messages that are held for the night."""


TASKS = Kind(
    key="task",
    name="任务",
    subjects=tasks.SUBJECTS,
    acts=tasks.ACTS,
    waiting=tasks.waiting,
    waits=tasks.waits,
    watched=tasks.watched,
    watched_numbers=tasks.watched_numbers,
    mended_by=tasks.mended_by,
    named=tasks.named,
    search=tasks.search,
    presses=tasks.PRESSES,
    scans=tasks.SCANS,
    scopes=tasks.SCOPES,
    samples=Samples(tasks.TRIED_ON, tasks.latest, tasks.told),
    held=tasks.HELD,
)
KINDS: tuple[Kind, ...] = (TASKS,)


def subject(table: str) -> Subject | None:
    """What a kind of work keeps in this table; None for what belongs to none."""
    return next((one for kind in KINDS for one in kind.subjects if one.table == table), None)


def acts() -> dict[str, str]:
    """Act → its name, of all kinds."""
    return {act: name for kind in KINDS for act, name in kind.acts.items()}


def presses() -> dict[str, Button]:
    """Key → what the button does, of all kinds."""
    return {key: button for kind in KINDS for key, button in kind.presses.items()}


def scans() -> list[Scan]:
    """What the clock does for the kinds of work."""
    return [scan for kind in KINDS for scan in kind.scans]


def scopes() -> dict[str, str]:
    """What a token of the API may be used for → what people call it, of all kinds."""
    return {scope: name for kind in KINDS for scope, name in kind.scopes.items()}


def said(table: str, facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(what it is, people's own words) in an event of this table."""
    known = subject(table)
    return list((known.said if known else words.said)(facts))


def changed(table: str, facts: Mapping[str, Any]) -> list[str]:
    """What was different after an event of this table."""
    known = subject(table)
    return list((known.changed if known else words.changed)(facts))


def called(table: str, act: str, facts: Mapping[str, Any]) -> str:
    """Another name of an act that its facts give it; "" for none."""
    known = subject(table)
    return known.called(act, facts) if known else ""


def summed(table: str, facts: Mapping[str, Any]) -> list[str]:
    """What those need besides who read of the event away from the rows."""
    known = subject(table)
    return list(known.summed(facts)) if known else []
