"""Who is in the corporation, as far as the app may see (WECOM.md §2.8)."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

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
    return [
        DepartmentId(int(row["id"]), int(row.get("parentid", 0)), int(row.get("order", 0)))
        for row in answer.get("department_id", [])
    ]


def members_of(calls: Calls, department_id: int) -> list[Member]:
    """The members of one department, without those below it: a large tree in one call is refused (45029)."""
    answer = calls.get("user/simplelist", {"department_id": department_id})
    return [_member(row) for row in answer.get("userlist", [])]


def member(calls: Calls, userid: str) -> Member:
    """One member with the account's status; WillNeverWork (60111) for someone who is not there."""
    return _member(calls.get("user/get", {"userid": userid}))


def userids(contacts: Calls, *, page: int = 10_000) -> Iterator[tuple[str, int]]:
    """(userid, department id) of the whole corporation; needs a client with the 通讯录同步 secret."""
    cursor = ""
    while True:
        answer = contacts.post("user/list_id", {"cursor": cursor, "limit": page})
        for row in answer.get("dept_user", []):
            yield str(row["userid"]), int(row["department"])
        cursor = answer.get("next_cursor") or ""
        if not cursor:
            return


def _member(row: dict[str, object]) -> Member:
    ids = row.get("department")
    status = row.get("status")
    return Member(
        userid=str(row["userid"]),
        name=str(row.get("name", "")),
        departments=tuple(int(item) for item in ids) if isinstance(ids, list) else (),
        status=status if isinstance(status, int) else None,
    )
