"""催办 with manners: who would be urged now, who heard it a moment ago, who is already at work."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from flask import current_app

from app import clock
from app.db import Session, session
from app.notices.ledger import inbox as notices
from app.notices.ledger.inbox import Heard
from app.notices.queue import outbox
from app.notices.telling import Telling
from app.people.models import Person
from app.tasks.loading import managed_task
from app.tasks.managing import who_saw
from app.tasks.models import PointTask, Task
from app.tasks.telling import departed, scopes, tellings
from app.tasks.telling.about import about_task, recipients
from app.tasks.telling.audiences import Audience, audiences
from app.tasks.telling.departed import Departed
from app.tasks.telling.points import Point, points_of

AT_WORK = timedelta(hours=24)
AUDIENCES = {"urge.implementer": "实施人", "urge.copied_in": "抄送人（主管、服务经理）"}


class Whom(StrEnum):
    """Which 实施人 are urged; those copied in read of every unfinished point of theirs (Q42)."""

    ALL = "all"
    NOT_AT_WORK = "not_at_work"
    UNSEEN = "unseen"


@dataclass(frozen=True)
class Urging:
    """What urging these points now would do: everyone's message, some withheld with the reason."""

    points: list[Point]
    told: list[Telling]
    heard: dict[int, datetime]  # who was urged within the cool-down, and when
    at_work: dict[int, str]  # 实施人 who fed back within a day, by name

    @property
    def going(self) -> list[Telling]:
        """The messages that will ring."""
        return [one for one in self.told if not one.withheld and not one.to.left]

    @property
    def cooling(self) -> list[tuple[str, datetime]]:
        """Who is left alone because they were urged a moment ago: (name, when)."""
        told = {one.to.id: one.to.name for one in self.told}
        return [(name, self.heard[person_id]) for person_id, name in told.items() if person_id in self.heard]

    @property
    def departed(self) -> tuple[str, ...]:
        """实施人 whom nothing reaches, by name: their rows must be handed on."""
        return tuple(one.to.name for one in self.told if one.to.left and one.wording == "urge.implementer")

    @property
    def urged_rows(self) -> list[int]:
        """The rows whose 实施人 will be told."""
        people = {one.to.id for one in self.going if one.wording == "urge.implementer"}
        return [point.id for point in self.points if point.implementer_id in people]


def cool_down() -> timedelta:
    """How long a person is left alone after being urged about a task."""
    return timedelta(minutes=current_app.config["URGE_COOLDOWN_MINUTES"])


def urging_all(current: Session, task: Task, whom: Whom = Whom.ALL) -> Urging:
    """What 一键催办 would tell whom, of every unfinished row.

    主管 and 服务经理 who heard of one county a moment ago still get the list of all of theirs (Q42).
    """
    points = points_of(current, task, PointTask.is_open)
    heard = _heard(task.id)
    for person_id in _with_more_to_hear(points, heard):
        del heard[person_id]
    return _urging(current, task, points, heard, whom)


def urging_one(current: Session, task: Task, point: Point) -> Urging:
    """What 催办 of one row would tell whom."""
    return _urging(current, task, [point], _heard(task.id), Whom.ALL)


def _with_more_to_hear(points: list[Point], heard: Mapping[int, Heard]) -> set[int]:
    """Those who were told of single rows only, and are copied in on a row that was not among them."""
    found = set()
    for point in points:
        for person_id in {point.supervisor_id, point.service_manager_id} - {None, point.implementer_id}:
            before = heard.get(person_id or 0)
            if before and not before.of_several and point.id not in before.about:
                found.add(person_id or 0)
    return found


def _urging(
    current: Session,
    task: Task,
    points: list[Point],
    heard: Mapping[int, Heard],
    whom: Whom,
) -> Urging:
    """Who would be told what. Inside transaction() with the task locked nobody else urges meanwhile."""
    at_work = _at_work(current, task.id)
    people = recipients(current, points)
    left = {person.id for person in people.values() if person.left}  # they have heard nothing
    heard = {person_id: before for person_id, before in heard.items() if person_id not in left}
    withheld = {
        person_id: f"{clock.shown(before.at)[11:]} 已催过，没有重复发送"
        for person_id, before in heard.items()
    }
    if whom is Whom.NOT_AT_WORK:
        withheld = dict.fromkeys(at_work, "已在处理，按选择没有催") | withheld
    if whom is Whom.UNSEEN:
        withheld = dict.fromkeys(_seen_by(task.id), "已看到，按选择没有催") | withheld
    told = [_with_reason(one, withheld) for one in tellings.urged(about_task(task), points, people)]
    names = {one.to.id: one.to.name for one in told}
    cooling = {person_id: before.at for person_id, before in heard.items()}
    return Urging(points, told, cooling, {one: names[one] for one in at_work if one in names})


