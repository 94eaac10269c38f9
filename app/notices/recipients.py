"""People as the messenger needs them: by id, or by what they look after."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from app.db import Session, among
from app.notices.telling import Recipient
from app.people.models import Person, PersonRole, Role


def of(current: Session, ids: Collection[int]) -> dict[int, Recipient]:
    """Everyone of these, by id; also those who have left and whom nothing reaches."""
    person: Any = Person.__table__.c
    query = sa.select(person.id, person.userid, person.name, person.left_at.is_not(None))
    return {row[0]: Recipient._make(row) for row in current.execute(query.where(among(person.id, ids))).all()}


def region_managers(current: Session, regions: Collection[int | None]) -> dict[int, list[Recipient]]:
    """大区 → its 大区经理 who are still there; what lies in no 大区 has none."""
    query = (
        sa.select(Person.region_id, Person.id, Person.userid, Person.name)
        .join(PersonRole, PersonRole.person_id == Person.id)
        .where(
            PersonRole.role == Role.REGION_MANAGER,
            Person.region_id.in_([region for region in regions if region is not None]),
            Person.left_at.is_(None),
        )
        .order_by(Person.id)
    )
    found: dict[int, list[Recipient]] = {}
    for region_id, person_id, userid, name in current.execute(query):
        found.setdefault(region_id or 0, []).append(Recipient(person_id, userid, name))
    return found
