"""Who is told of an act on published work, and with which facts."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, cached_property
from typing import Any, NamedTuple

from flask import current_app

from app import clock
from app.notices.telling import Letter, Listed, Recipient, Telling
from app.places.names import lies_in, told_apart
from app.tasks.labels import TaskType
from app.tasks.models import PointTask
from app.tasks.rollback.rules import Effect, modules_in_words, together
from app.tasks.telling.naming import CHOOSE, MODULES, POINTS, places_listed

ENDS = "revoke"  # the act after which there is nothing left to do
VIEW = "查看点位"
MOST_NAMED = 10  # of the points that cannot be done in time, in the publisher's entry
FEEDS_BACK, TRANSFERS = "#feed-back", "?act=transfer"  # what follows a row's path to open it there
CLOSE = "point_task.close"
"""The key of the button 办结; `:` and the row's id follow where the card is about one row."""
MOST_CHOICES = 10  # of a card's drop-down; who has more opens the list


class Point(NamedTuple):
    """A row, reduced to what tellings need."""

    id: int
    place_name: str
    implementer_id: int
    supervisor_id: int | None
    service_manager_id: int | None
    path: str = ""  # 河北省 / 石家庄市 / 长安区

    @property
    def people(self) -> set[int]:
        """Everyone who may be told of it."""
        return {i for i in (self.implementer_id, self.supervisor_id, self.service_manager_id) if i}

    @property
    def lies_in(self) -> str:
        """The name of what the place is part of: 石家庄市."""
        return lies_in(self.path)


def names_of(points: Iterable[Point]) -> tuple[str, ...]:
    """The places of rows as one text lists them: equal names carry their city."""
    return tuple(told_apart((point.place_name, point.path) for point in points))


def point_of(row: PointTask) -> Point:
    """A row as tellings need it."""
    place = row.place
    return Point(
        row.id, place.name, row.implementer_id, row.supervisor_id, row.service_manager_id, place.path
    )


@dataclass(frozen=True)
class About:
    """The task that people are told of; what thousands of tellings share is worked out once."""

    task_id: int
    type: str
    urgency: str
    due_at: datetime | None  # empty while it is being filled in
    department: str
    publisher: str
    patch: str = ""

    @cached_property
    def due(self) -> str:
        """The deadline as people read it."""
        return clock.shown(self.due_at) if self.due_at else "【任务要求完成时间】"

    @cached_property
    def values(self) -> dict[str, str]:
        """What every wording about this task may ask for."""
        return {"type": self.type, "urgency": self.urgency, "due": self.due, "department": self.department}

    @cached_property
    def title(self) -> str:
        """The card's first line: 应急事件 · 紧急."""
        return f"{self.type} · {self.urgency}"

    @cached_property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """The card's key-value lines."""
        patch = (("补丁包", self.patch),) if self.patch else ()
        publisher = ("发布人", f"{self.publisher}（{self.department}）")
        return (*patch, ("完成时间", self.due), publisher)


People = Mapping[int, Recipient]


class _Letters:
    """The letters of one act on a task, one per part that people have in it; `changes` are made to each."""

    def __init__(self, act: str, about: About, **changes: Any) -> None:
        self._act = act
        self._about = about
        self._changes = changes
        self.ends = act == ENDS

    def _letter(self, audience: str, *buttons: tuple[str, str], closes: bool = False) -> Letter:
        letter = Letter(
            wording=f"{self._act}.{audience}",
            title=self._about.title,
            values=self._about.values,
            facts=self._about.facts,
            buttons=buttons,
            presses=(("办结", CLOSE),) if closes else (),
            about=PointTask.__tablename__,
            noun=POINTS,
            choose=CHOOSE,
        )
        return replace(letter, **self._changes) if self._changes else letter

    @cached_property
    def of_one_row(self) -> Letter:
        """To the 实施人 of one row."""
        if self.ends:
            return self.of_many_rows
        return self._letter("implementer", ("反馈", FEEDS_BACK), ("转派", TRANSFERS), closes=True)

    @cached_property
    def of_a_few_rows(self) -> Letter:
        """To the 实施人 of so many rows that one can be chosen on the card."""
        return self._letter("implementer", (VIEW, ""), closes=True)

    @cached_property
    def of_many_rows(self) -> Letter:
        """To the 实施人 of more rows than that."""
        return self._letter("implementer", (VIEW, ""))

    @cached_property
    def copy_of_one_row(self) -> Letter:
        """To who is copied in on one row."""
        if self.ends:
            return self.copy_of_many_rows
        return self._letter("copied_in", (VIEW, ""), ("转派", TRANSFERS))

    @cached_property
    def copy_of_many_rows(self) -> Letter:
        """To who is copied in on several."""
        return self._letter("copied_in", (VIEW, ""))


