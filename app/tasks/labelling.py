"""The label of rows in SQL, for acts that change many at once; `labels.label_of` says the same of one."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.tasks.labels import Label
from app.tasks.models import PointTask


def with_label(**facts: Any) -> dict[str, Any]:
    """What an UPDATE of rows sets: these facts, the label that follows from them, and the next version."""
    return {**facts, "label": label_once(**facts), "version": PointTask.version + 1}


def label_once(**after: Any) -> sa.ColumnElement[str]:
    """已撤销 > 已办结 > 暂不升级 > 升级回退 > 打回 > 已超期 > 正常, once the facts named in `after` are so.

    An UPDATE reads a row as it was before: what the same statement changes is named here, as a value, None
    or an expression. Facts that are not named are those of the row.
    """

    def there(fact: str) -> sa.ColumnElement[bool]:
        value = after.get(fact, getattr(PointTask, fact))
        if value is None:
            return sa.false()
        if isinstance(value, datetime):
            return sa.true()
        looked_at: sa.ColumnElement[bool] = value.is_not(None)
        return looked_at

    items_total = after.get("items_total", PointTask.items_total)
    return sa.case(
        (there("revoked_at"), Label.REVOKED),
        (there("closed_at"), Label.CLOSED),
        (sa.and_(there("rolled_back_at"), items_total == 0), Label.NOT_UPGRADED),
        (there("rolled_back_at"), Label.ROLLED_BACK),
        (there("sent_back_at"), Label.SENT_BACK),
        (there("overdue_at"), Label.OVERDUE),
        else_=Label.NORMAL,
    )
