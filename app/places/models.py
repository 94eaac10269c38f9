"""The tree of 行政区划: provinces, prefectures, counties."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class Place(Base):
    """One 行政区划. A 点位 is a leaf of this tree (Q50).

    Rows are never deleted: a code that was abolished keeps its row with
    `valid_to`, because tasks of that time point to it.
    """

    __tablename__ = "place"
    __table_args__ = (sa.Index("ix_place_parent_code", "parent_code", "code"),)

    code: Mapped[str] = mapped_column(sa.String(12), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    level: Mapped[int]  # 1 province, 2 prefecture, 3 county
    parent_code: Mapped[str | None] = mapped_column(sa.ForeignKey("place.code"))
    province_code: Mapped[str] = mapped_column(sa.String(12))
    city_code: Mapped[str | None] = mapped_column(sa.String(12))
    path: Mapped[str] = mapped_column(sa.String(200))  # 河北省 / 石家庄市 / 长安区
    pinyin: Mapped[str] = mapped_column(index=True)
    initials: Mapped[str] = mapped_column(sa.String(30))
    is_leaf: Mapped[bool]
    lng: Mapped[float | None]
    lat: Mapped[float | None]
    datum: Mapped[str | None] = mapped_column(sa.String(12))
    coordinate_source: Mapped[str | None] = mapped_column(sa.String(30))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]

    @property
    def parents(self) -> str:
        """The path without the place itself: 河北省 / 石家庄市."""
        return self.path.removesuffix(self.name).removesuffix(" / ")
