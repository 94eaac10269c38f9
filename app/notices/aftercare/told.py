"""What became of messages that were withdrawn, told per person."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from app.db import among, session
from app.notices.models import PLAINLY_NOT, Amendment, Delivery, Outcome
from app.people.models import Person


class Withdrawn(StrEnum):
    """How far it went, the least satisfying first."""

    NOTICE_ONLY = "无法撤回，只另发了通知"
    UNDER_WAY = "正在处理"
    CHANGED = "卡片已改为失效"
    RECALLED = "消息已撤回"
    NOT_THERE = "原来就没有送达"
    NEVER_SENT = "尚未发送，已取消"


@dataclass(frozen=True, slots=True)
class Former:
    """A person who held a message about work that is gone."""

    person_id: int
    name: str
    withdrawn: Withdrawn


def withdrawals(which: sa.ColumnElement[bool]) -> list[Former]:
    """Everyone whose messages that are `which` (a condition on Delivery) were withdrawn.

    Of several messages of a person the least satisfying outcome is told.
    """
    query = (
        sa.select(Delivery.recipient_id, Person.name, Delivery.outcome, Amendment.outcome.label("amended"))
        .join(Person, Person.id == Delivery.recipient_id)
        .join(Amendment, sa.and_(Amendment.delivery_id == Delivery.id, Amendment.withdraws))
        .where(which)
    )
    found: dict[int, Former] = {}
    for row in session().execute(query):
        new = Former(row.recipient_id, row.name, _how_far(row.outcome, row.amended))
        found[new.person_id] = _worst([new, found.get(new.person_id, new)])
    return sorted(found.values(), key=lambda former: (_rank(former), former.name))


def _how_far(outcome: str, amended: str) -> Withdrawn:
    if amended in (Outcome.PENDING, Outcome.SENDING):
        return Withdrawn.UNDER_WAY
    if amended == Outcome.RECALLED:
        return Withdrawn.RECALLED
    if amended == Outcome.UPDATED:
        return Withdrawn.CHANGED
    if outcome == Outcome.SUPPRESSED:
        return Withdrawn.NEVER_SENT
    return Withdrawn.NOT_THERE if outcome in PLAINLY_NOT else Withdrawn.NOTICE_ONLY


def _rank(former: Former) -> int:
    return list(Withdrawn).index(former.withdrawn)


def _worst(formers: Iterable[Former]) -> Former:
    return min(formers, key=_rank)


def changes_of(message_ids: Collection[int]) -> Mapping[int, Sequence[Amendment]]:
    """What became of these messages after they were sent, recalled or their cards changed, the oldest first."""
    query = sa.select(Amendment).where(
        among(Amendment.delivery_id, message_ids), Amendment.settled_at.is_not(None)
    )
    found: dict[int, list[Amendment]] = defaultdict(list)
    for one in session().execute(query.order_by(Amendment.id)).scalars():
        found[one.delivery_id or 0].append(one)
    return found
