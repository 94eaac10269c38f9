"""What the lines of 操作日志 are about: the name of a subject, and the page that shows it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from app import clock
from app.administration import importing
from app.db import among, session
from app.insight.models import Export
from app.notices.catalogue import wordings
from app.notices.models import Delivery, WordingText
from app.people.models import Department, Person, Region
from app.places.models import Place
from app.tasks.models import Patch, PointTask, Task
from app.work import platform
from app.work.models import ApiToken, CalendarDay, PlatformSetting


@dataclass(frozen=True)
class Kind:
    """A kind of subject: how people call it, and how (name, page) of a row are read; "" for no page."""

    name: str
    rows: Any  # a select of `id` and what `shown` needs
    id: Any
    shown: Callable[[Any], tuple[str, str]]


def _task(row: Any) -> tuple[str, str]:
    when = clock.shown(row.published_at) if row.published_at else "暂存"
    return f"{row.type} · {when}", ""


def _wording(row: Any) -> tuple[str, str]:
    known = wordings().get(row.key)
    name = f"{known.act} · {known.audience}" if known else row.key
    return name, f"/admin/wordings/{row.key}" if known else ""


def _setting(row: Any) -> tuple[str, str]:
    known = platform.SETTINGS.get(row.name)
    return known.label if known else row.name, "/admin/settings"


# The pages of tasks are left out: an administrator sees those that the rights of their other roles show.
KINDS: dict[str, Kind] = {
    Task.__tablename__: Kind("任务", sa.select(Task.id, Task.type, Task.published_at), Task.id, _task),
    PointTask.__tablename__: Kind(
        "点位任务",
        sa.select(PointTask.id, Place.name, Task.type).join(PointTask.place).join(PointTask.task),
        PointTask.id,
        lambda row: (f"{row.name} · {row.type}", ""),
    ),
    Person.__tablename__: Kind(
        "人员",
        sa.select(Person.id, Person.name),
        Person.id,
        lambda row: (row.name, f"/people/{row.id}"),
    ),
    Region.__tablename__: Kind(
        "大区",
        sa.select(Region.id, Region.name),
        Region.id,
        lambda row: (row.name, f"/admin/regions/{row.id}"),
    ),
    Department.__tablename__: Kind(
        "部门",
        sa.select(Department.id, Department.name),
        Department.id,
        lambda row: (row.name, f"/admin/departments/{row.id}"),
    ),
    WordingText.__tablename__: Kind(
        "通知模板", sa.select(WordingText.id, WordingText.key), WordingText.id, _wording
    ),
    PlatformSetting.__tablename__: Kind(
        "平台设置", sa.select(PlatformSetting.id, PlatformSetting.name), PlatformSetting.id, _setting
    ),
    Patch.__tablename__: Kind(
        "补丁包",
        sa.select(Patch.id, Patch.name, Patch.version),
        Patch.id,
        lambda row: (f"{row.name} {row.version}", f"/patches/{row.id}"),
    ),
    CalendarDay.__tablename__: Kind(
        "工作日历",
        sa.select(CalendarDay.id, CalendarDay.day),
        CalendarDay.id,
        lambda row: (row.day.isoformat(), f"/admin/calendar?day={row.day.isoformat()}"),
    ),
    ApiToken.__tablename__: Kind(
        "接口令牌",
        sa.select(ApiToken.id, ApiToken.name),
        ApiToken.id,
        lambda row: (row.name, "/admin/tokens"),
    ),
    Delivery.__tablename__: Kind(
        "通知",
        sa.select(Delivery.id, Delivery.title, Delivery.recipient_id, Person.name).join(
            Person, Person.id == Delivery.recipient_id
        ),
        Delivery.id,
        lambda row: (f"{row.name} · {row.title}", f"/people/{row.recipient_id}/deliveries"),
    ),
    Export.__tablename__: Kind(
        "导出", sa.select(Export.id, Export.title), Export.id, lambda row: (row.title, "")
    ),
}
"""Kind → how to name its rows. A new kind of subject gets its line here."""
KIND_NAMES = {kind: one.name for kind, one in KINDS.items()} | {importing.OF_NO_ROW: "导入"}


def names(kind: str, ids: Collection[int]) -> Mapping[int, tuple[str, str]]:
    """Id → (name, page) of the subjects of one kind."""
    known = KINDS.get(kind)
    if known is None:
        return {}
    found = session().execute(known.rows.where(among(known.id, ids)))
    return {row.id: known.shown(row) for row in found}


def name(kind: str, subject_id: int) -> tuple[str, str]:
    """(name, page) of one subject."""
    return names(kind, [subject_id]).get(subject_id) or (fallback(kind, subject_id), "")


def fallback(kind: str, subject_id: int) -> str:
    """How a subject is called that has no row of its own, or none any more."""
    name = KIND_NAMES.get(kind, kind)
    return f"{name} {subject_id}" if subject_id else name
