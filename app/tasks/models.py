"""Rows of published work: the task, its row per place, the items inside a row."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Id, partial_index
from app.people.models import Person
from app.places.models import Place
from app.tasks.labels import ItemState


class Patch(Base):
    """补丁包: one version of a package as it was sent to test; a 升级任务 takes its modules (T-25, T-27, Q46)."""

    __tablename__ = "patch"
    __table_args__ = (sa.UniqueConstraint("name", "version"),)

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(sa.String(100))
    version: Mapped[str] = mapped_column(sa.String(50))
    test_state: Mapped[str] = mapped_column(sa.String(20))
    sent_by: Mapped[str] = mapped_column(sa.String(60), default="")  # who sent it to test, as the source says
    sent_at: Mapped[datetime | None]
    sender: Mapped[str] = mapped_column(sa.String(60))  # the door it came through
    registered_at: Mapped[datetime]
    registered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))

    modules: Mapped[list["PatchModule"]] = relationship(
        order_by="PatchModule.position", cascade="all, delete-orphan"
    )
    registered_by: Mapped[Person | None] = relationship()

    @property
    def title(self) -> str:
        """How people call it: 征管补丁 3.2.1."""
        return f"{self.name} {self.version}"


class PatchModule(Base):
    """One module of a 补丁包, with the note that came with it (T-21, T-22)."""

    __tablename__ = "patch_module"
    __table_args__ = (sa.UniqueConstraint("patch_id", "name"),)

    id: Mapped[Id]
    patch_id: Mapped[int] = mapped_column(sa.ForeignKey("patch.id"))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(sa.String(100))
    note: Mapped[str] = mapped_column(default="")


class Task(Base):
    """One publish act. `published_at` is empty while it is a 暂存 draft."""

    __tablename__ = "task"
    __table_args__ = (
        sa.Index("ix_task_publisher_id_id", "publisher_id", "id"),
        sa.Index("ix_task_department_id_id", "department_id", "id"),
        partial_index(
            "ix_task_announce_overdue", "announce_overdue_from", where="announce_overdue_from IS NOT NULL"
        ),
        partial_index("ix_task_remind_at", "remind_at", where="remind_at IS NOT NULL"),
        partial_index("ix_task_nag_at", "nag_at", where="nag_at IS NOT NULL"),
        partial_index("ix_task_prepared_at", "prepared_at", where="prepared_at IS NOT NULL"),
        sa.CheckConstraint("prepared_at IS NULL OR published_at IS NULL", name="prepared_is_not_published"),
        sa.CheckConstraint("(revoked_at IS NULL) = (revoked_by_id IS NULL)", name="revoked_by_iff_revoked"),
        sa.CheckConstraint("published_at IS NULL OR due_at IS NOT NULL", name="published_has_deadline"),
        sa.CheckConstraint("(paused_to IS NULL) = (paused_by_id IS NULL)", name="paused_by_iff_paused"),
    )

    id: Mapped[Id]
    type: Mapped[str] = mapped_column(sa.String(20))
    urgency: Mapped[str] = mapped_column(sa.String(10))
    note: Mapped[str] = mapped_column(default="")
    due_at: Mapped[datetime | None]
    publisher_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    department_id: Mapped[int | None] = mapped_column(sa.ForeignKey("department.id"))
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None] = mapped_column(index=True)
    prepared_at: Mapped[
        datetime | None
    ]  # no task of anybody's: rows of a large publish are made ready below it
    revoked_at: Mapped[datetime | None]
    revoked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    draft_places: Mapped[str] = mapped_column(default="")  # comma-separated leaf codes
    # What else a draft holds as it was filled in: due_days, and named (place code → person id).
    draft_fields: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    patch_id: Mapped[int | None] = mapped_column(sa.ForeignKey("patch.id"), index=True)
    # The 升级任务 that this one repairs (Q21).
    follows_id: Mapped[int | None] = mapped_column(sa.ForeignKey("task.id"), index=True)
    announce_overdue_from: Mapped[datetime | None]  # rows marked 已超期, people not told yet
    remind_at: Mapped[datetime | None]  # when a deadline comes near: the next step of the ladder before it
    nag_at: Mapped[datetime | None]  # when rows still open past their deadline are spoken of again (Q43)
    # 暂停提醒: up to and including a day, and the working hour before which the clock says nothing.
    paused_to: Mapped[date | None]
    pause_reason: Mapped[str | None] = mapped_column(sa.String(500))
    paused_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    silent_until: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    publisher: Mapped[Person] = relationship(foreign_keys=[publisher_id])
    paused_by: Mapped[Person | None] = relationship(foreign_keys=[paused_by_id])
    patch: Mapped[Patch | None] = relationship()

    def is_paused(self, today: date) -> bool:
        """True up to the end of the last day of a 暂停提醒."""
        return self.paused_to is not None and self.paused_to >= today

    def is_silent(self, now: datetime) -> bool:
        """True while the clock says nothing of the task: until the first working hour after a 暂停提醒."""
        return self.silent_until is not None and self.silent_until > now

    @classmethod
    def silent_at(cls, now: datetime) -> sa.ColumnElement[bool]:
        """`is_silent` in SQL; a test compares both."""
        return sa.and_(cls.silent_until.is_not(None), cls.silent_until > now)


class PointTask(Base):
    """One row: this task at one place, with its one 实施人.

    Stores facts; `label` repeats what `labels.label_of` makes of them, for
    filters and counts only. `next_look_at` is the moment the overdue scan
    must look at the row again, empty when it never must.
    """

    __tablename__ = "point_task"
    __table_args__ = (
        sa.UniqueConstraint("task_id", "place_code"),
        sa.Index("ix_point_task_task_id_id", "task_id", "id"),
        sa.Index("ix_point_task_region_id_id", "region_id", "id"),
        sa.Index("ix_point_task_province_code_id", "province_code", "id"),
        sa.Index("ix_point_task_city_code_id", "city_code", "id"),
        sa.Index("ix_point_task_place_code_id", "place_code", "id"),
        sa.Index("ix_point_task_publisher_id_id", "publisher_id", "id"),
        sa.Index("ix_point_task_department_id_id", "department_id", "id"),
        sa.Index("ix_point_task_implementer_id_id", "implementer_id", "id"),
        sa.Index("ix_point_task_supervisor_id_id", "supervisor_id", "id"),
        sa.Index("ix_point_task_service_manager_id_id", "service_manager_id", "id"),
        # Has this person a row of that task? Asked of the newest tasks one by one, for the tree.
        sa.Index("ix_point_task_implementer_id_task_id", "implementer_id", "task_id"),
        sa.Index("ix_point_task_supervisor_id_task_id", "supervisor_id", "task_id"),
        sa.Index("ix_point_task_service_manager_id_task_id", "service_manager_id", "task_id"),
        partial_index("ix_point_task_next_look_at", "next_look_at", where="next_look_at IS NOT NULL"),
        partial_index(
            "ix_point_task_open_by_implementer",
            "implementer_id",
            "due_at",
            "id",
            where="closed_at IS NULL AND revoked_at IS NULL",
        ),
        sa.CheckConstraint("(closed_at IS NULL) = (closed_by_id IS NULL)", name="closed_by_iff_closed"),
        sa.CheckConstraint("items_done <= items_total", name="done_within_total"),
    )

    id: Mapped[Id]
    task_id: Mapped[int] = mapped_column(sa.ForeignKey("task.id"))
    place_code: Mapped[str] = mapped_column(sa.ForeignKey("place.code"))
    province_code: Mapped[str] = mapped_column(sa.String(12))
    city_code: Mapped[str | None] = mapped_column(sa.String(12))
    region_id: Mapped[int | None] = mapped_column(sa.ForeignKey("region.id"))
    publisher_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))  # of the task; for scoped lists
    department_id: Mapped[int | None] = mapped_column(sa.ForeignKey("department.id"))  # likewise
    implementer_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    supervisor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    service_manager_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    due_at: Mapped[datetime]
    due_given_at: Mapped[datetime | None]  # when 打回 or 升级回退 gave the row a deadline of its own
    next_look_at: Mapped[datetime | None]
    overdue_at: Mapped[datetime | None]  # when the scan found it past its deadline
    sent_back_at: Mapped[datetime | None]
    rolled_back_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    revoked_at: Mapped[datetime | None]
    label: Mapped[str] = mapped_column(sa.String(10))
    items_total: Mapped[int]  # 暂不升级 items are not counted
    items_done: Mapped[int] = mapped_column(default=0)
    escalated_at: Mapped[datetime | None]  # when the 大区经理 was told that it stays overdue
    urged_at: Mapped[datetime | None]
    urge_count: Mapped[int] = mapped_column(default=0)
    transfer_count: Mapped[int] = mapped_column(default=0)
    latest_note: Mapped[str] = mapped_column(sa.String(500), default="")
    latest_note_at: Mapped[datetime | None]
    cannot_meet: Mapped[
        datetime | None
    ]  # the deadline that somebody said cannot be met; void with another one
    version: Mapped[int] = mapped_column(default=1)

    task: Mapped[Task] = relationship(lazy="joined", innerjoin=True)
    place: Mapped[Place] = relationship(lazy="joined", innerjoin=True)
    implementer: Mapped[Person] = relationship(foreign_keys=[implementer_id])
    supervisor: Mapped[Person | None] = relationship(foreign_keys=[supervisor_id])
    service_manager: Mapped[Person | None] = relationship(foreign_keys=[service_manager_id])
    items: Mapped[list["TaskItem"]] = relationship(order_by="TaskItem.id", back_populates="row")

    # Conditions on a row that more than one place asks for, each with its SQL face; a test compares both.

    @hybrid_property
    def is_open(self) -> bool:
        """Somebody is waited for: what is 暂不升级 as a whole waits for nobody (Q16)."""
        return self.closed_at is None and self.revoked_at is None and self.items_total > 0

    @is_open.inplace.expression
    @classmethod
    def _is_open(cls) -> sa.ColumnElement[bool]:
        return sa.and_(cls.closed_at.is_(None), cls.revoked_at.is_(None), cls.items_total > 0)

    @hybrid_property
    def is_late(self) -> bool:
        """Open past its deadline; what was sent back or rolled back has until the next working morning (Q2)."""
        return self.is_open and self.overdue_at is not None and self.next_look_at is None

    @is_late.inplace.expression
    @classmethod
    def _is_late(cls) -> sa.ColumnElement[bool]:
        return sa.and_(cls.is_open, cls.overdue_at.is_not(None), cls.next_look_at.is_(None))

    @hybrid_property
    def is_hopeless(self) -> bool:
        """无法按时完成: somebody said so of the deadline that the row has, and it is open."""
        return self.is_open and self.cannot_meet == self.due_at

    @is_hopeless.inplace.expression
    @classmethod
    def _is_hopeless(cls) -> sa.ColumnElement[bool]:
        return sa.and_(cls.is_open, cls.cannot_meet == cls.due_at)


class TaskItem(Base):
    """明细: one module of a 升级任务, or the one item named after the type (T-28)."""

    __tablename__ = "task_item"
    __table_args__ = (
        sa.Index("ix_task_item_point_task_id_id", "point_task_id", "id"),
        partial_index("ix_task_item_module_id", "module_id", where="module_id IS NOT NULL"),
    )

    id: Mapped[Id]
    point_task_id: Mapped[int] = mapped_column(sa.ForeignKey("point_task.id"))
    name: Mapped[str] = mapped_column(sa.String(100))
    state: Mapped[int] = mapped_column(sa.SmallInteger, default=ItemState.OPEN)
    done_at: Mapped[datetime | None]
    module_id: Mapped[int | None] = mapped_column(sa.ForeignKey("patch_module.id"))
    restored_at: Mapped[datetime | None]  # when 已回退 was confirmed

    row: Mapped[PointTask] = relationship(back_populates="items")
    module: Mapped[PatchModule | None] = relationship()


class Transfer(Base):
    """转派: who handed a row to whom, when and why; the former 实施人 keeps sight of it (Q31)."""

    __tablename__ = "transfer"
    __table_args__ = (sa.Index("ix_transfer_from_id_point_task_id", "from_id", "point_task_id"),)

    id: Mapped[Id]
    point_task_id: Mapped[int] = mapped_column(sa.ForeignKey("point_task.id"), index=True)
    from_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    to_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(sa.String(500), default="")


class TaskCount(Base):
    """How many rows of a task carry a label in a 大区, and what their items have done; kept in the rows' commit."""

    __tablename__ = "task_count"

    task_id: Mapped[int] = mapped_column(sa.ForeignKey("task.id"), primary_key=True)
    region_id: Mapped[int] = mapped_column(primary_key=True)  # 0: a place outside every 大区
    label: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    rows: Mapped[int]
    items_total: Mapped[int]
    items_done: Mapped[int]
