"""Which messages: what they are about and who has them, as conditions on the ledger; see `aftercare` and `night`."""

from collections.abc import Collection
from typing import Any, cast

import sqlalchemy as sa

from app.db import among
from app.notices.models import Delivery

MESSAGE: Any = cast(sa.Table, Delivery.__table__).c
Which = sa.ColumnElement[bool]
Ids = int | Collection[int] | sa.Select[Any]
"""One row, some, or those that a select finds."""


def about(table: str, ids: Ids) -> Which:
    """Messages about one row of a kind alone: about one of these."""
    kept = (MESSAGE.about_kind == table, MESSAGE.about_id.is_not(None))
    return sa.and_(*kept, _one_of(MESSAGE.about_id, ids))


def of_acts_on(table: str, ids: Ids) -> Which:
    """Messages of acts on one of these subjects as a whole."""
    return sa.and_(MESSAGE.subject_kind == table, _one_of(MESSAGE.subject_id, ids))


def lists_of(table: str, ids: Ids) -> Which:
    """Of those, the ones that are about no row alone: they list several."""
    return sa.and_(of_acts_on(table, ids), MESSAGE.about_id.is_(None))


def held_by(people: Ids) -> Which:
    """Messages that these people have."""
    return _one_of(MESSAGE.recipient_id, people)


def _one_of(column: Any, ids: Ids) -> Which:
    found: Which
    if isinstance(ids, int):
        found = column == ids
    elif isinstance(ids, sa.Select):
        found = column.in_(ids)
    else:
        found = among(column, ids)
    return found
