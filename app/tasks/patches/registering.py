"""补丁包: packages sent to test, with their modules and notes; 升级任务 choose from them (T-22, T-25, Q46)."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from app import clock
from app.db import Session, insert_once, transaction
from app.errors import BadInput, Conflict, NotAllowed
from app.locks import held, repeatable
from app.people.models import Person, Role
from app.tasks.labels import TrialState
from app.tasks.models import Patch, PatchModule, Task
from app.text import unreadable
from app.work import history

REGISTER_PATCH = "register_patch"
KEEPERS = (Role.PUBLISHER, Role.DEPARTMENT_MANAGER, Role.ADMINISTRATOR)
LONGEST = {"name": 100, "version": 50, "sent_by": 60}
NAMES = {"name": "补丁包名称", "version": "版本", "sent_by": "送测人"}
LONGEST_MODULE = 100
LONGEST_NOTE = 20_000
MOST_MODULES = 200
LARGEST_BODY = 25 * 1024 * 1024  # bytes of a package as it is sent; the proxy takes as much
SENT_YEARS = range(2000, 2100)  # far from where a time zone leads out of the calendar


@dataclass(frozen=True)
class PatchPackage:
    """A 补丁包 as another system, a file or the form names it; `modules` are (name, note), `sent_at` is UTC."""

    name: str
    version: str
    modules: tuple[tuple[str, str], ...]
    test_state: str = TrialState.SENT
    sent_by: str = ""
    sent_at: datetime | None = None

    @property
    def title(self) -> str:
        """As lists name it: 征管补丁 3.2.1."""
        return f"{self.name} {self.version}"


class Standing(StrEnum):
    """How a package stands to the register."""

    NEW = "新增"
    SAME = "未变"
    CHANGED = "变更"
    FIXED = "已用于任务"  # registered with other modules, and a task relies on these


@repeatable
def register(
    package: PatchPackage, *, by: Person | None, sender: str, may_replace: bool = True
) -> tuple[int, bool]:
    """Keep a package; returns its id and whether it was new.

    Idempotent by (name, version): the same content again changes nothing. Other
    modules or notes replace those of a version that no task uses yet and are
    refused (Conflict) afterwards, since people have worked by them; 送测状态
    and who sent it may move on at any time. `by` is None where another system
    registers, `sender` names the door it came through. Without `may_replace`
    other modules are always refused: a system that sends two contents under one
    version is mistaken. Raises BadInput with a sentence per field.
    """
    require_right(by)
    package = checked(package)
    with transaction() as session:
        standing, patch_id = keep(session, package, by=by, sender=sender, may_replace=may_replace)
    return patch_id, standing is Standing.NEW


def may_register(person: Person) -> bool:
    """True for 发布人, 部门经理 and 管理员."""
    return person.holds(*KEEPERS)


def require_right(by: Person | None) -> None:
    """Refuse people who may not keep the register; other systems show their right at the door."""
    if by is not None and not may_register(by):
        raise NotAllowed("只有发布人、部门经理和管理员可以登记补丁包。")


def checked(package: PatchPackage) -> PatchPackage:
    """The package without blanks around its texts; BadInput names each field that cannot be used."""
    modules = tuple((name.strip(), note.replace("\r\n", "\n").strip()) for name, note in package.modules)
    texts = {field: getattr(package, field).strip() for field in NAMES}
    wrong = {}
    for field, text in texts.items():
        if not text and field != "sent_by":
            wrong[field] = f"请填写{NAMES[field]}。"
        elif len(text) > LONGEST[field]:
            wrong[field] = f"{NAMES[field]}最多 {LONGEST[field]} 个字，现在有 {len(text)} 个。"
        elif fault := unreadable(text):
            wrong[field] = f"{NAMES[field]}{fault}，请重新输入。"
    if package.sent_at is not None and package.sent_at.year not in SENT_YEARS:
        wrong["sent_at"] = f"送测时间的年份应在 {SENT_YEARS[0]} 到 {SENT_YEARS[-1]} 之间。"
    if package.test_state not in list(TrialState):
        wrong["test_state"] = f"送测状态只能是{'、'.join(TrialState)}。"
    if sentence := _wrong_modules(modules):
        wrong["modules"] = sentence
    if wrong:
        raise BadInput(fields=wrong)
    return replace(package, modules=modules, **texts)


def _wrong_modules(modules: tuple[tuple[str, str], ...]) -> str | None:
    names = [name for name, _ in modules]
    if not names:
        return "请填写补丁涉及的模块，至少一个。"
    if len(names) > MOST_MODULES:
        return f"一个补丁包最多 {MOST_MODULES} 个模块，现在有 {len(names)} 个。"
    for name, note in modules:
        if not name:
            return "有补丁说明没有写明是哪个模块，请补上模块名称。"
        if len(name) > LONGEST_MODULE:
            return f"模块名称“{name[:20]}…”过长，最多 {LONGEST_MODULE} 个字，现在有 {len(name)} 个。"
        if fault := unreadable(name):
            return f"模块名称“{name[:20]}”{fault}，请重新输入。"
        if len(note) > LONGEST_NOTE:
            return f"模块“{name}”的补丁说明最多 {LONGEST_NOTE} 个字，现在有 {len(note)} 个。"
        if fault := unreadable(note):
            return f"模块“{name}”的补丁说明{fault}，请重新输入。"
    doubles = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    return f"模块“{doubles[0]}”写了 {names.count(doubles[0])} 次，请只保留一个。" if doubles else None


def standing_of(session: Session, package: PatchPackage) -> tuple[Standing, Patch | None]:
    """What registering a checked package would do, and what is registered under its name and version."""
    found = held(session, Patch, Patch.name == package.name, Patch.version == package.version)
    if not found:
        return Standing.NEW, None
    patch = found[0]
    if tuple((module.name, module.note) for module in patch.modules) != package.modules:
        return (Standing.FIXED if _is_used(session, patch) else Standing.CHANGED), patch
    known = (patch.test_state, patch.sent_by, patch.sent_at)
    same = known == (package.test_state, package.sent_by, package.sent_at)
    return (Standing.SAME if same else Standing.CHANGED), patch


def keep(
    session: Session, package: PatchPackage, *, by: Person | None, sender: str, may_replace: bool = True
) -> tuple[Standing, int]:
    """Write a checked package, inside transaction(); returns how it stood before, and its id."""
    values = {
        "name": package.name,
        "version": package.version,
        "test_state": package.test_state,
        "sender": sender,
        "registered_at": clock.now(),
    }
    # First of all: two systems that register the same version at once must not both find it missing.
    is_new = insert_once(session, Patch, values)
    standing, patch = standing_of(session, package)
    if patch is None:
        raise RuntimeError("a patch just registered is missing")
    if is_new:
        standing = Standing.NEW
    if standing is Standing.FIXED:
        raise Conflict(used_already(package))
    if standing is Standing.CHANGED and not may_replace:
        _refuse_replacing(patch, package)
    if standing is not Standing.SAME:
        _write(session, patch, package, by=by, sender=sender)
        history.record(session, patch, REGISTER_PATCH, by=by, standing=standing, sender=sender)
    return standing, patch.id


def used_already(package: PatchPackage) -> str:
    """Why a package stays as it is."""
    return (
        f"补丁包 {package.title} 已用于升级任务，模块和补丁说明不能再改。"
        "请换一个版本号登记，再发布新的升级任务。"
    )


def _refuse_replacing(patch: Patch, package: PatchPackage) -> None:
    if tuple((module.name, module.note) for module in patch.modules) != package.modules:
        raise Conflict(
            f"补丁包 {patch.title} 已登记，这次的模块或补丁说明与登记的不同。请换一个版本号再登记。"
        )


def _write(session: Session, patch: Patch, package: PatchPackage, *, by: Person | None, sender: str) -> None:
    patch.test_state, patch.sent_by, patch.sent_at = package.test_state, package.sent_by, package.sent_at
    patch.sender, patch.registered_by_id = sender, by.id if by else None
    if tuple((module.name, module.note) for module in patch.modules) != package.modules:
        patch.modules.clear()
        session.flush()  # the old names leave before the new ones come: they are unique
        patch.modules.extend(
            PatchModule(position=n, name=name, note=note) for n, (name, note) in enumerate(package.modules)
        )
    session.flush()


def _is_used(session: Session, patch: Patch) -> bool:
    published = sa.or_(Task.published_at.is_not(None), Task.prepared_at.is_not(None))  # or about to be
    used = sa.exists().where(Task.patch_id == patch.id, published)
    return bool(session.execute(sa.select(used)).scalar_one())
