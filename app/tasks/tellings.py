"""Who is told of an act on published work, and with which facts."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from app import clock
from app.notices.telling import Recipient, Telling, points_in_words
from app.tasks.models import PointTask

ENDS = "revoke"  # the act after which there is nothing left to do
VIEW = "查看点位"
TRANSFERS = "?act=transfer"  # opens the row's page with that sheet
CLOSE = "point_task.close"
"""The key of the button 办结; `:` and the row's id follow where the card is about one row."""
MOST_CHOICES = 10  # of a card's drop-down; who has more opens the list


@dataclass(frozen=True, slots=True)
class Point:
    """A row, reduced to what tellings need."""

    id: int
    place_name: str
    implementer_id: int
    supervisor_id: int | None
    service_manager_id: int | None

    @property
    def people(self) -> set[int]:
        """Everyone who may be told of it."""
        return {i for i in (self.implementer_id, self.supervisor_id, self.service_manager_id) if i}


def point_of(row: PointTask) -> Point:
    """A row as tellings need it."""
    return Point(row.id, row.place.name, row.implementer_id, row.supervisor_id, row.service_manager_id)


@dataclass(frozen=True)
class About:
    """The task that people are told of; what thousands of tellings share is worked out once."""

    task_id: int
    type: str
    urgency: str
    due_at: datetime
    department: str
    publisher: str

    @cached_property
    def values(self) -> dict[str, str]:
        """What every wording about this task may ask for."""
        due = clock.shown(self.due_at)
        return {"type": self.type, "urgency": self.urgency, "due": due, "department": self.department}

    @cached_property
    def title(self) -> str:
        """The card's first line: 应急事件 · 紧急."""
        return f"{self.type} · {self.urgency}"

    @cached_property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """The card's key-value lines."""
        return (("完成时间", clock.shown(self.due_at)), ("发布人", f"{self.publisher}（{self.department}）"))


People = Mapping[int, Recipient]


def published(about: About, points: Iterable[Point], people: People) -> Iterator[Telling]:
    """T-62 for every 实施人, T-63 for every 主管 and 服务经理; one each however many points."""
    yield from _both("publish", about, points, people)


def overdue(about: About, points: Iterable[Point], people: People) -> Iterator[Telling]:
    """T-68 for every 实施人 of a row past its deadline, T-69 for those copied in."""
    yield from _both("overdue", about, points, people)


def sent_back(about: About, points: Iterable[Point], people: People) -> Iterator[Telling]:
    """T-64 for the 实施人, T-65 for those copied in."""
    yield from _both("send_back", about, points, people)


def urged(about: About, points: Iterable[Point], people: People) -> Iterator[Telling]:
    """T-66 for every 实施人; T-67 for those copied in, with every unfinished point of theirs (Q42)."""
    yield from _both("urge", about, points, people)


def revoked(about: About, points: Iterable[Point], people: People) -> Iterator[Telling]:
    """T-70 for both groups (Q33); the copies name the 实施人 (Q32)."""
    yield from _both("revoke", about, points, people)


def transferred(about: About, point: Point, people: People, *, by: str, former_id: int) -> Iterator[Telling]:
    """T-74 for the new 实施人, naming who transferred; the former one reads it in the app (Q31, Q32)."""
    to = people[point.implementer_id]
    telling = _to_implementer("transfer", about, to, [point])
    yield replace(telling, values={**telling.values, "name": by})
    former = people[former_id]
    values = about.values | {"name": by, "place": point.place_name, "implementer": to.name}
    yield replace(
        telling, wording="transfer.former", to=former, values=values, buttons=(), presses=(), in_app=True
    )


def edited(about: About, points: Iterable[Point], people: People) -> Iterator[Telling]:
    """Everyone else who has the task reads in the app that it changed (Q40)."""
    for telling in _both("edit", about, points, people):
        yield replace(telling, wording="edit.everyone", in_app=True)


def _both(act: str, about: About, points: Iterable[Point], people: People) -> Iterator[Telling]:
    points = list(points)
    for person_id, own in _grouped(points, lambda p: (p.implementer_id,)).items():
        yield _to_implementer(act, about, people[person_id], own)
    for person_id, own in _grouped(points, lambda p: (p.supervisor_id, p.service_manager_id)).items():
        yield _to_copied_in(act, about, people[person_id], own, people)


def _grouped(
    points: list[Point], whom: Callable[[Point], tuple[int | None, ...]]
) -> Mapping[int, list[Point]]:
    groups: dict[int, list[Point]] = defaultdict(list)
    for point in points:
        for person_id in set(whom(point)):
            if person_id is not None:
                groups[person_id].append(point)
    return groups


def _to_implementer(act: str, about: About, to: Recipient, own: list[Point]) -> Telling:
    alone = own[0].id if len(own) == 1 else None
    link = f"/tasks/{about.task_id}?mine=1" if alone is None else f"/point-tasks/{alone}"
    telling = Telling(
        wording=f"{act}.implementer",
        to=to,
        values=about.values | {"name": to.name},
        points=tuple([p.place_name for p in own]),
        title=about.title,
        link=link,
        facts=about.facts,
        buttons=((VIEW, link),),
        about_id=alone,
    )
    if act == ENDS:
        return telling
    if alone is not None:
        telling.buttons = (("反馈", link + "#feed-back"), ("转派", link + TRANSFERS))
        telling.presses = (("办结", f"{CLOSE}:{alone}"),)
    elif len(own) <= MOST_CHOICES:
        telling.presses = (("办结", CLOSE),)
        telling.choices = tuple([(str(p.id), p.place_name) for p in own])
    return telling


def _to_copied_in(act: str, about: About, to: Recipient, own: list[Point], people: People) -> Telling:
    names = tuple([p.place_name for p in own])
    who = list(dict.fromkeys([people[p.implementer_id].name for p in own]))
    implementers = who[0] if len(who) == 1 else f"{who[0]}等{len(who)}人"
    alone = own[0].id if len(own) == 1 else None
    link = f"/tasks/{about.task_id}" if alone is None else f"/point-tasks/{alone}"
    buttons: tuple[tuple[str, str], ...] = ((VIEW, link),)
    if alone is not None and act != ENDS:
        buttons += (("转派", link + TRANSFERS),)
    values = about.values | {
        "place": points_in_words(names),
        "implementer": implementers,
        "name": implementers,
    }
    if act == "urge":
        values |= _listed(about, own, people)
    return Telling(
        wording=f"{act}.copied_in",
        to=to,
        values=values,
        points=names,
        title=about.title,
        link=link,
        facts=about.facts,
        buttons=buttons,
        about_id=alone,
    )


def _listed(about: About, own: list[Point], people: People) -> dict[str, str]:
    """Every unfinished point, the places of one 实施人 together: 长安区、桥西区：王强-应急事件；新华区：…"""
    groups = _grouped(own, lambda p: (p.implementer_id,))
    lines = [
        ("、".join(p.place_name for p in points), f"{people[person_id].name}-{about.type}")
        for person_id, points in groups.items()
    ]
    (place, first), *rest = lines
    return {"place": place, "unfinished": "；".join([first, *(f"{where}：{who}" for where, who in rest)])}