def _with_reason(one: Telling, withheld: dict[int, str]) -> Telling:
    return replace(one, withheld=withheld[one.to.id]) if one.to.id in withheld else one


def _heard(task_id: int) -> dict[int, Heard]:
    """Person → what they were urged about in this task, within the cool-down."""
    since = clock.now() - cool_down()
    return notices.last_told(scopes.of_task(task_id, PointTask.urged_at > since), "urge", since=since)


def _seen_by(task_id: int) -> set[int]:
    """实施人 of whom it is known that they have seen the task."""
    return {one.person_id for one in who_saw.seen_of(task_id) if not one.unseen}


def _at_work(current: Session, task_id: int) -> list[int]:
    """实施人 who fed back on an unfinished row of theirs within a day."""
    query = sa.select(PointTask.implementer_id).where(
        PointTask.task_id == task_id, PointTask.is_open, PointTask.latest_note_at > clock.now() - AT_WORK
    )
    return list(current.execute(query.distinct().order_by(PointTask.implementer_id)).scalars())


@dataclass(frozen=True)
class UrgePreview:
    """The page before 一键催办."""

    rows: int
    implementers: int
    copied_in: int
    cooling: list[tuple[str, datetime]]  # name, and when they were urged
    at_work: list[str]
    seen: int  # of the 实施人 with unfinished points, how many have seen it, and how many not
    unseen: int
    audiences: tuple[Audience, ...]
    held_until: datetime | None  # where it is a quiet hour now
    departed: tuple[Departed, ...]  # 实施人 whom nothing reaches

    @property
    def people(self) -> int:
        """How many would be told."""
        return self.implementers + self.copied_in

    @property
    def again_at(self) -> datetime | None:
        """When the first of those who are left alone can be urged again."""
        return min((at + cool_down() for _, at in self.cooling), default=None)


def preview(task_id: int, *, by: Person, whom: Whom) -> UrgePreview:
    """What 一键催办 would do now, word for word; reads only."""
    task = managed_task(task_id, by=by)
    found = urging_all(session(), task, whom)
    going = _by_person(found.going)
    waited_for = {one.to.id for one in found.told if one.wording == "urge.implementer" and not one.to.left}
    unseen = waited_for - _seen_by(task_id)
    return UrgePreview(
        rows=len(found.points),
        implementers=sum(one.wording == "urge.implementer" for one in going),
        copied_in=sum(one.wording == "urge.copied_in" for one in going),
        cooling=found.cooling,
        at_work=list(found.at_work.values()),
        seen=len(waited_for) - len(unseen),
        unseen=len(unseen),
        audiences=audiences(going, AUDIENCES),
        held_until=outbox.quiet_until(waits=tellings.may_wait(task.type)),
        departed=tuple(departed.in_task(by, task_id)),
    )


def _by_person(told: list[Telling]) -> list[Telling]:
    """One telling each, of the most demanding part, as the outbox merges them."""
    return list({one.to.id: one for one in reversed(told)}.values())[::-1]


def too_soon(found: Urging) -> str:
    """Why nobody was told, and when those who are left alone were urged."""
    if found.departed and not found.cooling:
        return departed.sentence(found.departed, may_transfer=False) + "。"
    if not found.cooling:
        return "没有需要催办的人：剩下的实施人都已看到或在处理。"
    names = "、".join(name for name, _ in found.cooling[:3])
    more = f"等 {len(found.cooling)} 人" if len(found.cooling) > 3 else ""
    last, minutes = clock.shown(found.cooling[0][1])[11:], current_app.config["URGE_COOLDOWN_MINUTES"]
    return f"催办 0 人：{names}{more} {last} 刚催办过，{minutes} 分钟内不重复催办。"
