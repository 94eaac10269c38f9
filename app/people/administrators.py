"""管理员: who may change what everybody relies on, and the rule that there is always one."""

import sqlalchemy as sa

from app.db import Session
from app.errors import BadInput, NotAllowed
from app.people.models import Person, PersonRole, Role

LAST_ONE = "至少要有一位在职的管理员，请先把管理员角色交给其他人。"


def require(by: Person) -> None:
    """NotAllowed for everyone who is not 管理员."""
    if not by.holds(Role.ADMINISTRATOR):
        raise NotAllowed("只有管理员可以这样做，需要时请联系管理员。")


def present(current: Session) -> set[int]:
    """The ids of those who hold the role and have not left.

    Locked inside transaction(): two of them who take the role from each other
    at the same moment come one after the other, and the second is refused.
    """
    query = (
        sa.select(PersonRole.person_id)
        .join(Person, Person.id == PersonRole.person_id)
        .where(PersonRole.role == Role.ADMINISTRATOR, Person.left_at.is_(None))
        .order_by(PersonRole.person_id)
        .with_for_update(of=PersonRole, key_share=True)
    )
    return set(current.execute(query).scalars())


def require_one_left(before: set[int], current: Session) -> None:
    """BadInput where an act took the role from the last of `before`; nobody before is how it all begins."""
    current.flush()
    if before and not present(current):
        raise BadInput(LAST_ONE)
