"""The one table of 跑腿, and by what people see its rows."""

from datetime import datetime

from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app.db import Utc
from app.people.viewer import Columns

KIND = "errand"


class Apart(DeclarativeBase):
    """A base of its own: the migrations of the product know nothing of it."""


class Errand(Apart):
    """One 跑腿."""

    __tablename__ = KIND

    id: Mapped[int] = mapped_column(primary_key=True)
    what: Mapped[str]
    asker_id: Mapped[int]
    runner_id: Mapped[int]
    department_id: Mapped[int | None]
    due_at: Mapped[datetime] = mapped_column(Utc)
    next_look_at: Mapped[datetime | None] = mapped_column(Utc)
    late_at: Mapped[datetime | None] = mapped_column(Utc)
    delivered_at: Mapped[datetime | None] = mapped_column(Utc)
    called_off_at: Mapped[datetime | None] = mapped_column(Utc)


OPEN = (Errand.delivered_at.is_(None), Errand.called_off_at.is_(None))
COLUMNS = Columns(
    mine=lambda me: (Errand.runner_id == me, Errand.asker_id == me), department=Errand.department_id
)
