"""What a list of rows is narrowed to, as it stands in the address of the page (A-21)."""

from dataclasses import dataclass, fields
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from app.tasks.labels import Label
from app.tasks.models import PointTask, Task


@dataclass(frozen=True)
class Filter:
    """Every field that is set narrows the list; `since` and `until` are moments of publishing."""

    label: str = ""
    type: str = ""
    region_id: int | None = None
    place_code: str = ""
    person_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_empty(self) -> bool:
        """True where nothing is narrowed."""
        return all(not getattr(self, field.name) for field in fields(self))

    def conditions(self) -> list[ColumnElement[bool]]:
        """The filter in SQL, over the columns that have an index where there is one."""
        found: list[ColumnElement[bool]] = []
        if self.label:
            found.append(_has_label(self.label))
        if self.region_id is not None:
            found.append(PointTask.region_id == self.region_id)
        if self.place_code:
            found.append(_lies_in(self.place_code))
        if self.person_id is not None:
            found.append(_names(self.person_id))
        about_task = [
            *([Task.type == self.type] if self.type else []),
            *([Task.published_at >= self.since] if self.since else []),
            *([Task.published_at < self.until] if self.until else []),
        ]
        if about_task:
            found.append(PointTask.task_id.in_(sa.select(Task.id).where(*about_task)))
        return found


def _has_label(label: str) -> ColumnElement[bool]:
    """已超期 also finds the 打回 and 升级回退 rows that wear the 超期 chip (Q2)."""
    if label != Label.OVERDUE:
        return PointTask.label == label
    chip = sa.and_(
        PointTask.label.in_([Label.SENT_BACK, Label.ROLLED_BACK]), PointTask.overdue_at.is_not(None)
    )
    return sa.or_(PointTask.label == Label.OVERDUE, chip)


def _lies_in(code: str) -> ColumnElement[bool]:
    """A place of any level: a province, a prefecture, or the leaf itself."""
    if code.endswith("0000"):
        return PointTask.province_code == code
    if code.endswith("00"):
        return sa.or_(PointTask.city_code == code, PointTask.place_code == code)
    return PointTask.place_code == code


def _names(person_id: int) -> ColumnElement[bool]:
    return sa.or_(
        PointTask.implementer_id == person_id,
        PointTask.supervisor_id == person_id,
        PointTask.service_manager_id == person_id,
    )
