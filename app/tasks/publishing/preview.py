"""Who would be told of a publish, with the exact texts; reads only."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from app.db import session
from app.notices.audiences import Audience, audiences
from app.notices.ledger import inbox as notices
from app.notices.telling import Telling
from app.people import queries as people
from app.people.models import ROLE_NAMES, Person, Role
from app.tasks import items
from app.tasks.labels import TrialState
from app.tasks.models import Patch
from app.tasks.publishing.plan import PublishForm, PublishPlan, about_form, plan_for
from app.tasks.telling import tellings
from app.tasks.telling.about import About, recipients
from app.tasks.telling.naming import points_in_words
from app.tasks.telling.points import Point

MOST_GAPS = 50
MOST_LINES = 100
AUDIENCES = {"publish.implementer": "实施人", "publish.copied_in": "抄送人（主管、服务经理）"}


@dataclass(frozen=True)
class Gap:
    """A place without 主要实施人; one of its `registered` or of the 大区's `others` may be named (Q35)."""

    code: str
    place: str
    registered: Sequence[Person]
    others: Sequence[Person]
    named: int | None


@dataclass(frozen=True)
class StaffLine:
    """A chosen place and its people by name, empty where nobody is registered (T-31)."""

    place: str
    implementer: str
    supervisor: str
    service_manager: str


@dataclass(frozen=True)
class PublishPreview:
    """What publishing now would do; at most 50 gaps and 100 lines are listed.

    `gap_count` and `points` count all; `warnings` name who will not be reached (Q36).
    """

    points: int
    people: int
    audiences: tuple[Audience, ...]
    gaps: tuple[Gap, ...]
    gap_count: int
    lines: tuple[StaffLine, ...]
    warnings: tuple[str, ...]


def preview(form: PublishForm, *, by: Person) -> PublishPreview:
    """The same tellings and wordings that `publish` would queue; fields not filled in show their placeholder."""
    plan = plan_for(form.place_codes, named=form.named)
    points = staffed(plan)
    told = list(tellings.published(_about(form, by), points, recipients(session(), points)))
    gaps = _gaps(plan, form)
    return PublishPreview(
        points=len(plan.points),
        people=len({one.to.id for one in told if not one.to.left}),
        audiences=audiences(told, AUDIENCES),
        gaps=gaps,
        gap_count=len(plan.unstaffed),
        lines=_lines(plan),
        warnings=(*_failed_trial(form), *_who_left(plan), *_out_of_reach(told)),
    )


def staffed(plan: PublishPlan) -> list[Point]:
    """The points of a plan that have an 实施人, numbered as they come."""
    return [
        Point(n, place.name, who.implementer_id, who.supervisor_id, who.service_manager_id, place.path)
        for n, (place, who) in enumerate(plan.points)
        if who.implementer_id is not None
    ]


def _about(form: PublishForm, by: Person) -> About:
    given = about_form(form, by=by, task_id=0)
    return replace(given, type=given.type or "【任务类型】", urgency=given.urgency or "【重要紧急程度】")


def _gaps(plan: PublishPlan, form: PublishForm) -> tuple[Gap, ...]:
    """Colleagues are asked for once per 大区, not once per place."""
    regions = people.region_of_province() if plan.gaps else {}
    by_region: dict[int | None, Sequence[Person]] = {}
    registered = people.implementers_of([place.code for place in plan.gaps[:MOST_GAPS]])
    found = []
    for place in plan.gaps[:MOST_GAPS]:
        region_id = regions.get(place.province_code)
        if region_id not in by_region:
            by_region[region_id] = people.colleagues(region_id, but=0)
        here = set(registered.get(place.code, ()))
        own = [person for person in by_region[region_id] if person.id in here]
        others = [person for person in by_region[region_id] if person.id not in here]
        found.append(Gap(place.code, plan.names[place.code], own, others, form.named.get(place.code)))
    return tuple(found)


def _lines(plan: PublishPlan) -> tuple[StaffLine, ...]:
    first = [
        (plan.names[place.code], (who.implementer_id, who.supervisor_id, who.service_manager_id))
        for place, who in plan.points[:MOST_LINES]
    ]
    names = people.names_of({one for _, three in first for one in three if one})
    return tuple(StaffLine(place, *(names.get(one or 0, "") for one in three)) for place, three in first)


def _failed_trial(form: PublishForm) -> Iterator[str]:
    """A sentence where the chosen 补丁包 did not pass its tests."""
    patch = session().get(Patch, form.patch_id) if form.patch_id else None
    if patch is not None and items.comes_from_patch(form.type) and patch.test_state == TrialState.FAILED:
        yield f"补丁包 {patch.title} 的送测状态是测试未通过，请确认后再发布。"


def _who_left(plan: PublishPlan) -> Iterator[str]:
    """A sentence for everyone who has left and is still registered for one of these places."""
    places = defaultdict(list)
    for name, role, code in people.left_but_registered(plan.names):
        places[name, role].append(plan.names[code])
    for (name, role), where in places.items():
        lacks = "没有实施人" if role is Role.IMPLEMENTER else f"没有{ROLE_NAMES[role]}跟进"
        yield f"{name}（{ROLE_NAMES[role]}）已离开通讯录，{points_in_words(where)}{lacks}。"


def _out_of_reach(told: list[Telling]) -> Iterator[str]:
    """A sentence for everyone whom WeCom did not know the last time."""
    for name, outcome in notices.out_of_reach({one.to.id for one in told}):
        yield f"{name}可能收不到企业微信提醒：上一条通知的结果是“{outcome}”，请确认在应用可见范围内。"
