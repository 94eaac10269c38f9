"""What a publisher does: 发布 and 暂存."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

import sqlalchemy as sa

from app import clock
from app.db import Session, among, insert_many, next_id, reserve_ids, session, transaction
from app.errors import AsksFirst, BadInput, Conflict, NotAllowed, NotFound
from app.locks import held_one, hold, repeatable
from app.notices.queue import outbox
from app.notices.telling import Recipient, Telling
from app.people import queries as people
from app.people.models import Person
from app.people.queries import Staff
from app.places.models import Place
from app.places.names import told_apart
from app.tasks import counts, items, ladder
from app.tasks.access import manages
from app.tasks.labels import Label, TaskType, Urgency
from app.tasks.lifecycle import Act
from app.tasks.models import Patch, PointTask, Task
from app.tasks.publishing import again, preparing
from app.tasks.telling import tellings
from app.work import form_keys, history, platform, questions

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
class Plan:
    """The rows that publishing would create."""

    points: list[tuple[PlaceLine, Staff]] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    unstaffed: list[str] = field(default_factory=list)
    gaps: list[PlaceLine] = field(default_factory=list)  # without 实施人, named for this task or not
    misnamed: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)  # code → the place as a list names it


def publish(
    form: PublishForm,
    *,
    by: Person,
    form_key: str,
    draft_id: int | None = None,
    confirmed: questions.Confirmed = None,
) -> int:
    """Publish a task to every chosen place; returns the task's id.

    One commit: task, rows, items, counts, history and one message per person
    are seen together or not at all; a large one has its rows written before
    it, out of sight. A repeat with the same `form_key` returns the first task.
    Raises BadInput with a sentence per field (T-34, Q35), NotAllowed without
    发布权, AsksFirst about a deadline far away and places that have the same
    kind of task open, unless `confirmed`.
    """
    _require_right(by)
    check(form)
    plan = plan_for(form.place_codes, named=form.named)
    prepared = _prepared(form, plan, by=by, confirmed=confirmed)
    try:
        return _publish(
            form, plan, prepared, by=by, form_key=form_key, draft_id=draft_id, confirmed=confirmed
        )
    finally:
        preparing.discard(prepared)


def _prepared(
    form: PublishForm, plan: Plan, *, by: Person, confirmed: questions.Confirmed
) -> preparing.Prepared | None:
    """The rows of a large publish, written already; None where they are few, or will be refused."""
    if not items.comes_from_patch(form.type) or plan.unknown or plan.misnamed or plan.unstaffed:
        return None
    if not preparing.is_large(len(plan.points), items.number_in(form.patch_id)):
        return None
    try:
        _ask(session(), form, by=by, confirmed=confirmed)
    except AsksFirst:
        return None
    values = {"type": form.type, "urgency": form.urgency, "due_at": form.due_at, "patch_id": form.patch_id}
    return preparing.prepare(values, _rows(plan), by=by)


@repeatable
def _publish(
    form: PublishForm,
    plan: Plan,
    prepared: preparing.Prepared | None,
    *,
    by: Person,
    form_key: str,
    draft_id: int | None,
    confirmed: questions.Confirmed,
) -> int:
    ahead = _messages_ahead(form, plan, prepared, by=by, draft_id=draft_id)
    with transaction() as current:
        claim = form_keys.claim(current, form_key, by=by, act=Act.PUBLISH)
        if claim.repeated and claim.subject_id:
            return claim.subject_id
        if confirmed is not None:
            # Of two windows of one person the second sees what the first has published.
            hold(current, Person, Person.id == by.id)
            _ask(current, form, by=by, confirmed=confirmed)
        refuse_gaps(plan)
        task = _task(current, form, by=by, draft_id=draft_id)
        task.published_at = clock.now()
        task.draft_places, task.draft_fields = "", None
        task.remind_at = ladder.next_moment(current, task.due_at) if task.due_at else None
        points = _rows_of(current, task, plan, prepared)
        event = history.record(current, task, Act.PUBLISH, by=by, points=len(points))
        outbox.announce(current, event, _told(current, about(task), points, ahead))
        claim.leads_to(task.id)
        return task.id


def _ask(current: Session, form: PublishForm, *, by: Person, confirmed: questions.Confirmed) -> None:
    if confirmed is not None:
        patch_id = form.patch_id if items.comes_from_patch(form.type) else None
        same = again.of_same(current, type_=form.type, patch_id=patch_id, place_codes=form.place_codes, by=by)
        questions.require((*questions.of_far(form.due_at, what=DUE), *same), confirmed)


def _rows_of(
    current: Session, task: Task, plan: Plan, prepared: preparing.Prepared | None
) -> list[tellings.Point]:
    if prepared is None:
        return insert_rows(current, task, plan)
    preparing.take_over(current, prepared, task)
    return _points(prepared.row_ids, plan)


@dataclass(frozen=True)
class _Ahead:
    """The messages of a publish, as they are if the task and its rows get these ids."""

    about: tellings.About
    points: Sequence[tellings.Point]
    messages: outbox.Prepared


def _messages_ahead(
    form: PublishForm,
    plan: Plan,
    prepared: preparing.Prepared | None,
    *,
    by: Person,
    draft_id: int | None,
) -> _Ahead | None:
    """What takes a third of the time of a large publish, done before SQLite's one write lock is taken (B-C2).

    Made with the ids that come next. Whoever is quicker takes them, and the
    messages are made again.
    """
    following = next_id(PointTask)
    if following is None or not plan.points or plan.unstaffed:
        return None
    ids = prepared.row_ids if prepared else range(following, following + len(plan.points))
    points = _points(ids, plan)
    foreseen = about_form(form, by=by, task_id=draft_id or next_id(Task) or 0)
    told = tellings.published(foreseen, points, recipients(session(), points))
    return _Ahead(foreseen, points, outbox.prepare(session(), told))


def _told(
    current: Session, of: tellings.About, points: Sequence[tellings.Point], ahead: _Ahead | None
) -> Iterable[Telling] | outbox.Prepared:
    if ahead is not None and (ahead.about, ahead.points) == (of, points):
        return ahead.messages
    return tellings.published(of, points, recipients(current, points))


@repeatable
def save_draft(form: PublishForm, *, by: Person, form_key: str, draft_id: int | None = None) -> int:
    """暂存: keep what was filled in, tell nobody (T-38); returns the draft's id."""
    _require_right(by)
    _refuse_unknown_choices(form)
    with transaction() as current:
        claim = form_keys.claim(current, form_key, by=by, act=Act.SAVE_DRAFT)
        if claim.repeated and claim.subject_id:
            return claim.subject_id
        task = _task(current, form, by=by, draft_id=draft_id)
        task.draft_places = ",".join(form.place_codes)
        task.draft_fields = {"due_days": form.due_days, "named": dict(form.named)}
        claim.leads_to(task.id)
        return task.id


