"""What a publish form says, which rows it would make, and what stands in the way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

import sqlalchemy as sa

from app import clock
from app.db import among, session
from app.errors import BadInput, NotAllowed
from app.people import queries as people
from app.people.models import Person
from app.people.queries import Staff
from app.places.models import Place
from app.places.names import told_apart
from app.tasks import items
from app.tasks.labels import TaskType, Urgency
from app.tasks.models import Patch
from app.tasks.telling.about import About, department_of

LONGEST_NOTE = 2000
MOST_POINTS = 40_000
DUE = "任务要求完成时间"


@dataclass(frozen=True)
class PublishForm:
    """What was filled in; `due_at` is UTC, `place_codes` are leaves."""

    type: str = ""
    urgency: str = ""
    due_at: datetime | None = None
    place_codes: tuple[str, ...] = ()
    note: str = ""
    named: Mapping[str, int] = field(
        default_factory=dict
    )  # 实施人 for this task where a place has none (Q35)
    due_days: int | None = None  # “N 个工作日内” as it was typed; `due_at` is what it means today
    renew_copied_in: bool = False  # when editing: open rows follow the present 支持区域
    own_due_too: bool = False  # when editing: rows with a deadline of their own get the task's
    silent: bool = False  # when editing: what else changed is read in the app, nobody's phone rings (Q52)
    patch_id: int | None = None  # of an 升级任务 (T-25)
    follows_id: int | None = None  # the rolled back 升级任务 that this one repairs (Q21)


class PlaceLine(Protocol):
    """What a row takes over from its place."""

    code: str
    name: str
    path: str
    province_code: str
    city_code: str | None


@dataclass
class PublishPlan:
    """The rows that publishing would create."""

    points: list[tuple[PlaceLine, Staff]] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    unstaffed: list[str] = field(default_factory=list)
    gaps: list[PlaceLine] = field(default_factory=list)  # without 实施人, named for this task or not
    misnamed: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)  # code → the place as a list names it


def plan_for(codes: Sequence[str], *, named: Mapping[str, int] | None = None) -> PublishPlan:
    """Which rows the chosen places would get, and what stands in the way.

    `named` fills places without 实施人 for this task only: an active member of
    the place's 大区; for every other place it is ignored (Q35).
    """
    wanted, named = set(codes), named or {}
    query = sa.select(Place.code, Place.name, Place.path, Place.province_code, Place.city_code)
    query = query.where(Place.is_leaf, Place.valid_to.is_(None), among(Place.code, wanted))
    places = {place.code: place for place in session().execute(query)}
    staff = people.primary_staff(wanted)
    regions = people.region_of_province() if named else {}
    region_of_named = people.active_regions(set(named.values())) if named else {}
    told = told_apart((place.name, place.path) for place in places.values())
    plan = PublishPlan(unknown=sorted(wanted - places.keys()), names=dict(zip(places, told, strict=True)))
    for code, place in sorted(places.items()):
        who = staff.get(code, Staff())
        if who.implementer_id is None:
            plan.gaps.append(place)
            region_id = regions.get(place.province_code)
            if region_id is not None and region_of_named.get(named.get(code, 0)) == region_id:
                who = replace(who, implementer_id=named[code])
            elif code in named:
                plan.misnamed.append(plan.names[code])
        plan.points.append((place, who))
        if who.implementer_id is None:
            plan.unstaffed.append(plan.names[code])
    return plan


def about_form(form: PublishForm, *, by: Person, task_id: int) -> About:
    """The task that the form will make, as notices would speak of it."""
    upgrades = items.comes_from_patch(form.type) and form.patch_id is not None
    patch = session().get(Patch, form.patch_id) if upgrades else None
    return About(
        task_id=task_id,
        type=form.type,
        urgency=form.urgency,
        due_at=form.due_at,
        department=department_of(by.department_id),
        publisher=by.name,
        patch=patch.title if patch else "",
    )


def require_right(by: Person) -> None:
    """Refuse people without 发布权 (NotAllowed)."""
    if not people.may_publish(by):
        raise NotAllowed("只有发布人和部门经理可以发布任务，需要时请联系管理员开通。")


def check_form(form: PublishForm, *, unchanged_due: datetime | None = None) -> None:
    """BadInput naming every field that cannot be used; `unchanged_due` may lie in the past (T-34)."""
    wrong = {}
    if form.type not in list(TaskType):
        wrong["type"] = "请选择任务类型。"
    elif items.comes_from_patch(form.type) and form.patch_id is None:
        wrong["patch"] = "升级任务须选择补丁包送测记录，明细取自它的模块。"
    if form.urgency not in list(Urgency):
        wrong["urgency"] = "请选择重要紧急程度。"
    if form.due_at is None:
        wrong["due_at"] = "请填写任务要求完成时间。"
    elif form.due_at != unchanged_due and form.due_at <= clock.now() + timedelta(minutes=1):
        wrong["due_at"] = f"任务要求完成时间 {clock.shown(form.due_at)} 已过或太近，请选择晚一些的时间。"
    if not form.place_codes:
        wrong["places"] = "请选择实施点位，至少一个。"
    elif len(form.place_codes) > MOST_POINTS:
        wrong["places"] = f"一次最多发布到 {MOST_POINTS} 个点位，请分次发布。"
    if len(form.note) > LONGEST_NOTE:
        wrong["note"] = f"任务说明最多 {LONGEST_NOTE} 个字，现在有 {len(form.note)} 个。"
    if wrong:
        raise BadInput(fields=wrong)


def refuse_unknown_choices(form: PublishForm) -> None:
    """A draft may leave a choice open, but not invent one."""
    wrong = {}
    if form.type and form.type not in list(TaskType):
        wrong["type"] = "请选择任务类型。"
    if form.urgency and form.urgency not in list(Urgency):
        wrong["urgency"] = "请选择重要紧急程度。"
    if wrong:
        raise BadInput(fields=wrong)


def refuse_gaps(plan: PublishPlan) -> None:
    """BadInput for places that no longer exist or have no 实施人 (Q35)."""
    if plan.unknown:
        raise BadInput(
            fields={
                "places": f"有 {len(plan.unknown)} 个点位已不存在（{'、'.join(plan.unknown[:3])}），请重新选择。"
            }
        )
    if plan.misnamed:
        names = "、".join(plan.misnamed[:5])
        raise BadInput(
            fields={"places": f"为{names}指定的实施人不在本大区或已离开，请重新选择本大区的人员。"}
        )
    if plan.unstaffed:
        names, n = "、".join(plan.unstaffed[:5]), len(plan.unstaffed)
        more = "等" if n > 5 else ""
        raise BadInput(
            fields={
                "places": f"{names}{more}共 {n} 个点位没有实施人。请为本次任务指定实施人、"
                f"维护支持区域，或去掉这 {n} 个点位后再发布。"
            }
        )
