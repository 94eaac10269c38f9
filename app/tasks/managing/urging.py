"""催办 with manners: who would be urged now, who heard it a moment ago, who is already at work."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa

from app import clock
from app.db import Session, session
from app.notices import manners
from app.notices.audiences import Audience, audiences
from app.notices.manners import Heard, Round
from app.notices.queue import outbox
from app.people.models import Person
from app.tasks.lifecycle import Act
from app.tasks.loading import managed_task
from app.tasks.managing import who_saw
from app.tasks.models import PointTask, Task
from app.tasks.telling import departed, scopes, tellings
from app.tasks.telling.about import about_task, recipients
from app.tasks.telling.departed import Departed
from app.tasks.telling.points import Point, points_of

AT_WORK = timedelta(hours=24)
TO_IMPLEMENTER, TO_COPIED_IN = "urge.implementer", "urge.copied_in"
AUDIENCES = {TO_IMPLEMENTER: "实施人", TO_COPIED_IN: "抄送人（主管、服务经理）"}


class Whom(StrEnum):
    """Which 实施人 are urged; those copied in read of every unfinished point of theirs (Q42)."""

    ALL = "all"
    NOT_AT_WORK = "not_at_work"
    UNSEEN = "unseen"


@dataclass(frozen=True)
class Urging:
    """What urging these points now would do."""

    points: list[Point]
    round: Round
    at_work: dict[int, str]  # 实施人 who fed back within a day, by name

    @property
    def departed(self) -> tuple[str, ...]:
        """实施人 whom nothing reaches, by name: their rows must be handed on."""
        told = self.round.told
        return tuple(one.to.name for one in told if one.to.left and one.wording == TO_IMPLEMENTER)

    @property
    def urged_rows(self) -> list[int]:
        """The rows whose 实施人 will be told."""
        people = {one.to.id for one in self.round.going if one.wording == TO_IMPLEMENTER}
        return [point.id for point in self.points if point.implementer_id in people]

    @property
    def why_nobody(self) -> str:
        """Why nobody is told, and when those who are left alone were urged."""
        if self.round.cooling:
            return self.round.too_soon
        if self.departed:
            return departed.sentence(self.departed, may_transfer=False) + "。"
        return "没有需要催办的人：剩下的实施人都已看到或在处理。"


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
            if before and not before.is_all_of({point.id}):
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
    besides: dict[int, str] = {}
    if whom is Whom.NOT_AT_WORK:
        besides = dict.fromkeys(at_work, "已在处理，按选择没有催")
    if whom is Whom.UNSEEN:
        besides = dict.fromkeys(_seen_by(task.id), "已看到，按选择没有催")
    told = tellings.urged(about_task(task), points, recipients(current, points))
    found = manners.considered(told, heard, besides=besides)
    names = {one.to.id: one.to.name for one in found.told}
    return Urging(points, found, {one: names[one] for one in at_work if one in names})


def _heard(task_id: int) -> dict[int, Heard]:
    """Person → what they were urged about in this task, within the cool-down."""
    rest = manners.cool_down()
    lately = PointTask.urged_at > clock.now() - rest
    return manners.recently_told(scopes.of_task(task_id, lately), Act.URGE, within=rest)


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
    again_at: datetime | None  # when the first of these can be urged again
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


def preview(task_id: int, *, by: Person, whom: Whom) -> UrgePreview:
    """What 一键催办 would do now, word for word; reads only."""
    task = managed_task(task_id, by=by)
    found = urging_all(session(), task, whom)
    going = found.round.one_each
    waited_for = {one.to.id for one in found.round.told if one.wording == TO_IMPLEMENTER and not one.to.left}
    unseen = waited_for - _seen_by(task_id)
    return UrgePreview(
        rows=len(found.points),
        implementers=sum(one.wording == TO_IMPLEMENTER for one in going),
        copied_in=sum(one.wording == TO_COPIED_IN for one in going),
        cooling=found.round.cooling,
        again_at=found.round.again_at,
        at_work=list(found.at_work.values()),
        seen=len(waited_for) - len(unseen),
        unseen=len(unseen),
        audiences=audiences(going, AUDIENCES),
        held_until=outbox.quiet_until(waits=tellings.may_wait(task.type)),
        departed=tuple(departed.in_task(by, task_id)),
    )
