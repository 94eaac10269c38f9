"""The adapter's own rows: tokens shared by every process."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class WeComToken(Base):
    """A token or ticket with its expiry, and who is fetching the next one (R-P11)."""

    __tablename__ = "wecom_token"

    name: Mapped[str] = mapped_column(sa.String(100), primary_key=True)
    value: Mapped[str | None] = mapped_column(sa.String(600))
    expires_at: Mapped[datetime | None]
    refreshing_until: Mapped[datetime | None]