def published(about: About, points: Iterable[Point], people: People) -> Iterator[Telling]:
    """T-62 for every 实施人, T-63 for every 主管 and 服务经理; one each however many points."""
    yield from _both("publish", about, points, people)


def overdue(about: About, points: Iterable[Point], people: People) -> Iterator[Telling]:
    """T-68 for every 实施人 of a row past its deadline, T-69 for those copied in."""
    yield from _both("overdue", about, points, people)


def may_wait(task_type: str) -> bool:
    """False for 应急事件, which rings at night as well."""
    return task_type != TaskType.EMERGENCY


def reminded(about: About, points: Iterable[Point], people: People) -> Iterator[Telling]:
    """Every 实施人 of an open row, before the deadline; no sentence is given, so in the app by default."""
    letters = _Letters("remind", about, in_app=not current_app.config["REMIND_PUSH"])
    for person_id, own in _by_implementer(points).items():
        yield _to_implementer(letters, about, people[person_id], own)


def escalated(
    about: About, points: list[Point], people: People, managers: Iterable[Recipient], *, days: int
) -> Iterator[Telling]:
    """Every 大区经理 of what stays overdue in the 大区."""
    values = about.values | {"days": str(days)}
    letters = _Letters("escalate", about, wording="escalate.region_manager", values=values)
    for manager in managers:
        yield _to_copied_in(letters, about, manager, points, people)


def sent_back(about: About, points: Iterable[Point], people: People) -> Iterator[Telling]:
    """T-64 for the 实施人, T-65 for those copied in."""
    yield from _both("send_back", about, points, people)


def urged(about: About, points: Iterable[Point], people: People) -> Iterator[Telling]:
    """T-66 for every 实施人; T-67 for those copied in, with every unfinished point of theirs (Q42)."""
    points, letters = list(points), _Letters("urge", about)
    for person_id, own in _by_implementer(points).items():
        yield _to_implementer(letters, about, people[person_id], own)
    for person_id, own in _by_copied_in(points).items():
        telling = _to_copied_in(letters, about, people[person_id], own, people)
        telling.values = {**telling.values, **_listed(about, own, people)}
        yield telling


def revoked(about: About, points: Iterable[Point], people: People) -> Iterator[Telling]:
    """T-70 for both groups (Q33); the copies name the 实施人 (Q32)."""
    yield from _both("revoke", about, points, people)


def transferred(
    about: About, points: list[Point], people: People, *, by: str, former_id: int
) -> Iterator[Telling]:
    """T-74 for the new 实施人 of these rows, naming who transferred; the former one reads it in the app (Q31, Q32)."""
    to = people[points[0].implementer_id]
    telling = _to_implementer(_Letters("transfer", about), about, to, points)
    telling.values = {"name": by}
    yield telling
    former = replace(telling.letter, wording="transfer.former", in_app=True)
    places = places_listed([point.place_name for point in points])
    values = {"name": by, "place": places, "implementer": to.name}
    yield replace(telling, letter=former, to=people[former_id], values=values)


class Hopeless(NamedTuple):
    """An open row whose deadline cannot be met, and why."""

    place: str
    implementer: str
    note: str


