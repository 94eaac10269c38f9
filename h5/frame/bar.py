"""The filter bar above a list: what the address narrows it to, as values, in words and as links.

A list declares its fields; what their values mean for its rows only the list knows.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Literal, NamedTuple
from urllib.parse import urlencode

from flask import current_app
from jinja2 import Template
from markupsafe import Markup

from app.errors import BadInput
from app.people import names
from app.people import queries as people
from h5.frame.forms import Input
from h5.frame.named import NOBODY, NOWHERE, person_named, place_named

LONGEST = 100
Options = tuple[tuple[str, str], ...]
Value = str | int | datetime


class Field(NamedTuple):
    """Something a list may be narrowed by. `options` are what a choice is made of: value and text."""

    name: str
    label: str
    kind: Literal["choice", "region", "place", "person", "day", "text"]
    options: Options = ()


@dataclass(frozen=True)
class Bar:
    """What the lists of one page may be narrowed and sorted by.

    The first of `sorts` is how they stand unasked. `page` is what people call the page, `suggestions` the
    address at which names of places and of people are looked up while one types.
    """

    fields: tuple[Field, ...]
    page: str
    suggestions: str
    sorts: Options = (("", ""),)

    @property
    def usual(self) -> str:
        """The sort of a list that was asked for without one."""
        return self.sorts[0][0]

    def labels(self) -> dict[str, str]:
        """Name → label of the fields."""
        return {one.name: one.label for one in self.fields}


@dataclass(frozen=True)
class Chip:
    """One active filter; `without` is the query of the same list without it."""

    field: str
    name: str
    text: str
    without: str


@dataclass(eq=False)
class Narrowed:
    """What an address asks of a list.

    `asked` are its filled-in fields; `values` what they mean: a choice or a text as it is, the id of a region or
    a person, the code of a place, the first moment of a day. `unknown` says what named nothing.
    """

    bar: Bar
    asked: dict[str, str] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    sort: str = ""

    @property
    def chips(self) -> Iterator[Chip]:
        """What is active, each with the way out of it."""
        labels = self.bar.labels()
        for name, text in self.words.items():
            yield Chip(name, labels[name], text, self.query(without=name))

    @property
    def sentence(self) -> str:
        """All of it in one line: 状态 已超期，大区 华北大区."""
        labels = self.bar.labels()
        return "，".join(f"{labels[name]} {text}" for name, text in self.words.items())

    @property
    def is_empty(self) -> bool:
        """True where the list is shown as it stands unasked."""
        return not self.asked and self.sort == self.bar.usual

    @property
    def sort_query(self) -> str:
        """The sort alone as a query; "" for the usual one."""
        return "" if self.sort == self.bar.usual else urlencode({"sort": self.sort})

    def query(self, *, without: str = "") -> str:
        """The fields as a query, the sort included."""
        fields = urlencode({name: value for name, value in self.asked.items() if name != without})
        return "&".join(part for part in (fields, self.sort_query) if part)


def narrowed(bar: Bar, args: Mapping[str, str], form: Input) -> Narrowed:
    """What the address asks for. BadInput for values that no form of ours sends."""
    sort = args.get("sort", "")
    found = Narrowed(bar, sort=sort if sort in dict(bar.sorts) else bar.usual)
    for one in bar.fields:
        text = form.text(one.name, longest=LONGEST) if args.get(one.name) else ""
        if text:
            found.asked[one.name] = text
    for one in bar.fields:
        if one.name in found.asked:
            _read(found, one, form)
    return found


def drawn(found: Narrowed, fields: tuple[Field, ...], *, sorts: bool, hidden: str, base: str) -> Markup:
    """The bar with these fields above the list at `base`. While nothing is filled in it is the same for everybody.

    `hidden` is a field of the address that tells which list it is.
    """
    template = current_app.jinja_env.get_template("frame/_bar.html")
    fields, offered = _with_regions(fields), found.bar.sorts if sorts else ()
    if found.is_empty:
        return _unasked(template, found.bar, fields, offered, hidden, base)
    return _drawn(template, found, fields, offered, hidden, base)


def _drawn(
    template: Template, found: Narrowed, fields: tuple[Field, ...], sorts: Options, hidden: str, base: str
) -> Markup:
    action = base.partition("?")[0]
    drawn = template.render(
        narrowed=found, fields=fields, sorts=sorts, hidden=hidden, base=base, action=action
    )
    return Markup(drawn)  # noqa: S704 (a template of ours)


@lru_cache(maxsize=256)
def _unasked(
    template: Template, bar: Bar, fields: tuple[Field, ...], sorts: Options, hidden: str, base: str
) -> Markup:
    return _drawn(template, Narrowed(bar, sort=bar.usual), fields, sorts, hidden, base)


def _with_regions(fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """The fields with every region to choose from."""
    regions = tuple((str(region_id), name) for region_id, name in names.all_regions())
    return tuple(one._replace(options=regions) if one.kind == "region" else one for one in fields)


def _read(found: Narrowed, one: Field, form: Input) -> None:
    """Put down what was typed into a field: its value, its words, and that it names nothing."""
    name, text = one.name, found.asked[one.name]
    found.words[name] = text
    match one.kind:
        case "choice":
            found.words[name] = _chosen(found.bar, one, text)
            found.values[name] = text
        case "region":
            found.values[name] = region_id = form.whole_number(name)
            regions = {region.id: region.name for region in people.regions()}
            found.words[name] = regions.get(region_id, "（不存在）")
        case "place":
            _read_place(found, name, text)
        case "person":
            _read_person(found, name, text)
        case "day":
            found.values[name] = form.day(name)
        case "text":
            found.values[name] = text


def _chosen(bar: Bar, one: Field, text: str) -> str:
    options = dict(one.options)
    if text not in options:
        raise BadInput(f"没有“{text}”这个{one.label}，请从{bar.page}重新筛选。")
    return options[text]


def _read_place(found: Narrowed, name: str, text: str) -> None:
    place = place_named(text)
    if place is None:
        found.values[name] = NOWHERE
        found.unknown.append(
            f"没有找到区划“{text}”。请写全名（例如 长安区）、“河北省 / 石家庄市”或区划代码。"
        )
        return
    found.values[name], found.words[name] = place


def _read_person(found: Narrowed, name: str, text: str) -> None:
    person = person_named(text)
    if person is None:
        found.values[name] = NOBODY
        found.unknown.append(f"没有找到“{text}”，或有多人符合。请从列表中选择，或写企业微信账号。")
        return
    found.values[name], found.words[name] = person.id, person.name