def plan_for(codes: Sequence[str], *, named: Mapping[str, int] | None = None) -> Plan:
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
    plan = Plan(unknown=sorted(wanted - places.keys()), names=dict(zip(places, told, strict=True)))
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


def about(task: Task) -> tellings.About:
    """The task as notices speak of it."""
    if task.due_at is None:
        raise ValueError("a draft has no deadline to tell of")
    return tellings.About(
        task_id=task.id,
        type=task.type,
        urgency=task.urgency,
        due_at=task.due_at,
        department=department_of(task.department_id),
        publisher=task.publisher.name,
        patch=task.patch.title if task.patch else "",
    )


def about_form(form: PublishForm, *, by: Person, task_id: int) -> tellings.About:
    """The task that the form will make, as notices would speak of it."""
    upgrades = items.comes_from_patch(form.type) and form.patch_id is not None
    patch = session().get(Patch, form.patch_id) if upgrades else None
    return tellings.About(
        task_id=task_id,
        type=form.type,
        urgency=form.urgency,
        due_at=form.due_at,
        department=department_of(by.department_id),
        publisher=by.name,
        patch=patch.title if patch else "",
    )


def department_of(department_id: int | None) -> str:
    """The publisher's department as notices name it, or what the platform's settings say (Q38)."""
    return people.department_name(department_id) or platform.values(session())[platform.DEPARTMENT]


