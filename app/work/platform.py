"""What the platform and its publishing department are called in notices (Q22, Q38)."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

import sqlalchemy as sa
from flask import current_app

from app.db import Session, insert_once, session, transaction
from app.errors import BadInput, OutOfDate
from app.locks import held, repeatable
from app.people import administrators
from app.people.models import Person
from app.work import history
from app.work.models import HistoryEvent, PlatformSetting

NAME, DEPARTMENT = "platform_name", "department_name"
CHANGE_SETTING = "change_setting"
STALE = "平台设置刚被其他人更新，请核对最新内容后重新提交。您填写的内容已保留。"


@dataclass(frozen=True)
class Setting:
    """One thing an administrator may set: how it is called, what it is for, how long it may be."""

    label: str
    explained: str
    longest: int = 20


SETTINGS = {
    NAME: Setting("平台名称", "通知里的“长天长平台”换成这个名称"),
    DEPARTMENT: Setting("发布部门", "发布人没有填部门时，通知里的“服务运营部”换成这个名称"),
}


def defaults() -> dict[str, str]:
    """What holds where nobody set anything; the platform's name comes from the environment."""
    return {NAME: current_app.config["PLATFORM_NAME"], DEPARTMENT: "服务运营部"}


def values(current: Session) -> dict[str, str]:
    """Every setting as it stands now; read anew each time, so that all processes agree."""
    query = sa.select(PlatformSetting.name, PlatformSetting.value).where(PlatformSetting.value.is_not(None))
    return defaults() | {name: str(value) for name, value in current.execute(query) if name in SETTINGS}


def seen() -> str:
    """Differs whenever a setting does; a form carries it."""
    return _digest(values(session()))


def changes() -> list[HistoryEvent]:
    """Who changed a setting, newest first."""
    return history.of_kind(session(), PlatformSetting.__tablename__, limit=50)


@repeatable
def save(wanted: Mapping[str, str], *, by: Person, seen: str) -> list[str]:
    """Make `wanted` the settings; an empty value brings the default back. Returns the labels of what changed.

    Raises NotAllowed, BadInput naming each field, OutOfDate where someone else was faster.
    """
    administrators.require(by)
    wanted = {name: wanted.get(name, "").strip() for name in SETTINGS}
    _refuse_nonsense(wanted)
    with transaction() as current:
        for name in SETTINGS:
            insert_once(current, PlatformSetting, {"name": name})
        stored = {row.name: row for row in held(current, PlatformSetting)}
        before = values(current)
        after = {name: wanted[name] or default for name, default in defaults().items()}
        changed = [name for name in SETTINGS if before[name] != after[name]]
        if changed and seen != _digest(before):
            raise OutOfDate(STALE)
        for name in changed:
            stored[name].value = after[name] if after[name] != defaults()[name] else None
            changes = {SETTINGS[name].label: [before[name], after[name]]}
            history.record(current, stored[name], CHANGE_SETTING, by=by, changes=changes)
        return [SETTINGS[name].label for name in changed]


def _refuse_nonsense(wanted: Mapping[str, str]) -> None:
    wrong = {}
    for name, value in wanted.items():
        if len(value) > SETTINGS[name].longest:
            wrong[name] = (
                f"{SETTINGS[name].label}最多 {SETTINGS[name].longest} 个字，现在有 {len(value)} 个。"
            )
        elif set(value) & set("【】\n"):
            wrong[name] = f"{SETTINGS[name].label}里不能有【、】和换行，请去掉。"
    if wrong:
        raise BadInput(fields=wrong)


def _digest(present: Mapping[str, str]) -> str:
    return sha256(repr(sorted(present.items())).encode()).hexdigest()[:16]
