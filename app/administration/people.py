"""People: added, corrected, disabled and enabled again, by an administrator."""

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from app import clock, text
from app.administration import facts
from app.db import Session, session, transaction
from app.errors import BadInput, NotFound, OutOfDate
from app.locks import held_one, repeatable
from app.people import administrators, areas, names, queries, sessions
from app.people.importing import LONGEST, NEEDS, USERID, mobile_digits
from app.people.models import (
    AREA_ROLES,
    ROLE_NAMES,
    Department,
    Person,
    PersonRole,
    Region,
    Role,
    SupportArea,
)
from app.people.spelling import person_spelling
from app.work import form_keys, history
from app.work.models import HistoryEvent

CREATE_PERSON, EDIT_PERSON = "create_person", "edit_person"
DISABLE_PERSON, ENABLE_PERSON = "disable_person", "enable_person"
APPOINT_ADMINISTRATOR = "appoint_administrator"
NOT_FOUND = "没有这个人员，请从人员列表重新选择。"
STALE = "这个人员的资料刚被其他人修改，请核对最新内容后重新提交。您填写的内容已保留。"


@dataclass(frozen=True)
class PersonForm:
    """What an administrator says of a person; 部门 and 大区 by their ids."""

    name: str
    position: str = ""
    mobile: str = ""
    department_id: int | None = None
    region_id: int | None = None
    roles: frozenset[Role] = frozenset()


@repeatable
def create(userid: str, form: PersonForm, *, by: Person, form_key: str) -> int:
    """Add a member of the company's WeCom; the id. BadInput names each field that cannot be used."""
    administrators.require(by)
    userid = userid.strip().lower()
    wrong = _mistakes(form)
    if not USERID.fullmatch(userid):
        wrong["userid"] = "请填企业微信通讯录里的“账号”，由字母、数字和 _ . @ - 组成。"
    if wrong:
        raise BadInput(fields=wrong)
    with transaction() as current:
        claim = form_keys.claim(current, form_key, by=by, act=CREATE_PERSON)
        if claim.repeated:
            return claim.result or 0
        taken = queries.by_userid(userid)
        if taken is not None:
            raise BadInput(fields={"userid": f"账号 {userid} 已经是{taken.name}，请从人员列表打开后修改。"})
        person = Person(userid=userid)
        _fill(current, person, form)
        current.add(person)
        current.flush()
        changes = {"账号": ["", userid]} | _changes(current, person.id, {})
        history.record(current, person, CREATE_PERSON, by=by, changes=changes)
        claim.leads_to(person.id)
        return person.id


@repeatable
def edit(person_id: int, form: PersonForm, *, by: Person, seen: str) -> bool:
    """Correct a person; False where nothing differs. `seen` is that of the page.

    Raises NotAllowed, NotFound, BadInput (also where it would leave nobody to
    administer, or take a role that places still rely on), OutOfDate.
    """
    administrators.require(by)
    if wrong := _mistakes(form):
        raise BadInput(fields=wrong)
    with transaction() as current:
        areas.one_editor_at_a_time(
            current
        )  # or somebody registers the person in a role that is taken away here
        before_them = administrators.present(current)
        person = _open(current, person_id)
        before = facts.of_people(current, [person_id])
        _require_free(current, person, person.roles - form.roles)
        _fill(current, person, form)
        current.flush()
        changes = _changes(current, person_id, before)
        if not changes:
            return False
        if seen != facts.digest(before):
            raise OutOfDate(STALE)
        administrators.require_one_left(before_them, current)
        history.record(current, person, EDIT_PERSON, by=by, changes=changes)
    names.PEOPLE.forget()
    return True


Tells = Callable[[Session, Person, HistoryEvent], int]
"""Tells whoever must know that somebody is gone, in the same commit; returns how many rows wait for them."""


@repeatable
def disable(person_id: int, *, by: Person, tells: Tells) -> int | None:
    """Nobody signs in as this person any more, nothing is sent to them; None where it was so already.

    Returns how many open rows wait for them, about which `tells` has told.
    """
    administrators.require(by)
    if person_id == by.id:
        raise BadInput("不能停用自己，请由另一位管理员操作。")
    with transaction() as current:
        before_them = administrators.present(current)
        person = _open(current, person_id)
        if person.left_at:
            return None
        person.left_at = clock.now()
        sessions.end_all(current, person_id=person_id)
        administrators.require_one_left(before_them, current)
        event = history.record(current, person, DISABLE_PERSON, by=by, changes={"状态": ["在职", "停用"]})
        return tells(current, person, event)


