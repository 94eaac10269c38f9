"""People, the 大区 they work in, what they are, and which places they support."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Id, partial_index
from app.places.models import Place


class Role(StrEnum):
    """What a person is, by the field's own names."""

    DEPARTMENT_MANAGER = "department_manager"
    REGION_MANAGER = "region_manager"
    SUPERVISOR = "supervisor"
    SERVICE_MANAGER = "service_manager"
    IMPLEMENTER = "implementer"
    PUBLISHER = "publisher"
    ADMINISTRATOR = "administrator"


ROLE_NAMES = {
    Role.DEPARTMENT_MANAGER: "部门经理",
    Role.REGION_MANAGER: "大区经理",
    Role.SUPERVISOR: "主管",
    Role.SERVICE_MANAGER: "服务经理",
    Role.IMPLEMENTER: "实施人",
    Role.PUBLISHER: "发布人",
    Role.ADMINISTRATOR: "管理员",
}
AREA_ROLES = (Role.IMPLEMENTER, Role.SUPERVISOR, Role.SERVICE_MANAGER)


class Region(Base):
    """A 大区: a few provinces worked by one team."""

    __tablename__ = "region"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(sa.String(40), unique=True)
    position: Mapped[int] = mapped_column(default=0)


class RegionProvince(Base):
    """Which 大区 a province belongs to; a province has one."""

    __tablename__ = "region_province"

    province_code: Mapped[str] = mapped_column(sa.ForeignKey("place.code"), primary_key=True)
    region_id: Mapped[int] = mapped_column(sa.ForeignKey("region.id"), index=True)


class Department(Base):
    """A department; the 部门经理 of the head office sees every task (Q24)."""

    __tablename__ = "department"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(sa.String(60), unique=True)
    is_head_office: Mapped[bool] = mapped_column(default=False)


class Who(Protocol):
    """What rights depend on, of a `Person` or of whoever asks for a page."""

    @property
    def id(self) -> int: ...
    @property
    def department_id(self) -> int | None: ...
    @property
    def region_id(self) -> int | None: ...
    @property
    def left_at(self) -> datetime | None: ...
    @property
    def roles(self) -> frozenset[Role]: ...
    @property
    def in_head_office(self) -> bool: ...
    def holds(self, *roles: Role) -> bool: ...


@dataclass(frozen=True, slots=True)
class Asker:
    """The person asking for a page: what every page needs to know of them, in one plain statement (B-L1)."""

    id: int
    department_id: int | None
    region_id: int | None
    left_at: datetime | None
    roles: frozenset[Role]
    in_head_office: bool

    def holds(self, *roles: Role) -> bool:
        """True where the person has one of `roles` and has not left."""
        return self.left_at is None and not self.roles.isdisjoint(roles)

    @classmethod
    def of(cls, person: "Person") -> "Asker":
        """Somebody who has just signed in."""
        return cls(
            person.id,
            person.department_id,
            person.region_id,
            person.left_at,
            person.roles,
            person.in_head_office,
        )


