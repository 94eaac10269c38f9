"""The letters of an act by the part that people have in it: wording, links and buttons."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from app.notices.telling import Letter, Listed, Recipient, Telling
from app.tasks.models import PointTask
from app.tasks.telling.about import About, People
from app.tasks.telling.naming import CHOOSE, POINTS, places_listed
from app.tasks.telling.points import Point, names_of

Buttons = tuple[tuple[str, str], ...]
"""Each with its text, and what follows the path that it opens."""

ENDS = "revoke"  # the act after which there is nothing left to do
VIEW = "查看点位"
FEEDS_BACK, TRANSFERS = "#feed-back", "?act=transfer"  # what follows a row's path to open it there
CLOSE = "point_task.close"
"""The key of the button 办结; `:` and the row's id follow where the card is about one row."""
MOST_CHOICES = 10  # of a card's drop-down; who has more opens the list

LOOKS = ((VIEW, ""),)
HANDS_ON = ((VIEW, ""), ("转派", TRANSFERS))
WORKS = (("反馈", FEEDS_BACK), ("转派", TRANSFERS))


class Letters:
    """The letters of one act on a task, by the part that people have in it and the rows that they read of.

    `values` and `facts` are said besides those of the task; `changes` are made to each letter. Rows that are as
    many and have the same deadline share one letter, which the outbox puts together once.
    """

    def __init__(
        self,
        act: str,
        about: About,
        *,
        values: Mapping[str, str] | None = None,
        facts: tuple[tuple[str, str], ...] = (),
        **changes: Any,
    ) -> None:
        self.ends = act == ENDS
        self._act = act
        self._about = about
        self._values = values or {}
        self._facts = facts
        self._changes = changes
        self._made: dict[tuple[About, str, Buttons, bool], Letter] = {}

    def implementer(self, own: Collection[Point]) -> Letter:
        """To the 实施人: one row is worked on from the card, of a few one can be chosen there and closed."""
        if self.ends or len(own) > MOST_CHOICES:
            return self._letter("implementer", own, LOOKS)
        return self._letter("implementer", own, WORKS if len(own) == 1 else LOOKS, closes=True)

    def copied_in(self, own: Collection[Point]) -> Letter:
        """To somebody who is copied in: one row can be handed on."""
        hands_on = len(own) == 1 and not self.ends
        return self._letter("copied_in", own, HANDS_ON if hands_on else LOOKS)

    def _letter(
        self, audience: str, own: Collection[Point], buttons: Buttons, *, closes: bool = False
    ) -> Letter:
        about = self._about.of(own)
        key = (about, audience, buttons, closes)
        if key not in self._made:
            letter = Letter(
                wording=f"{self._act}.{audience}",
                title=about.title,
                values={**about.values, **self._values},
                facts=(*self._facts, *about.facts),
                buttons=buttons,
                presses=(("办结", CLOSE),) if closes else (),
                about=PointTask.__tablename__,
                noun=POINTS,
                choose=CHOOSE,
            )
            self._made[key] = replace(letter, **self._changes)
        return self._made[key]


def to_both(
    act: str, about: About, points: Iterable[Point], people: People, **changes: Any
) -> Iterator[Telling]:
    """The act to every 实施人, and to those copied in; one telling each, however many points."""
    points = list(points)
    letters = Letters(act, about, **changes)
    for person_id, own in by_implementer(points).items():
        yield to_implementer(letters, about, people[person_id], own)
    for person_id, own in by_copied_in(points).items():
        yield to_copied_in(letters, about, people[person_id], own, people)


def by_implementer(points: Iterable[Point]) -> Mapping[int, list[Point]]:
    """实施人 → their points, in the order they come."""
    groups: dict[int, list[Point]] = defaultdict(list)
    for point in points:
        groups[point.implementer_id].append(point)
    return groups


def by_copied_in(points: Iterable[Point]) -> Mapping[int, list[Point]]:
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


def to_implementer(letters: Letters, about: About, to: Recipient, own: list[Point]) -> Telling:
    """What the 实施人 of these points is told; a few of them can be chosen on the card."""
    letter, values = letters.implementer(own), {"name": to.name}
    if len(own) == 1:
        id_, name = own[0].id, own[0].place_name
        return Telling(letter, to, values, (name,), f"/point-tasks/{id_}", id_)
    names = names_of(own)
    link = f"/tasks/{about.task_id}?mine=1"
    if len(own) > MOST_CHOICES or letters.ends:
        return Telling(letter, to, values, names, link)
    choices = tuple([(str(point.id), name) for point, name in zip(own, names, strict=True)])
    return Telling(letter, to, values, names, link, choices=choices)


def to_copied_in(letters: Letters, about: About, to: Recipient, own: list[Point], people: People) -> Telling:
    """What somebody who is copied in on these points is told; it names their 实施人."""
    letter = letters.copied_in(own)
    if len(own) == 1:
        point = own[0]
        name, who = point.place_name, people[point.implementer_id].name
        values = {"place": Listed(name, 1, POINTS), "implementer": who, "name": who}
        return Telling(letter, to, values, (name,), f"/point-tasks/{point.id}", point.id)
    names = names_of(own)
    several = list({people[point.implementer_id].name: None for point in own})
    who = several[0] if len(several) == 1 else f"{several[0]}等{len(several)}人"
    values = {"place": places_listed(names), "implementer": who, "name": who}
    return Telling(letter, to, values, names, f"/tasks/{about.task_id}")