def recipients(current: Session, points: Iterable[tellings.Point]) -> dict[int, Recipient]:
    """Everyone of these points as the messenger needs them."""
    ids = {person_id for point in points for person_id in point.people}
    person: Any = Person.__table__.c
    left = sa.cast(person.left_at.is_not(None), sa.Integer)  # as it comes: thousands are read for one act
    query = sa.select(person.id, person.userid, person.name, left).where(among(person.id, ids))
    return {row[0]: Recipient._make(row) for row in current.execute(query).all()}


def _require_right(by: Person) -> None:
    if not people.may_publish(by):
        raise NotAllowed("只有发布人和部门经理可以发布任务，需要时请联系管理员开通。")


def check(form: PublishForm, *, unchanged_due: datetime | None = None) -> None:
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


def _refuse_unknown_choices(form: PublishForm) -> None:
    """A draft may leave a choice open, but not invent one."""
    wrong = {}
    if form.type and form.type not in list(TaskType):
        wrong["type"] = "请选择任务类型。"
    if form.urgency and form.urgency not in list(Urgency):
        wrong["urgency"] = "请选择重要紧急程度。"
    if wrong:
        raise BadInput(fields=wrong)


def refuse_gaps(plan: Plan) -> None:
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


def _task(current: Session, form: PublishForm, *, by: Person, draft_id: int | None) -> Task:
    """The draft being continued, or a new task, with the form's values."""
    if draft_id is None:
        task = Task(publisher_id=by.id, created_at=clock.now())
        current.add(task)
    else:
        found = held_one(current, Task, draft_id)
        if found is None or found.publisher_id != by.id:
            raise NotFound
        if found.prepared_at:
            raise NotFound
        if found.published_at:
            raise Conflict("这份暂存已经发布，请到任务列表查看。")
        task = found
    task.type, task.urgency, task.note = form.type, form.urgency, form.note
    task.due_at = clock.as_stored(form.due_at, task.due_at)
    task.department_id = by.department_id
    upgrades = items.comes_from_patch(form.type)
    task.patch_id = items.require_patch(current, form.patch_id) if upgrades else None
    task.follows_id = _followed(current, form.follows_id, by=by) if upgrades else None
    current.flush()
    return task


def _followed(current: Session, task_id: int | None, *, by: Person) -> int | None:
    """The earlier 升级任务 that this one repairs; BadInput for one that is not the publisher's to follow (Q21)."""
    if task_id is None:
        return None
    found = current.get(Task, task_id)
    if found is None or found.published_at is None or found.patch_id is None or not manages(by, found):
        raise BadInput(fields={"follows": "没有这条升级任务，或您无权接续它，请重新选择。"})
    return task_id


def insert_rows(current: Session, task: Task, plan: Plan) -> list[tellings.Point]:
    """Write rows, items and counts with as few statements as their number allows."""
    ids = reserve_ids(current, PointTask, len(plan.points))
    rows = [{"id": row_id, **row} for row_id, row in zip(ids, _rows(plan), strict=True)]
    wanted = items.number_of(task)
    shared = {
        "task_id": task.id,
        "publisher_id": task.publisher_id,
        "department_id": task.department_id,
        "due_at": task.due_at,
        "next_look_at": task.due_at,
        "label": str(Label.NORMAL),
        "items_total": wanted,
    }
    insert_many(current, PointTask, rows, shared=shared)
    items.insert(current, task, PointTask.id >= ids[0])
    by_region = Counter(row["region_id"] or counts.NO_REGION for row in rows)
    counts.write_first(current, task.id, by_region, Label.NORMAL, items=wanted)
    return _points(ids, plan)


def _points(ids: Iterable[int], plan: Plan) -> list[tellings.Point]:
    """The rows of a plan as tellings need them, by the ids they have or will have."""
    return [
        tellings.Point(
            row_id,
            place.name,
            who.implementer_id or 0,
            who.supervisor_id,
            who.service_manager_id,
            place.path,
        )
        for row_id, (place, who) in zip(ids, plan.points, strict=True)
    ]


def _rows(plan: Plan) -> list[dict[str, Any]]:
    """What each row takes over from its place and its people."""
    regions = people.region_of_province()
    return [
        {
            "place_code": place.code,
            "province_code": place.province_code,
            "city_code": place.city_code,
            "region_id": regions.get(place.province_code),
            "implementer_id": who.implementer_id,
            "supervisor_id": who.supervisor_id,
            "service_manager_id": who.service_manager_id,
        }
        for place, who in plan.points
    ]
