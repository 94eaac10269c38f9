"""Rows of what goes out of the house: one for every file that somebody exported."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Id


class Export(Base):
    """An exported file: who, what, how many lines, and how far it is; the file itself is not kept (X-S23)."""

    __tablename__ = "export"

    id: Mapped[Id]
    key: Mapped[str | None] = mapped_column(sa.String(64), unique=True)  # the page asks for progress by it
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    title: Mapped[str] = mapped_column(sa.String(100))
    total: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    at: Mapped[datetime]
