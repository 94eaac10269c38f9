"""What every row class is made of."""

from datetime import UTC, datetime
from typing import Annotated, Any

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator

Id = Annotated[int, mapped_column(primary_key=True)]


class Utc(TypeDecorator[datetime]):
    """An aware UTC moment; SQLite, which has no time zones, stores it naive."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Refuse naive times, so that no wall-clock time slips in."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def result_processor(self, dialect: sa.Dialect, coltype: Any) -> Any:  # noqa: ARG002
        """Always hand out aware UTC, in one step: a list reads 200 of them (B-L1). SQLite hands out text."""
        return _from_text if dialect.name == "sqlite" else _from_aware


def partial_index(name: str, *columns: str, where: str | sa.TextClause, unique: bool = False) -> sa.Index:
    """An index over the rows that meet `where` alone, on either database."""
    condition = sa.text(where) if isinstance(where, str) else where
    return sa.Index(name, *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def _from_aware(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC)


def _from_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value).replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """Parent of every row class."""

    type_annotation_map = {datetime: Utc, str: sa.Text, dict[str, Any]: sa.JSON}
    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
