"""Values that kinds of work show to the rest of the house."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from app.people.models import Person
from app.work import words
from app.work.attachments import Guard


class Named(NamedTuple):
    """How a row is called, and the page that shows it; "" for none."""

    text: str
    page: str = ""


class Waiting(NamedTuple):
    """Something that waits for a person, as the list of 待办 shows it; `mark` is its name on the page.

    `urgent` stands beside the title where it is out of the ordinary; `percent` is None where nothing is counted.
    """

    mark: str
    id: int
    title: str
    where: str
    due_at: datetime | None
    due_text: str
    label: str
    late: bool
    page: str
    urgent: str = ""
    percent: int | None = None


class Hit(NamedTuple):
    """Something that a search has found."""

    kind: str
    id: int
    title: str
    where: str
    label: str
    page: str


@dataclass(frozen=True)
class Subject:
    """A table of a kind of work whose rows history, attachments and messages hang on.

    `rows` is a select of `id` and of what `shown` needs to say how a row is called; `page` is where people go on
    with a row. `may_see` raises NotFound for everyone who may not see a row, and so none of its files;
    `may_take_back` is the guard of who takes a file of theirs away. `said` are people's own words in the facts of
    an event; `changed` says what was different after it; `summed` what only those need who read of it away from
    the rows. `called` names an act whose facts give it another name.
    """

    table: str
    name: str
    rows: Any
    id: Any
    shown: Callable[[Any], Named]
    said: Callable[[Mapping[str, Any]], Iterable[tuple[str, str]]] = words.said
    changed: Callable[[Mapping[str, Any]], Iterable[str]] = words.changed
    summed: Callable[[Mapping[str, Any]], Iterable[str]] = lambda _facts: ()
    called: Callable[[str, Mapping[str, Any]], str] = lambda _act, _facts: ""
    page: Callable[[int], str] = lambda _id: "/"
    may_see: Callable[[Person, int], object] | None = None
    may_take_back: Guard | None = None


@dataclass(frozen=True)
class Scan:
    """Something a kind of work does by the clock; safe to run twice and to cut off. `hourly`: seldom enough."""

    name: str
    run: Callable[[], object]
    hourly: bool = False