@repeatable
def enable(person_id: int, *, by: Person) -> bool:
    """Let a disabled person come back, with the roles and places they had; False where they never left."""
    administrators.require(by)
    with transaction() as current:
        person = _open(current, person_id)
        if person.left_at is None:
            return False
        person.left_at = None
        history.record(current, person, ENABLE_PERSON, by=by, changes={"状态": ["停用", "在职"]})
        return True


def seen(person_id: int) -> str:
    """Differs whenever the facts of a person do; a form carries it."""
    return facts.digest(facts.of_people(session(), [person_id]))


@repeatable
def appoint_administrator(userid: str) -> tuple[str, bool]:
    """Give the role 管理员 to a member, from the command line: how the first one comes to be.

    Returns the name, and whether the role is new. BadInput for someone unknown or gone.
    """
    with transaction() as current:
        found = queries.by_userid(userid)
        person = found and held_one(current, Person, found.id)
        if person is None:
            raise BadInput(f"没有账号为 {userid} 的人员，请先用 flask people import 导入。")
        if person.left_at:
            raise BadInput(f"{person.name}已停用，请先在人员页恢复，或换一个人。")
        if Role.ADMINISTRATOR in person.roles:
            return person.name, False
        before = facts.of_people(current, [person.id])
        person.role_rows.append(PersonRole(role=Role.ADMINISTRATOR))
        current.flush()
        changes = _changes(current, person.id, before)
        history.record(current, person, APPOINT_ADMINISTRATOR, by=None, changes=changes)
        return person.name, True


def _mistakes(form: PersonForm) -> dict[str, str]:
    wrong = {}
    if not form.name:
        wrong["name"] = "请填写姓名。"
    for field, label, value in (("name", "姓名", form.name), ("position", "职务", form.position)):
        if len(value) > LONGEST[label]:
            wrong[field] = f"{label}最多 {LONGEST[label]} 个字，现在有 {len(value)} 个。"
        elif fault := text.unreadable(value):
            wrong[field] = f"{label}{fault}，请重新输入。"
    try:
        mobile_digits(form.mobile)
    except ValueError:
        wrong["mobile"] = "不是 11 位手机号，请更正或留空。"
    given = {"部门": form.department_id, "大区": form.region_id}
    fields = {"部门": "department", "大区": "region"}
    for role, belonging in NEEDS.items():
        if role in form.roles and given[belonging] is None:
            wrong[fields[belonging]] = f"{ROLE_NAMES[role]}必须选择{belonging}。"
    return wrong


def _open(current: Session, person_id: int) -> Person:
    person = held_one(current, Person, person_id)
    if person is None:
        raise NotFound(NOT_FOUND)
    return person


def _require_free(current: Session, person: Person, gone: frozenset[Role]) -> None:
    """A role that goes must not be one that places rely on: they would have nobody without anyone noticing."""
    count = sa.select(sa.func.count()).where(SupportArea.person_id == person.id)
    for role in [role for role in AREA_ROLES if role in gone]:
        if n := current.execute(count.where(SupportArea.role == role)).scalar_one():
            name = ROLE_NAMES[role]
            raise BadInput(
                fields={
                    "roles": f"{person.name}还登记为 {n} 个点位的{name}，请先在支持区域里去掉，再取消{name}角色。"
                }
            )


def _fill(current: Session, person: Person, form: PersonForm) -> None:
    for kind, field, row_id in (
        (Department, "department", form.department_id),
        (Region, "region", form.region_id),
    ):
        if row_id is not None and current.get(kind, row_id) is None:
            raise BadInput(fields={field: "这一项已不存在，请重新选择。"})
    person.name = text.name(form.name)
    person.pinyin, person.initials, person.spellings = person_spelling(person.name)
    person.position, person.mobile = form.position, mobile_digits(form.mobile) or None
    person.department_id, person.region_id = form.department_id, form.region_id
    kept = [row for row in person.role_rows if row.role in form.roles]
    new = sorted(form.roles - {Role(row.role) for row in kept})
    person.role_rows = [*kept, *(PersonRole(role=role) for role in new)]


def _changes(current: Session, person_id: int, before: dict[int, facts.Facts]) -> dict[str, list[str]]:
    return facts.changed(before, facts.of_people(current, [person_id])).get(person_id, {})
