"""People: added, corrected, disabled and enabled again, by an administrator."""

from app.db import transaction
from app.errors import BadInput
from app.people import queries
from app.people.models import PersonRole, Role
from app.work import history

APPOINT_ADMINISTRATOR = "appoint_administrator"


def appoint_administrator(userid: str) -> tuple[str, bool]:
    """Give the role 管理员 to a member, from the command line: how the first one comes to be.

    Returns the name, and whether the role is new. BadInput for someone unknown or gone.
    """
    with transaction() as current:
        person = queries.by_userid(userid)
        if person is None:
            raise BadInput(f"没有账号为 {userid} 的人员，请先用 flask people import 导入。")
        if person.left_at:
            raise BadInput(f"{person.name}已停用，请先在人员页恢复，或换一个人。")
        if Role.ADMINISTRATOR in person.roles:
            return person.name, False
        before = "、".join(person.role_names)
        current.add(PersonRole(person_id=person.id, role=Role.ADMINISTRATOR))
        current.flush()
        current.refresh(person, ["role_rows"])
        changes = {"角色": [before, "、".join(person.role_names)]}
        history.record(current, person, APPOINT_ADMINISTRATOR, by=None, changes=changes)
        return person.name, True
