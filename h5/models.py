"""The door's own rows: how often somebody knocked."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class RateWindow(Base):
    """Requests of one kind by one person or address within a fixed window of time (X-S14)."""

    __tablename__ = "rate_window"

    key_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    hits: Mapped[int]
    until: Mapped[datetime] = mapped_column(index=True)
