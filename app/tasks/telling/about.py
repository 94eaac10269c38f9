"""The task that people are told of, and the people as the messenger needs them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from app import clock
from app.db import Session, session
from app.notices.recipients import of as of_people
from app.notices.telling import Recipient
from app.people import queries as people
from app.tasks.models import Task
from app.tasks.telling.points import Point
from app.work import platform


@dataclass(frozen=True)
class About:
    """The task that people are told of; what thousands of tellings share is worked out once.

    `earliest`: the points spoken of have several deadlines, of which `due_at` is the first.
    """

    task_id: int
    type: str
    urgency: str
    due_at: datetime | None  # empty while it is being filled in
    department: str
    publisher: str
    patch: str = ""
    earliest: bool = False

    def of(self, points: Iterable[Point]) -> "About":
        """The same with the deadline of these points: 打回 may have given a row one of its own."""
        deadlines = {point.due_at or self.due_at for point in points}
        if deadlines <= {self.due_at}:
            return self
        first = min(one for one in deadlines if one)
        return replace(self, due_at=first, earliest=len(deadlines) > 1)

    @cached_property
    def due(self) -> str:
        """The deadline as people read it."""
        if self.due_at is None:
            return "【任务要求完成时间】"
        return clock.shown(self.due_at) + ("（最早的点位）" if self.earliest else "")

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


def about_task(task: Task) -> About:
    """The task as notices speak of it."""
    if task.due_at is None:
        raise ValueError("a draft has no deadline to tell of")
    return About(
        task_id=task.id,
        type=task.type,
        urgency=task.urgency,
        due_at=task.due_at,
        department=department_of(task.department_id),
        publisher=task.publisher.name,
        patch=task.patch.title if task.patch else "",
    )


def department_of(department_id: int | None) -> str:
    """The publisher's department as notices name it, or what the platform's settings say (Q38)."""
    return people.department_name(department_id) or platform.values(session())[platform.DEPARTMENT]


def recipients(
    current: Session, points: Iterable[Point], *, also: Collection[int] = ()
) -> dict[int, Recipient]:
    """Everyone of these points, and these others, as the messenger needs them."""
    return of_people(current, {person_id for point in points for person_id in point.people} | set(also))
