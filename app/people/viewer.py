"""A person's standing, and which rows it opens; what a row has to do with people, a kind of work says by its columns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from app.people.models import Role, Who
from app.people.queries import heads_the_company


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person's standing, worked out once for a whole page of rows."""

    id: int
    left: bool
    heads_company: bool
    manages_department: int | None
    manages_region: int | None
    watches_region: int | None

    @classmethod
    def of(cls, person: Who) -> "Viewer":
        """The standing of `person` at this moment."""
        return cls(
            id=person.id,
            left=person.left_at is not None,
            heads_company=heads_the_company(person),
            manages_department=person.department_id if person.holds(Role.DEPARTMENT_MANAGER) else None,
            manages_region=person.region_id if person.holds(Role.REGION_MANAGER) else None,
            watches_region=person.region_id if _sees_region(person) else None,
        )

    @property
    def reasons(self) -> "Reasons":
        """Which scopes this standing opens; statements are built once for each combination."""
        return Reasons(
            left=self.left,
            everything=self.heads_company,
            department=self.manages_department is not None,
            region=self.watches_region is not None,
        )

    @property
    def bindings(self) -> dict[str, int | None]:
        """The values that the statements of `reasons` ask for."""
        return {"me": self.id, "my_department": self.manages_department, "my_region": self.watches_region}

    def manages(self, department_id: int | None) -> bool:
        """True for the 部门经理 of that department, and for the one of the head office (Q24)."""
        own = self.manages_department
        return self.heads_company or (own is not None and department_id == own)


@dataclass(frozen=True, slots=True)
class Reasons:
    """The kinds of standing that decide which rows a person may see."""

    left: bool
    everything: bool
    department: bool
    region: bool


ME, MY_DEPARTMENT, MY_REGION = (
    sa.bindparam(name, type_=sa.Integer) for name in ("me", "my_department", "my_region")
)
"""What stands for the person in a statement that is built once; `Viewer.bindings` are the values."""


@dataclass(frozen=True)
class Columns:
    """What the rows of a kind of work have to do with people.

    `mine`: by what a row is a person's own, each an indexed condition on their
    id. `department` and `region` are the columns that managers see rows by,
    None where a kind has none.
    """

    mine: Callable[[Any], Sequence[ColumnElement[bool]]]
    department: Any = None
    region: Any = None


def scopes_over(
    columns: Columns, reasons: Reasons, me: Any = ME, department: Any = MY_DEPARTMENT, region: Any = MY_REGION
) -> list[ColumnElement[bool]]:
    """The rows to be seen for these reasons, as one indexed condition each; values or `Viewer.bindings`.

    A list asks for the newest rows of each scope and merges them; one OR over
    all of them would read every row at a million.
    """
    if reasons.left:
        return [sa.false()]
    if reasons.everything:
        return [sa.true()]
    found = list(columns.mine(me))
    if reasons.department and columns.department is not None:
        found.append(columns.department == department)
    if reasons.region and columns.region is not None:
        found.append(columns.region == region)
    return found


def visible_to(person: Who, columns: Columns) -> ColumnElement[bool]:
    """The rows `person` may see, as one condition; for a single row or a short list."""
    viewer = Viewer.of(person)
    return sa.or_(*scopes_over(columns, viewer.reasons, *viewer.bindings.values()))


def _sees_region(person: Who) -> bool:
    return person.region_id is not None and person.holds(Role.REGION_MANAGER, Role.SUPERVISOR)
