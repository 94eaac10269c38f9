"""What administrators and publishers do beside tasks: people, 支持区域, settings, texts, days, tokens, packages, drafts."""

from dataclasses import dataclass
from datetime import date
from itertools import count

import sqlalchemy as sa

from app import clock
from app.administration import people as persons
from app.administration.people import PersonForm
from app.db import session, transaction
from app.notices.models import MutedWording, WordingText
from app.notices.queue import choices
from app.notices.wordings import rewording
from app.people import area_queries, areas
from app.people.models import Person, PersonRole, Region, Role, SupportArea
from app.tasks.models import Patch, PointTask, Task
from app.tasks.patches import registering
from app.tasks.publishing import drafts, publish
from app.tasks.telling import departed
from app.work import api_tokens, calendar_days, platform
from app.work.models import ApiToken, CalendarDay, HistoryEvent, PlatformSetting
from tests.crash.scene import Act, Scene, entering
from tests.crash.stage import MORNING, put_away
from tests.world import World

PLACE, DAY, WORDING = "130107", date(2026, 12, 30), "publish.implementer"
ADMINISTRATORS = ("何志远", "周总")
numbers = count(1)


@dataclass(frozen=True)
class Office:
    """A newcomer, a draft, a package, a token; everything else as it was delivered."""

    world: World
    number: int
    newcomer: int
    seen: str  # of the newcomer's page
    staff_seen: str
    platform_seen: str
    region: int
    draft: int
    patch: int
    token: int
    since: int  # the last event before


def office(world: World, _paused: bool) -> Office:
    """As if nobody had been here."""
    put_away()
    clock.tell(lambda: MORNING)
    number = next(numbers)
    with transaction() as current:
        for kind in (WordingText, PlatformSetting, CalendarDay, MutedWording):
            current.execute(sa.delete(kind))
        current.execute(sa.delete(SupportArea).where(SupportArea.place_code == PLACE))
        current.execute(sa.update(Person).values(left_at=None))
        region = current.execute(sa.select(Region).where(Region.name == "华北大区")).scalar_one()
        person = Person(
            userid=f"new{number}", name="新来", pinyin="xinlai", initials="xl", region_id=region.id
        )
        person.role_rows.append(PersonRole(role=Role.SUPERVISOR))
        current.add(person)
        current.flush()
        newcomer, region_id = person.id, region.id
    for name in ADMINISTRATORS:
        if Role.ADMINISTRATOR not in world.person(name).roles:
            world.appoint(name, Role.ADMINISTRATOR)
    form = world.form(note="暂存")
    draft = drafts.save_draft(form, by=world.person("林敏"), form_key=world.key())
    admin = world.person("何志远")
    api_tokens.create(
        "令牌",
        by=admin,
        scopes=["read_tasks"],
        offered=["read_tasks"],
        region_id=None,
        form_key=world.key(),
    )
    patch = world.patch(version=f"9.{number}")
    last = session().execute(sa.select(sa.func.max(HistoryEvent.id))).scalar_one()
    return Office(
        world=world,
        number=number,
        newcomer=newcomer,
        seen=persons.seen(newcomer),
        staff_seen=area_queries.staff_seen(PLACE),
        platform_seen=platform.seen(),
        region=region_id,
        draft=draft,
        patch=patch,
        token=session().execute(sa.select(sa.func.max(ApiToken.id))).scalar_one(),
        since=last,
    )


ACTS: list[Act[Office]] = []


@entering(ACTS, "新增人员", *ADMINISTRATORS)
def _create(here: Office, key: str, by: Person) -> None:
    persons.create(f"more{here.number}", PersonForm(name=f"{by.name}加的"), by=by, form_key=key)


def _edit(here: Office, by: Person, name: str, *roles: Role) -> object:
    form = PersonForm(name=name, region_id=here.region, roles=frozenset(roles))
    return persons.edit(here.newcomer, form, by=by, seen=here.seen)


@entering(ACTS, "改人员", *ADMINISTRATORS)
def _rename(here: Office, _key: str, by: Person) -> object:
    return _edit(here, by, f"{by.name}改的", Role.SUPERVISOR)


@entering(ACTS, "取消角色", *ADMINISTRATORS)
def _take_role(here: Office, _key: str, by: Person) -> object:
    return _edit(here, by, "新来")


@entering(ACTS, "停用人员", *ADMINISTRATORS)
def _disable(here: Office, _key: str, by: Person) -> object:
    return persons.disable(here.newcomer, by=by, tells=departed.tell)


@entering(ACTS, "停用对方", *ADMINISTRATORS)
def _disable_each_other(here: Office, _key: str, by: Person) -> object:
    [other] = [name for name in ADMINISTRATORS if name != by.name]
    return persons.disable(here.world.by_name[other], by=by, tells=departed.tell)


@entering(ACTS, "登记支持区域", *ADMINISTRATORS)
def _staff(here: Office, _key: str, by: Person) -> None:
    staff = {Role.SUPERVISOR: [here.newcomer], Role.IMPLEMENTER: [here.world.by_name["王强"]]}
    areas.set_staff(PLACE, by=by, staff=staff, seen=here.staff_seen)