class Progress(NamedTuple):
    """What came of a task: numbers of points, those in trouble, and the newest acts in words."""

    points: int
    closed: int
    fed_back: int  # open, and something was said of them
    hopeless: Sequence[Hopeless]
    latest: Sequence[str]


SO_FAR, HOPELESS = "progress.so_far", "progress.hopeless"


def progressed(about: About, to: Recipient, progress: Progress) -> Telling:
    """The publisher reads in the app how far the task is; what cannot be done in time comes first (Q44)."""
    done = f"已办结 {progress.closed}/{progress.points} 个点位"
    if progress.fed_back:
        done += f"，另有 {progress.fed_back} 个已反馈"
    values = {"progress": "".join([f"{done}。", *("\n" + act for act in progress.latest)])}
    if progress.hopeless:
        named = [f"{one.place}（{one.implementer}：{one.note}）" for one in progress.hopeless[:MOST_NAMED]]
        rest = f"等{len(progress.hopeless)}个点位" if len(progress.hopeless) > MOST_NAMED else ""
        values["hopeless"] = "、".join(named) + rest
    wording = HOPELESS if progress.hopeless else SO_FAR
    letter = Letter(wording, about.title, values=about.values, facts=about.facts, in_app=True, noun=POINTS)
    return Telling(letter, to, values, points=(), link=f"/tasks/{about.task_id}")


def edited(about: About, points: Iterable[Point], people: People) -> Iterator[Telling]:
    """Everyone else who has the task reads in the app that it changed (Q40)."""
    yield from _both("edit", about, points, people, wording="edit.everyone", in_app=True)


def changed(
    about: About, points: Iterable[Point], people: People, words: str, *, in_app: bool
) -> Iterator[Telling]:
    """The 实施人 and those copied in, when what their card says is another thing now: `words` say what (Q52)."""
    values = about.values | {"changes": words}
    yield from _both("edit", about, points, people, values=values, in_app=in_app)


RESTORE, WAIT = "roll_back.upgraded", "roll_back.not_upgraded"


def rolled_back(about: About, touched: Iterable[tuple[Point, Effect]], people: People) -> Iterator[Telling]:
    """T-71 for who must restore a module, T-72 for whose modules wait, T-73 for those copied in (T-18, Q17)."""
    rows = list(touched)
    points, effects = [point for point, _ in rows], {point.id: effect for point, effect in rows}
    restoring = _Letters("roll_back", about, wording=RESTORE)
    waiting = _Letters("roll_back", about, wording=WAIT, buttons=((VIEW, ""),))
    for person_id, own in _by_implementer(points).items():
        whole = together(effects[point.id] for point in own)
        if whole.to_restore:
            mine = [point for point in own if effects[point.id].to_restore]
            yield _of_rollback(restoring, about, people[person_id], mine, whole.to_restore)
        if whole.frozen:
            mine = [point for point in own if effects[point.id].frozen]
            yield _of_rollback(waiting, about, people[person_id], mine, whole.frozen)
    letters = cache(lambda *numbers: _copies_of_rollback(about, *numbers))
    for person_id, own in _by_copied_in(points).items():
        # Those who have something to restore come first: they are named in the text.
        own.sort(key=lambda point: not effects[point.id].to_restore)
        restore = [point for point in own if effects[point.id].to_restore]
        frozen = sum(bool(effects[point.id].frozen) for point in own)
        telling = _to_copied_in(
            letters(len(restore), frozen), about, people[person_id], restore or own, people
        )
        telling.points = names_of(own)
        if len(own) > 1:
            telling.link = f"/tasks/{about.task_id}"
        yield telling


def _of_rollback(
    letters: _Letters, about: About, to: Recipient, own: list[Point], modules: tuple[str, ...]
) -> Telling:
    telling = _to_implementer(letters, about, to, own)
    listed = Listed(modules_in_words(modules), len(modules), MODULES)
    telling.values = {**telling.values, "modules": listed}
    return telling