class Person(Base):
    """Someone in the company's WeCom, keyed by userid (compared lower-cased)."""

    __tablename__ = "person"

    __table_args__ = (partial_index("ix_person_left", "id", where="left_at IS NOT NULL"),)

    id: Mapped[Id]
    userid: Mapped[str] = mapped_column(sa.String(64), unique=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    pinyin: Mapped[str] = mapped_column(index=True)  # as long as thirty characters may be read
    initials: Mapped[str] = mapped_column(sa.String(30))
    spellings: Mapped[
        str | None
    ]  # what else it is taken for: “ choubo cb”; None where the job has not been yet
    mobile: Mapped[str | None] = mapped_column(sa.String(20))
    position: Mapped[str] = mapped_column(sa.String(60), default="")
    department_id: Mapped[int | None] = mapped_column(sa.ForeignKey("department.id"), index=True)
    region_id: Mapped[int | None] = mapped_column(sa.ForeignKey("region.id"), index=True)
    left_at: Mapped[datetime | None]

    department: Mapped[Department | None] = relationship(lazy="joined")
    region: Mapped[Region | None] = relationship(lazy="joined")
    role_rows: Mapped[list["PersonRole"]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", back_populates="person"
    )

    @property
    def roles(self) -> frozenset[Role]:
        """Every role the person holds."""
        return frozenset(Role(row.role) for row in self.role_rows)

    def holds(self, *roles: Role) -> bool:
        """True where the person has one of `roles` and has not left."""
        return self.left_at is None and bool(self.roles.intersection(roles))

    @property
    def in_head_office(self) -> bool:
        """True in the department whose manager sees every task (Q24)."""
        return bool(self.department and self.department.is_head_office)

    @property
    def role_names(self) -> list[str]:
        """The roles as people read them, most senior first."""
        held = self.roles
        return [name for role, name in ROLE_NAMES.items() if role in held]


class PersonRole(Base):
    """One role of one person."""

    __tablename__ = "person_role"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(sa.String(30), primary_key=True, index=True)

    person: Mapped[Person] = relationship(back_populates="role_rows")


class SupportArea(Base):
    """支持区域: who is 实施人, 主管 or 服务经理 of a place (T-01, T-02).

    Of several 实施人 of one place the primary one is used (Q35).
    """

    __tablename__ = "support_area"
    __table_args__ = (
        sa.UniqueConstraint("place_code", "role", "person_id"),
        partial_index("uq_support_area_one_primary", "place_code", "role", where="is_primary", unique=True),
    )

    id: Mapped[Id]
    place_code: Mapped[str] = mapped_column(sa.ForeignKey("place.code"))
    role: Mapped[str] = mapped_column(sa.String(30))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), index=True)
    is_primary: Mapped[bool] = mapped_column(default=True)

    person: Mapped[Person] = relationship()


class AreaChange(Base):
    """One step of somebody's standing at a place, by whom and when; never changed afterwards (X-S23)."""

    __tablename__ = "area_change"
    __table_args__ = (
        sa.Index("ix_area_change_place_code_id", "place_code", "id"),
        sa.Index("ix_area_change_person_id_id", "person_id", "id"),
        sa.Index("ix_area_change_at_id", "at", "id"),
    )

    id: Mapped[Id]
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    place_code: Mapped[str] = mapped_column(sa.ForeignKey("place.code"))
    role: Mapped[str] = mapped_column(sa.String(30))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    before: Mapped[str] = mapped_column(sa.String(10))  # 主要, 后备 or empty
    after: Mapped[str] = mapped_column(sa.String(10))
    grants_role: Mapped[bool] = mapped_column(default=False)  # the person became 实施人, … by this

    by: Mapped[Person] = relationship(foreign_keys=[by_id])
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    place: Mapped[Place] = relationship()


class LoginSession(Base):
    """A signed-in browser. The cookie holds the token, the row only its hash."""

    __tablename__ = "login_session"

    token_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)


class LoginAttempt(Base):
    """A login round: single-use state, bound to one browser (X-S3). See app.people.rounds."""

    __tablename__ = "login_attempt"
    __table_args__ = (
        sa.CheckConstraint("person_id IS NULL OR ended_at IS NOT NULL", name="person_when_ended"),
    )

    state_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    browser_hash: Mapped[str] = mapped_column(sa.String(64))
    next_path: Mapped[str] = mapped_column(sa.String(2000))
    message_uid: Mapped[str | None] = mapped_column(sa.String(40))  # the message whose link began it
    again: Mapped[bool] = mapped_column(default=False, server_default=sa.false())  # after one that ran out
    created_at: Mapped[datetime] = mapped_column(index=True)
    taken_at: Mapped[datetime | None]  # WeCom is being asked about its code
    ended_at: Mapped[datetime | None]
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"))