@entering(ACTS, "平台设置", *ADMINISTRATORS)
def _platform(here: Office, _key: str, by: Person) -> None:
    platform.save({platform.NAME: f"{by.name}平台"}, by=by, seen=here.platform_seen)


@entering(ACTS, "改通知", *ADMINISTRATORS)
def _wording(_here: Office, _key: str, by: Person) -> object:
    text = f"{rewording.shipped(WORDING).text}{by.name}敬上"
    return rewording.change(WORDING, text=text, by=by, seen_version=0)


@entering(ACTS, "改日历", *ADMINISTRATORS)
def _day(_here: Office, _key: str, by: Person) -> None:
    calendar_days.set_day(DAY, by=by, is_working=False, note=f"{by.name}定的", seen_version=0)


@entering(ACTS, "停用令牌", *ADMINISTRATORS)
def _token(here: Office, _key: str, by: Person) -> None:
    api_tokens.revoke(here.token, by=by)


@entering(ACTS, "登记补丁", "林敏", "周总")
def _register(here: Office, _key: str, by: Person) -> object:
    modules = ((f"{by.name}模块", "修复"),)
    package = registering.PatchPackage(name="征管补丁", version=f"9.{here.number}", modules=modules)
    return registering.register(package, by=by, sender="登记页")[1]


@entering(ACTS, "发布暂存", "林敏")
def _publish(here: Office, key: str, by: Person) -> None:
    form = here.world.form(type="升级任务", patch_id=here.patch)
    publish.publish(form, by=by, form_key=key, draft_id=here.draft)


@entering(ACTS, "改暂存", "林敏")
def _draft(here: Office, key: str, by: Person) -> None:
    drafts.save_draft(here.world.form(note="改过的暂存"), by=by, form_key=key, draft_id=here.draft)


@entering(ACTS, "关推送", "赵岚")
def _mute(_here: Office, _key: str, by: Person) -> None:
    choices.choose(by, pushed=["publish.copied_in"])


@entering(ACTS, "开推送", "赵岚")
def _unmute(_here: Office, _key: str, by: Person) -> None:
    choices.choose(by, pushed=["urge.copied_in", "overdue.copied_in"])


MEET = (
    ("改人员", "取消角色", "停用人员", "登记支持区域"),
    ("发布暂存", "改暂存", "登记补丁"),
    ("关推送", "开推送"),
    *((one.name,) for one in ACTS),
)
"""Acts that touch the same."""


def _pairs() -> list[tuple[Act[Office], Act[Office]]]:
    return [
        (first, second)
        for number, first in enumerate(ACTS)
        for second in ACTS[number:]
        if any({first.name, second.name} <= set(group) for group in MEET)
    ]


SEEN = {
    "setting": (PlatformSetting.name, PlatformSetting.value),
    "wording": (WordingText.key, WordingText.text, WordingText.version),
    "day": (CalendarDay.day, CalendarDay.note, CalendarDay.version),
    "muted": (MutedWording.wording,),
}


def standing(here: Office) -> list[str]:
    """Whatever an act could have changed, a line each."""
    session().rollback()
    session().expire_all()
    new = (Person.id == here.newcomer) | (Person.userid == f"more{here.number}")
    people = session().execute(sa.select(Person).where(new | Person.left_at.is_not(None))).scalars()
    lines = [f"person {one.name} {sorted(one.roles)} {one.left_at}" for one in people]
    for what, columns in SEEN.items():
        found = session().execute(sa.select(*columns))
        lines += [f"{what} {tuple(one)}" for one in found]
    lines += [f"area {role} {person.name}" for role, person in _staffed()]
    token = session().get_one(ApiToken, here.token)
    lines.append(f"token {token.revoked_by_id}")
    patch = session().get_one(Patch, here.patch)
    lines.append(f"patch {[module.name for module in patch.modules]}")
    task = session().get_one(Task, here.draft)
    rows = session().execute(sa.select(PointTask).where(PointTask.task_id == task.id)).unique().scalars()
    items = [[item.name for item in row.items] for row in rows]
    lines.append(f"draft {task.type} {task.note} {task.published_at} {items}")
    events = sa.select(HistoryEvent.act, HistoryEvent.by_id, HistoryEvent.facts)
    for event in session().execute(events.where(HistoryEvent.id > here.since)):
        lines.append(f"event {tuple(event)}")
    return sorted(line.replace(f"more{here.number}", "more") for line in lines)


def _staffed() -> list[tuple[str, Person]]:
    query = sa.select(SupportArea.role, Person).join(Person, Person.id == SupportArea.person_id)
    return [(role, one) for role, one in session().execute(query.where(SupportArea.place_code == PLACE))]


def wrong(here: Office) -> list[str]:
    """Nobody left to administer; somebody relied on in a role that they do not hold."""
    found = []
    admins = [here.world.person(name) for name in ADMINISTRATORS]
    if all(one.left_at for one in admins):
        found.append("nobody is left to administer")
    return found + [f"{one.name} is no {role}" for role, one in _staffed() if role not in one.roles]


OFFICE = Scene(ACTS, _pairs(), office, lambda _here: None, standing, wrong)
