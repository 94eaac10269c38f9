"""The filter bar of 查看任务: what the address narrows the rows to, in words and as links."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from urllib.parse import urlencode

from flask import render_template
from markupsafe import Markup

from app.errors import BadInput
from app.people import names
from app.people import queries as people
from app.people.models import Person
from app.places import queries as places
from app.tasks.filters import Filter
from app.tasks.labels import Label, TaskType
from app.tasks.reading.queries import SORTS
from app.text import name as tidied
from h5.frame.forms import Input
from h5.frame.repeated import Partial

NAMES = {
    "label": "状态",
    "type": "类型",
    "region": "大区",
    "place": "区划",
    "person": "人员",
    "since": "发布从",
    "until": "发布至",
}
SORT_NAMES = {"place": "按点位", "due": "按完成时间", "state": "按状态"}
NOBODY, NOWHERE = -1, "0"  # found by no row
USERID = re.compile(r"\(([^()]+)\)$")
A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Chip:
    """One active filter; `without` is the query of the same list without it."""

    field: str
    name: str
    text: str
    without: str


@dataclass(eq=False)
class Narrowing:
    """`asked` are the filled-in fields of the address; `unknown` says what named nothing."""

    asked: dict[str, str] = field(default_factory=dict)
    filter: Filter = field(default_factory=Filter)
    sort: str = "place"
    words: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)

    @property
    def chips(self) -> Iterator[Chip]:
        """What is active, each with the way out of it."""
        for name, text in self.words.items():
            yield Chip(name, NAMES[name], text, self.query(without=name))

    @property
    def sentence(self) -> str:
        """All of it in one line: 状态 已超期，大区 华北大区."""
        return "，".join(f"{NAMES[name]} {text}" for name, text in self.words.items())

    def query(self, *, without: str = "") -> str:
        """The fields as a query, the sort included."""
        fields = {name: value for name, value in self.asked.items() if name != without}
        return urlencode(fields | ({"sort": self.sort} if self.sort != "place" else {}))


NOTHING = Narrowing()


def of_address(args: Mapping[str, str], form: Input) -> Narrowing:
    """What the address asks for. BadInput for values that no form of ours sends."""
    found = Narrowing(asked={name: form.text(name, longest=100) for name in NAMES if args.get(name)})
    found.asked = {name: value for name, value in found.asked.items() if value}
    found.sort = args.get("sort", "") if args.get("sort") in SORTS else "place"
    if not found.asked:
        return found
    _choices(found)
    _region(found, form)
    _place(found)
    _person(found)
    _published(found, form)
    return found


BAR = Partial(
    "frame/_filters.html",
    shape=("labels", "types", "sorts", "regions", "in_task", "mine", "narrowed"),
    fields=("action",),
)
CHOICES = (
    tuple((label, label) for label in Label),
    tuple((name, name) for name in TaskType),
    tuple(SORT_NAMES.items()),
)


def bar(narrowed: Narrowing, *, in_task: bool, mine: bool, base: str) -> Markup:
    """The filter bar above the list at `base`. While nothing is filled in it is the same for everybody."""
    action = base.partition("?")[0]
    everywhere = (*CHOICES, names.all_regions(), in_task, mine)
    if not narrowed.asked and narrowed.sort == NOTHING.sort:
        return BAR.drawn([((*everywhere, NOTHING), (action,))])
    named = dict(zip(BAR.shape, (*everywhere, narrowed), strict=True))
    return Markup(render_template(BAR.template, action=action, base=base, **named))  # noqa: S704 (a template of ours)


def _choices(found: Narrowing) -> None:
    for name, allowed in (("label", list(Label)), ("type", list(TaskType))):
        value = found.asked.get(name, "")
        if not value:
            continue
        if value not in allowed:
            raise BadInput(f"没有“{value}”这个{NAMES[name]}，请从任务页重新筛选。")
        found.words[name] = value
        if name == "label":
            found.filter = replace(found.filter, label=value)
        else:
            found.filter = replace(found.filter, type=value)


def _region(found: Narrowing, form: Input) -> None:
    if "region" not in found.asked:
        return
    wanted = form.whole_number("region")
    regions = {region.id: region.name for region in people.regions()}
    found.words["region"] = regions.get(wanted, "（不存在）")
    found.filter = replace(found.filter, region_id=wanted)


def _place(found: Narrowing) -> None:
    text = found.asked.get("place")
    if not text:
        return
    place = place_named(text)
    if place is None:
        found.unknown.append(
            f"没有找到区划“{text}”。请写全名（例如 长安区）、“河北省 / 石家庄市”或区划代码。"
        )
    found.words["place"] = place[1] if place else text
    found.filter = replace(found.filter, place_code=place[0] if place else NOWHERE)


def _person(found: Narrowing) -> None:
    text = found.asked.get("person")
    if not text:
        return
    person = person_named(text)
    if person is None:
        found.unknown.append(f"没有找到“{text}”，或有多人符合。请从列表中选择，或写企业微信账号。")
    found.words["person"] = person.name if person else text
    found.filter = replace(found.filter, person_id=person.id if person else NOBODY)


def _published(found: Narrowing, form: Input) -> None:
    """Both days belong to the span."""
    if "since" in found.asked:
        found.filter = replace(found.filter, since=form.day("since"))
    if "until" in found.asked:
        found.filter = replace(found.filter, until=form.day("until") + A_DAY)
    found.words |= {name: found.asked[name] for name in ("since", "until") if name in found.asked}


def place_named(text: str) -> tuple[str, str] | None:
    """(code, path) of the place that a code, a path or a name means; None where it is none or several."""
    if text.isascii() and text.isdigit():
        place = places.place(text)
        return (place.code, place.path) if place else None
    found = places.named(text)
    return (found[0].code, found[0].path) if len(found) == 1 else None


def person_named(text: str) -> Person | None:
    """The member that a userid, a name or `name (userid)` means; None where it is nobody or several."""
    inside = USERID.search(text)
    found = people.by_userid(inside[1] if inside else text)
    if found is not None:
        return found
    same = people.search_people(text, limit=20).people
    exact = [person for person in same if tidied(person.name) == tidied(text)] or same
    return exact[0] if len(exact) == 1 else None
