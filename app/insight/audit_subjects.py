"""What the lines of 操作日志 are about: the name of a subject, and the page that shows it."""

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

from app.administration import importing
from app.db import among, session
from app.insight import kinds
from app.insight.models import Export
from app.notices.models import Delivery, WordingText
from app.notices.wordings.catalogue import wordings
from app.people.models import Department, Person, Region
from app.work import platform
from app.work.faces import Named, Subject
from app.work.models import ApiToken, CalendarDay, PlatformSetting


def _wording(row: Any) -> Named:
    known = wordings().get(row.key)
    name = f"{known.act} · {known.audience}" if known else row.key
    return Named(name, f"/admin/wordings/{row.key}" if known else "")


def _setting(row: Any) -> Named:
    known = platform.SETTINGS.get(row.name)
    return Named(known.label if known else row.name, "/admin/settings")


HOUSE = [
    Subject(
        Person.__tablename__,
        "人员",
        sa.select(Person.id, Person.name),
        Person.id,
        lambda row: Named(row.name, f"/people/{row.id}"),
    ),
    Subject(
        Region.__tablename__,
        "大区",
        sa.select(Region.id, Region.name),
        Region.id,
        lambda row: Named(row.name, f"/admin/regions/{row.id}"),
    ),
    Subject(
        Department.__tablename__,
        "部门",
        sa.select(Department.id, Department.name),
        Department.id,
        lambda row: Named(row.name, f"/admin/departments/{row.id}"),
    ),
    Subject(
        WordingText.__tablename__,
        "通知模板",
        sa.select(WordingText.id, WordingText.key),
        WordingText.id,
        _wording,
    ),
    Subject(
        PlatformSetting.__tablename__,
        "平台设置",
        sa.select(PlatformSetting.id, PlatformSetting.name),
        PlatformSetting.id,
        _setting,
    ),
    Subject(
        CalendarDay.__tablename__,
        "工作日历",
        sa.select(CalendarDay.id, CalendarDay.day),
        CalendarDay.id,
        lambda row: Named(row.day.isoformat(), f"/admin/calendar?day={row.day.isoformat()}"),
    ),
    Subject(
        ApiToken.__tablename__,
        "接口令牌",
        sa.select(ApiToken.id, ApiToken.name),
        ApiToken.id,
        lambda row: Named(row.name, "/admin/tokens"),
    ),
    Subject(
        Delivery.__tablename__,
        "通知",
        sa.select(Delivery.id, Delivery.title, Delivery.recipient_id, Person.name).join(
            Person, Person.id == Delivery.recipient_id
        ),
        Delivery.id,
        lambda row: Named(f"{row.name} · {row.title}", f"/people/{row.recipient_id}/deliveries"),
    ),
    Subject(
        Export.__tablename__,
        "导出",
        sa.select(Export.id, Export.title),
        Export.id,
        lambda row: Named(row.title, ""),
    ),
]
"""Subjects of the house itself; kinds of work bring theirs."""


def kind_names() -> dict[str, str]:
    """Table → what people call its rows."""
    return {one.table: one.name for one in _subjects()} | {importing.OF_NO_ROW: "导入"}


def _subjects() -> list[Subject]:
    return [*(one for kind in kinds.KINDS for one in kind.subjects), *HOUSE]


def names(kind: str, ids: Collection[int]) -> Mapping[int, Named]:
    """Id → how it is called, and its page, of the subjects of one kind."""
    known = next((one for one in _subjects() if one.table == kind), None)
    if known is None:
        return {}
    found = session().execute(known.rows.where(among(known.id, ids)))
    return {row.id: known.shown(row) for row in found}


def name(kind: str, subject_id: int) -> Named:
    """How one subject is called, and its page."""
    return names(kind, [subject_id]).get(subject_id) or Named(fallback(kind, subject_id))


def fallback(kind: str, subject_id: int) -> str:
    """How a subject is called that has no row of its own, or none any more."""
    name = kind_names().get(kind, kind)
    return f"{name} {subject_id}" if subject_id else name
