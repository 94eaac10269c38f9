"""The inbox: every event WeCom sent us, once."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Id, partial_index


class InboxEvent(Base):
    """A verified callback. Answered at once, worked off later by the inbox job."""

    __tablename__ = "inbox_event"
    __table_args__ = (partial_index("ix_inbox_event_waiting", "next_at", "id", where="next_at IS NOT NULL"),)

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(sa.String(80), unique=True)
    userid: Mapped[str] = mapped_column(sa.String(64), default="")
    event: Mapped[str] = mapped_column(sa.String(60))
    content: Mapped[dict[str, Any]]
    received_at: Mapped[datetime] = mapped_column(index=True)
    next_at: Mapped[datetime | None]  # when the inbox job must look at it; empty once settled
    done_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(sa.String(60), default="")
    attempts: Mapped[int] = mapped_column(default=0)
    lease_token: Mapped[str | None] = mapped_column(sa.String(40))  # the worker that has it