def _copies_of_rollback(about: About, restore: int, frozen: int) -> _Letters:
    numbers = {"需还原": restore, "暂不升级": frozen}
    facts = tuple((name, f"{n} 个点位") for name, n in numbers.items() if n)
    return _Letters("roll_back", about, facts=(*facts, *about.facts), buttons=((VIEW, ""),))


def _both(
    act: str, about: About, points: Iterable[Point], people: People, **changes: Any
) -> Iterator[Telling]:
    points = list(points)
    letters = _Letters(act, about, **changes)
    for person_id, own in _by_implementer(points).items():
        yield _to_implementer(letters, about, people[person_id], own)
    for person_id, own in _by_copied_in(points).items():
        yield _to_copied_in(letters, about, people[person_id], own, people)


def _by_implementer(points: Iterable[Point]) -> Mapping[int, list[Point]]:
    groups: dict[int, list[Point]] = defaultdict(list)
    for point in points:
        groups[point.implementer_id].append(point)
    return groups


def _by_copied_in(points: Iterable[Point]) -> Mapping[int, list[Point]]:
    """主管 and 服务经理, who may be the same person; who does a row reads the 实施人's text of it alone (Q37)."""
    groups: dict[int, list[Point]] = defaultdict(list)
    for point in points:
        does, supervisor_id, manager_id = (
            point.implementer_id,
            point.supervisor_id,
            point.service_manager_id,
        )
        if supervisor_id is not None and supervisor_id != does:
            groups[supervisor_id].append(point)
        if manager_id is not None and manager_id not in (supervisor_id, does):
            groups[manager_id].append(point)
    return groups


def _to_implementer(letters: _Letters, about: About, to: Recipient, own: list[Point]) -> Telling:
    values = {"name": to.name}
    if len(own) == 1:
        id_, name = own[0].id, own[0].place_name
        return Telling(letters.of_one_row, to, values, (name,), f"/point-tasks/{id_}", id_)
    names = names_of(own)
    link = f"/tasks/{about.task_id}?mine=1"
    if len(own) > MOST_CHOICES or letters.ends:
        return Telling(letters.of_many_rows, to, values, names, link)
    choices = tuple([(str(point.id), name) for point, name in zip(own, names, strict=True)])
    return Telling(letters.of_a_few_rows, to, values, names, link, choices=choices)


def _to_copied_in(
    letters: _Letters, about: About, to: Recipient, own: list[Point], people: People
) -> Telling:
    if len(own) == 1:
        point = own[0]
        name, who = point.place_name, people[point.implementer_id].name
        values = {"place": Listed(name, 1, POINTS), "implementer": who, "name": who}
        return Telling(letters.copy_of_one_row, to, values, (name,), f"/point-tasks/{point.id}", point.id)
    names = names_of(own)
    several = list({people[point.implementer_id].name: None for point in own})
    who = several[0] if len(several) == 1 else f"{several[0]}等{len(several)}人"
    values = {"place": places_listed(names), "implementer": who, "name": who}
    return Telling(letters.copy_of_many_rows, to, values, names, f"/tasks/{about.task_id}")


def _listed(about: About, own: list[Point], people: People) -> dict[str, Listed]:
    """Every unfinished point, city by city where there are several, the places of one 实施人 together.

    石家庄市 长安区、桥西区：王强-应急事件；新华区：李静-应急事件；（new line）保定市 …
    """
    cities: dict[str, list[Point]] = defaultdict(list)
    for point in own:
        cities[point.lies_in].append(point)
    entries: list[tuple[str, str]] = []
    for city, points in cities.items():
        head = f"{city} " if city and len(cities) > 1 else ""
        for person_id, theirs in _by_implementer(points).items():
            where = head + "、".join(p.place_name for p in theirs)
            entries.append(
                (("\n" if head and entries else "") + where, f"{people[person_id].name}-{about.type}")
            )
            head = ""
    (place, first), *rest = entries
    unfinished = "；".join([first, *(f"{where}：{who}" for where, who in rest)])
    return {
        "place": Listed(place, len(own), POINTS),
        "unfinished": Listed(unfinished, len(own), POINTS),
    }
