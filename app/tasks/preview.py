"""Who would be told of a publish, with the exact texts; reads only."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import current_app

from app import clock
from app.db import session
from app.notices.catalogue import wordings
from app.notices.telling import Telling
from app.people import queries as people
from app.people.models import Person
from app.tasks import publish, tellings
from app.tasks.publish import Plan, PublishForm

FIRST_NAMES = 5
MOST_GAPS = 50
AUDIENCES = {"publish.implementer": "实施人", "publish.copied_in": "抄送人（主管、服务经理）"}


@dataclass(frozen=True)
class Audience:
    """Everyone who gets one of the texts; `text` as the first of them will read it."""

    name: str
    count: int
    names: tuple[str, ...]
    text: str
    left: tuple[str, ...]


@dataclass(frozen=True)
class Gap:
    """A place without 实施人; `candidates` may be named for this task (Q35)."""

    code: str
    place: str
    candidates: Sequence[Person]
    named: int | None


@dataclass(frozen=True)
class Preview:
    """What publishing now would do; at most 50 gaps are listed, `gap_count` counts all."""

    points: int
    people: int
    audiences: tuple[Audience, ...]
    gaps: tuple[Gap, ...]
    gap_count: int


def preview(form: PublishForm, *, by: Person) -> Preview:
    """The same tellings and wordings that `publish` would queue; fields not filled in show their placeholder."""
    plan = publish.plan_for(form.place_codes, named=form.named)
    points = [
        tellings.Point(n, place.name, who.implementer_id, who.supervisor_id, who.service_manager_id)
        for n, (place, who) in enumerate(plan.points)
        if who.implementer_id is not None
    ]
    told = list(tellings.published(_about(form, by), points, publish.recipients(session(), points)))
    if form.due_at is None:
        told = [replace(one, values={**one.values, "due": "【任务要求完成时间】"}) for one in told]
    gaps = _gaps(plan, form)
    return Preview(
        points=len(plan.points),
        people=len({one.to.id for one in told if not one.to.left}),
        audiences=tuple(
            audience_of(name, own)
            for wording, name in AUDIENCES.items()
            if (own := [one for one in told if one.wording == wording])
        ),
        gaps=gaps,
        gap_count=len(plan.unstaffed),
    )


def _about(form: PublishForm, by: Person) -> tellings.About:
    return tellings.About(
        task_id=0,
        type=form.type or "【任务类型】",
        urgency=form.urgency or "【重要紧急程度】",
        due_at=form.due_at or clock.now(),
        department=people.department_name(by.department_id),
        publisher=by.name,
    )


def audience_of(name: str, told: list[Telling]) -> Audience:
    """The people and the text of one wording."""
    present = [one for one in told if not one.to.left]
    first = (present or told)[0]
    return Audience(
        name=name,
        count=len(present),
        names=tuple(one.to.name for one in present[:FIRST_NAMES]),
        text=wordings()[first.wording].filled(
            {"platform": current_app.config["PLATFORM_NAME"], **first.values}
        ),
        left=tuple(one.to.name for one in told if one.to.left),
    )


def _gaps(plan: Plan, form: PublishForm) -> tuple[Gap, ...]:
    """Colleagues are asked for once per 大区, not once per place."""
    regions = people.region_of_province() if plan.gaps else {}
    by_region: dict[int | None, Sequence[Person]] = {}
    found = []
    for place in plan.gaps[:MOST_GAPS]:
        region_id = regions.get(place.province_code)
        if region_id not in by_region:
            by_region[region_id] = people.colleagues(region_id, but=0)
        found.append(Gap(place.code, place.name, by_region[region_id], form.named.get(place.code)))
    return tuple(found)
