"""Who is told of an act on published work, and with which facts."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from flask import current_app

from app import clock
from app.notices.telling import Recipient, Telling, points_in_words
from app.tasks.labels import TaskType
from app.tasks.models import PointTask
from app.tasks.rollback import Effect, modules_in_words, together

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
    path: str = ""  # 河北省 / 石家庄市 / 长安区, where a wording lists places

    @property
    def people(self) -> set[int]:
        """Everyone who may be told of it."""
        return {i for i in (self.implementer_id, self.supervisor_id, self.service_manager_id) if i}

    @property
    def lies_in(self) -> str:
        """The name of what the place is part of: 石家庄市."""
        return " / ".join(self.path.split(" / ")[-2:-1])


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
    due_at: datetime
    department: str
    publisher: str
    patch: str = ""

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
        patch = (("补丁包", self.patch),) if self.patch else ()
        publisher = ("发布人", f"{self.publisher}（{self.department}）")
        return (*patch, ("完成时间", clock.shown(self.due_at)), publisher)


People = Mapping[int, Recipient]


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
    push = current_app.config["REMIND_PUSH"]
    for person_id, own in _grouped(list(points), lambda p: (p.implementer_id,)).items():
        yield replace(_to_implementer("remind", about, people[person_id], own), in_app=not push)


def escalated(
    about: About, points: list[Point], people: People, managers: Iterable[Recipient], *, days: int
) -> Iterator[Telling]:
    """Every 大区经理 of what stays overdue in the 大区."""
    for manager in managers:
        one = _to_copied_in("escalate", about, manager, points, people)
        values = {**one.values, "days": str(days)}
        yield replace(one, wording="escalate.region_manager", values=values)


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


RESTORE, WAIT = "roll_back.upgraded", "roll_back.not_upgraded"


def rolled_back(about: About, touched: Iterable[tuple[Point, Effect]], people: People) -> Iterator[Telling]:
    """T-71 for who must restore a module, T-72 for whose modules wait, T-73 for those copied in (T-18, Q17)."""
    rows = list(touched)
    for person_id, own in _effects_of(rows, lambda point: {point.implementer_id}).items():
        whole = together(effect for _, effect in own)
        if whole.to_restore:
            points = [point for point, effect in own if effect.to_restore]
            yield _of_rollback(RESTORE, about, people[person_id], points, whole.to_restore)
        if whole.frozen:
            points = [point for point, effect in own if effect.frozen]
            yield _of_rollback(WAIT, about, people[person_id], points, whole.frozen)
    for person_id, own in _effects_of(rows, lambda point: point.people - {point.implementer_id}).items():
        # Those who have something to restore come first: they are named in the text.
        own = sorted(own, key=lambda one: not one[1].to_restore)
        restore = [point for point, effect in own if effect.to_restore]
        points = [point for point, _ in own]
        telling = _to_copied_in("roll_back", about, people[person_id], restore or points, people)
        numbers = {"需还原": len(restore), "暂不升级": sum(bool(effect.frozen) for _, effect in own)}
        facts = tuple((name, f"{n} 个点位") for name, n in numbers.items() if n)
        link = telling.link if len(points) == 1 else f"/tasks/{about.task_id}"
        yield replace(
            telling,
            points=tuple([point.place_name for point in points]),
            facts=(*facts, *telling.facts),
            link=link,
            buttons=(("查看点位", link),),
        )


def _effects_of(
    rows: list[tuple[Point, Effect]], whom: Callable[[Point], set[int]]
) -> Mapping[int, list[tuple[Point, Effect]]]:
    groups: dict[int, list[tuple[Point, Effect]]] = defaultdict(list)
    for point, effect in rows:
        for person_id in whom(point):
            groups[person_id].append((point, effect))
    return groups


def _of_rollback(
    wording: str, about: About, to: Recipient, own: list[Point], modules: tuple[str, ...]
) -> Telling:
    telling = _to_implementer("roll_back", about, to, own)
    values = {**telling.values, "modules": modules_in_words(modules)}
    if wording == RESTORE:
        return replace(telling, wording=wording, values=values)
    return replace(telling, wording=wording, values=values, buttons=(("查看点位", telling.link),))


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
    who = list({people[p.implementer_id].name: None for p in own})
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
    """Every unfinished point, city by city where there are several, the places of one 实施人 together.

    石家庄市 长安区、桥西区：王强-应急事件；新华区：李静-应急事件；（new line）保定市 …
    """
    cities: dict[str, list[Point]] = defaultdict(list)
    for point in own:
        cities[point.lies_in].append(point)
    entries: list[tuple[str, str]] = []
    for city, points in cities.items():
        head = f"{city} " if city and len(cities) > 1 else ""
        for person_id, theirs in _grouped(points, lambda p: (p.implementer_id,)).items():
            where = head + "、".join(p.place_name for p in theirs)
            entries.append(
                (("\n" if head and entries else "") + where, f"{people[person_id].name}-{about.type}")
            )
            head = ""
    (place, first), *rest = entries
    return {"place": place, "unfinished": "；".join([first, *(f"{where}：{who}" for where, who in rest)])}
