"""Tasks that texts are tried on: what every act would say of one that there is. Reads only."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa

from app import clock
from app.db import session
from app.notices.audiences import filled
from app.notices.queue import night
from app.notices.telling import Letter, Telling
from app.notices.wordings.catalogue import wordings
from app.notices.wordings.files import audience_of
from app.tasks.models import Task, TaskItem
from app.tasks.telling import departed, tellings
from app.tasks.telling.about import About, People, about_task, recipients
from app.tasks.telling.points import Point, points_of

LATEST = 10
OF_ONE_ROW = ("send_back", "transfer")
DIGEST = Letter("digest.everyone", "晨间汇总")


def latest() -> list[tuple[int, str]]:
    """The newest published tasks to try a text on, as (id, title)."""
    query = sa.select(Task.id, Task.type, Task.urgency, Task.published_at)
    query = query.where(Task.published_at.is_not(None)).order_by(Task.published_at.desc(), Task.id.desc())
    found = session().execute(query.limit(LATEST))
    return [(row.id, f"{row.type} · {row.urgency}，{clock.shown(row.published_at)}") for row in found]


def told(act: str, task_id: int) -> list[Telling]:
    """What an act on the task, or on the first of its rows, would say to everyone."""
    task = session().get(Task, task_id)
    if task is None or task.published_at is None:
        return []
    points = points_of(session(), task)
    people = recipients(session(), points)
    return list(OF_ACTS[act](about_task(task), points[:1] if act in OF_ONE_ROW else points, people))


def _transferred(about: About, points: list[Point], people: People) -> Iterable[Telling]:
    holder = points[0].implementer_id
    return tellings.transferred(about, points, people, by=people[holder].name, former_id=holder)


def _escalated(about: About, points: list[Point], people: People) -> Iterable[Telling]:
    return tellings.escalated(about, points, people, list(people.values())[:1], days=3)


def _disabled(_about: About, points: list[Point], people: People) -> Iterable[Telling]:
    """As if the first 实施人 could not be reached any more."""
    holder = points[0].implementer_id
    waiting = [departed.Waiting(one, holder) for one in points if one.implementer_id == holder]
    return departed.told(people[holder], waiting, people)


def _progressed(about: About, points: list[Point], people: People) -> Iterator[Telling]:
    """As if the first of the points could not be done in time, and as if all were well."""
    first = points[0]
    who = people[first.implementer_id]
    hopeless = [tellings.Hopeless(first.place_name, who.name, "等设备到货")]
    for trouble in (hopeless, []):
        yield tellings.progressed(about, who, tellings.Progress(len(points), 0, len(trouble), trouble, []))


def _late(about: About, points: list[Point], people: People) -> Iterator[Telling]:
    """The reminder of one task, and as if two such tasks made one message."""
    for late in tellings.overdue(about, points, people):
        yield late
        yield replace(night.several(late.to, late.wording, [late, late]), points=late.points)


def _edited(about: About, points: list[Point], people: People) -> Iterator[Telling]:
    """As if the deadline had been a day earlier."""
    before = clock.shown(about.due_at - timedelta(days=1)) if about.due_at else ""
    words = f"任务要求完成时间由{before}改为{about.due}"
    yield from tellings.changed(about, points, people, words, in_app=False)
    yield from tellings.edited(about, points, people)


def _gathered(about: About, points: list[Point], people: People) -> Iterator[Telling]:
    """As if a night had held two reminders back."""
    for late in tellings.overdue(about, points, people):
        audience = audience_of(late.wording)
        texts = [filled(late, wordings()[f"{act}.{audience}"]) for act in ("overdue", "revoke")]
        yield replace(late, letter=DIGEST, values={"number": "2", "texts": night.numbered(texts)})


def _rolled_back(about: About, points: list[Point], people: People) -> Iterator[Telling]:
    """As if every module of the first row were rolled back, for those who have it and those who do not."""
    names = sa.select(TaskItem.name).where(TaskItem.point_task_id == points[0].id).order_by(TaskItem.id)
    modules = {"modules": "、".join(session().execute(names).scalars())}
    for one in tellings.published(about, points, people):
        audience = audience_of(one.wording)
        for told in ("upgraded", "not_upgraded") if audience == "implementer" else (audience,):
            letter = replace(one.letter, wording=f"roll_back.{told}")
            yield replace(one, letter=letter, values={**one.values, **modules})


OF_ACTS: Mapping[str, Callable[..., Iterable[Telling]]] = {
    "publish": tellings.published,
    "send_back": tellings.sent_back,
    "transfer": _transferred,
    "urge": tellings.urged,
    "overdue": _late,
    "revoke": tellings.revoked,
    "edit": _edited,
    "roll_back": _rolled_back,
    "remind": tellings.reminded,
    "escalate": _escalated,
    "disable": _disabled,
    "progress": _progressed,
    "digest": _gathered,
}
"""Act → what it would say of a task, of these rows of it, to these people."""
