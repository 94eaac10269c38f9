"""Rows that every kind of work shares: history, attachments, form keys, leases, working days, API tokens, settings."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Id
from app.people.models import Person, Region


class HistoryEvent(Base):
    """Who did what to a subject, when, with which words; never changed afterwards (X-S23)."""

    __tablename__ = "history_event"
    __table_args__ = (
        sa.Index("ix_history_event_subject", "subject_kind", "subject_id", "id"),
        sa.Index("ix_history_event_at_id", "at", "id"),
        sa.Index("ix_history_event_act_at_id", "act", "at", "id"),
    )

    id: Mapped[Id]
    subject_kind: Mapped[str] = mapped_column(sa.String(30))
    subject_id: Mapped[int]
    act: Mapped[str] = mapped_column(sa.String(40))
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)  # None: the system
    at: Mapped[datetime]
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    once_key: Mapped[str | None] = mapped_column(sa.String(120), unique=True)  # what may happen once only

    by: Mapped[Person | None] = relationship()


class Attachment(Base):
    """A picture or document that an act brought to its subject; the files lie on disk under random names."""

    __tablename__ = "attachment"
    __table_args__ = (
        sa.Index("ix_attachment_subject", "subject_kind", "subject_id", "id"),
        sa.Index("ix_attachment_by_id_at", "by_id", "at"),
    )

    id: Mapped[Id]
    uid: Mapped[str] = mapped_column(sa.String(32), unique=True)  # what addresses name; tells nothing
    subject_kind: Mapped[str] = mapped_column(sa.String(30))
    subject_id: Mapped[int]
    event_id: Mapped[int | None] = mapped_column(sa.ForeignKey("history_event.id"), index=True)
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    at: Mapped[datetime]
    name: Mapped[str] = mapped_column(sa.String(100))
    kind: Mapped[str] = mapped_column(sa.String(10))  # image, pdf, office
    mime: Mapped[str] = mapped_column(sa.String(100))
    size: Mapped[int]  # bytes
    sha256: Mapped[str] = mapped_column(sa.String(64))
    width: Mapped[int | None]  # pixels
    height: Mapped[int | None]
    stored_name: Mapped[str] = mapped_column(sa.String(32), index=True)
    thumb_name: Mapped[str | None] = mapped_column(sa.String(32), index=True)
    removed_at: Mapped[datetime | None]

    by: Mapped[Person] = relationship()


class Seen(Base):
    """What is known of a person's having seen a row, since WeCom tells nothing of it: the first time of each."""

    __tablename__ = "seen"

    subject_kind: Mapped[str] = mapped_column(sa.String(30), primary_key=True)
    subject_id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    pressed_at: Mapped[datetime | None]  # 已点卡片
    opened_at: Mapped[datetime | None]  # 已打开


class FormKey(Base):
    """A submitted form; its key makes the second tap of a button harmless (X-D1)."""

    __tablename__ = "form_key"

    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"))
    act: Mapped[str] = mapped_column(sa.String(40))
    # What a repeat is answered with: the id of what the first submit made, or how many it was about.
    result: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(index=True)


class Lease(Base):
    """A name that one process holds at a time, with its last sign of life."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    owner: Mapped[str] = mapped_column(sa.String(80))
    until: Mapped[datetime]
    beat_at: Mapped[datetime]


class RateWindow(Base):
    """Requests of one kind by one person or address within a fixed window of time (X-S14)."""

    __tablename__ = "rate_window"

    key_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    hits: Mapped[int]
    until: Mapped[datetime] = mapped_column(index=True)


class CalendarDay(Base):
    """A day on which people work or rest against what is announced; `is_working` is None where that holds again."""

    __tablename__ = "calendar_day"

    id: Mapped[Id]
    day: Mapped[date] = mapped_column(unique=True)
    is_working: Mapped[bool | None]
    note: Mapped[str] = mapped_column(sa.String(100), default="")
    version: Mapped[int] = mapped_column(default=1)


class ApiToken(Base):
    """What another system shows to use the API; only its hash is kept (X-S17)."""

    __tablename__ = "api_token"
    __table_args__ = (
        sa.CheckConstraint("(revoked_at IS NULL) = (revoked_by_id IS NULL)", name="revoked_by_iff_revoked"),
    )

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(sa.String(60))
    begins: Mapped[str] = mapped_column(sa.String(12))  # the first characters, to tell tokens apart
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    scopes: Mapped[str] = mapped_column(sa.String(200))  # comma-separated
    region_id: Mapped[int | None] = mapped_column(sa.ForeignKey("region.id"))  # None: every 大区
    created_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))

    region: Mapped[Region | None] = relationship(lazy="joined")
    created_by: Mapped[Person] = relationship(foreign_keys=[created_by_id])


class PlatformSetting(Base):
    """Something an administrator set for everybody; none where the default is back."""

    __tablename__ = "platform_setting"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(sa.String(40), unique=True)
    value: Mapped[str | None] = mapped_column(sa.String(200))
