"""The messages of a publish, put together before SQLite's one write lock is taken."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.db import Session, next_id, session
from app.notices.queue import outbox
from app.notices.telling import Telling
from app.people.models import Person
from app.tasks.models import PointTask, Task
from app.tasks.publishing import preparing
from app.tasks.publishing.plan import PublishForm, PublishPlan, about_form
from app.tasks.publishing.planned_rows import points_of_plan
from app.tasks.telling import tellings
from app.tasks.telling.about import About, recipients
from app.tasks.telling.points import Point


@dataclass(frozen=True)
class Foreseen:
    """The messages of a publish, as they are if the task and its rows get these ids."""

    about: About
    points: Sequence[Point]
    messages: outbox.Prepared


def foresee(
    form: PublishForm,
    plan: PublishPlan,
    prepared: preparing.Prepared | None,
    *,
    by: Person,
    draft_id: int | None,
) -> Foreseen | None:
    """What takes a third of the time of a large publish, done before SQLite's one write lock is taken (B-C2).

    Made with the ids that come next. Whoever is quicker takes them, and the
    messages are made again.
    """
    following = next_id(PointTask)
    if following is None or not plan.points or plan.unstaffed:
        return None
    ids = prepared.row_ids if prepared else range(following, following + len(plan.points))
    points = points_of_plan(ids, plan)
    about = about_form(form, by=by, task_id=draft_id or next_id(Task) or 0)
    published = tellings.published(about, points, recipients(session(), points))
    return Foreseen(about, points, outbox.prepare(session(), published))


def told(
    current: Session, of: About, points: Sequence[Point], ahead: Foreseen | None
) -> Iterable[Telling] | outbox.Prepared:
    """The messages made ahead where task and rows got those ids, else the tellings to make them of."""
    if ahead is not None and (ahead.about, ahead.points) == (of, points):
        return ahead.messages
    return tellings.published(of, points, recipients(current, points))
