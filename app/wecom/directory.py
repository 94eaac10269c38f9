"""Who is in the corporation, as far as the app may see (D 90200, D 96067)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum

from app.wecom import answers
from app.wecom.client import Calls


class Status(IntEnum):
    """A member's account."""

    ACTIVE = 1
    DISABLED = 2
    INACTIVE = 4
    LEFT = 5


@dataclass(frozen=True, slots=True)
class Member:
    """Someone in the directory; ids of departments."""

    userid: str
    name: str
    departments: tuple[int, ...]
    status: int | None = None  # only known from `member`


@dataclass(frozen=True, slots=True)
class DepartmentId:
    """A department the app may see; names need another call."""

    id: int
    parent_id: int
    order: int


def departments(calls: Calls, *, under: int | None = None) -> list[DepartmentId]:
    """Every department below `under`, or all that the app may see."""
    answer = calls.get("department/simplelist", {} if under is None else {"id": under})
    found = []
    for row in answers.rows(answer.get("department_id")):
        number = answers.whole(row.get("id"))
        if number is not None:
            parent, order = answers.whole(row.get("parentid")), answers.whole(row.get("order"))
            found.append(DepartmentId(number, parent or 0, order or 0))
    return found


def members_of(calls: Calls, department_id: int) -> list[Member]:
    """The members of one department, without those below it: a large tree in one call is refused (45029)."""
    answer = calls.get("user/simplelist", {"department_id": department_id})
    return [_member(row) for row in answers.rows(answer.get("userlist"))]


def member(calls: Calls, userid: str) -> Member:
    """One member with the account's status; WillNeverWork (60111) for someone who is not there."""
    return _member(calls.get("user/get", {"userid": userid}))


def userids(contacts: Calls, *, page: int = 10_000) -> Iterator[tuple[str, int]]:
    """(userid, department id) of the whole corporation; needs a client with the 通讯录同步 secret."""
    cursor = ""
    while True:
        answer = contacts.post("user/list_id", {"cursor": cursor, "limit": page})
        for row in answers.rows(answer.get("dept_user")):
            department = answers.whole(row.get("department"))
            if department is not None:
                yield str(row.get("userid", "")), department
        cursor = str(answer.get("next_cursor") or "")
        if not cursor:
            return


def _member(row: Mapping[str, object]) -> Member:
    ids = row.get("department")
    departments = [answers.whole(one) for one in ids] if isinstance(ids, list) else []
    return Member(
        userid=str(row.get("userid", "")),
        name=str(row.get("name", "")),
        departments=tuple(number for number in departments if number is not None),
        status=answers.whole(row.get("status")),
    )
