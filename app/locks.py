"""Two at one instant: one order of locks, rows read after they are locked, acts that run again where they were cut off.

On PostgreSQL everybody takes what they need of this, from the top to the bottom, several of one kind in the
order of their ids; then nobody waits in a circle. SQLite lets one write at a time, from `transaction()` on.

1. the key of the form (`form_keys.claim`)
2. whole tables whose editors queue: support_area; region with department and region_province
3. the roles of people (person_role), then a person
4. tasks
5. rows of a task (point_task) with their items: whoever changes a row holds its task as well, so that the acts on
   one task come one after the other, and what an act reads of the task and of its other rows holds until the commit
6. packages (patch), then counts (task_count)
7. messages (delivery), then what becomes of them (amendment), then the day's quota (sending_day)

Rows are locked FOR NO KEY UPDATE: FOR UPDATE would keep out everybody who writes a row that names the locked one,
such as the count of a task or an event by a person.
"""

import logging
import random
from collections.abc import Callable, Sequence
from functools import wraps
from time import sleep
from typing import Any, ParamSpec, Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app.db import Session, among

log = logging.getLogger(__name__)


class Numbered(Protocol):
    """A kind of rows with an `id`."""

    id: Any


Row = TypeVar("Row", bound=Numbered)
Given = ParamSpec("Given")
Result = TypeVar("Result")

TRIES = 5
LONGEST_REST_SECONDS = 0.05  # before the second try; twice as long before each further one
CUT_OFF = {
    "40P01": "deadlock",
    "40001": "could not be serialised",
    "23505": "somebody wrote the same unique key",  # the next try finds it there and says so
}


def one_at_a_time(current: Session, number: int) -> None:
    """Until the commit nobody else passes here; `number` is any that no other place uses.

    For what depends on rows that are not there yet, or that others are just changing.
    """
    if _many_write(current):
        current.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))


def hold(
    current: Session, kind: type[Row], *conditions: sa.ColumnExpressionArgument[bool], shared: bool = False
) -> None:
    """Lock rows inside transaction(), for what is read or written by statements that follow.

    What was read before is not to be believed any more. `shared` keeps the
    rows as they are without keeping out others who want just that.
    """
    if _many_write(current):
        current.execute(_locking(kind, *conditions, shared=shared)).all()


def held(current: Session, kind: type[Row], *conditions: sa.ColumnExpressionArgument[bool]) -> Sequence[Row]:
    """Lock rows inside transaction() and read them anew, in the order of their ids.

    Two statements: one waits, the next one reads what the one waited for has
    left, also what hangs on the rows. Objects that were loaded before take
    on the present values.
    """
    if _many_write(current):
        conditions = (among(kind.id, current.execute(_locking(kind, *conditions)).scalars().all()),)
    query = sa.select(kind).where(*conditions).order_by(kind.id)
    return current.execute(query.execution_options(populate_existing=True)).unique().scalars().all()


def held_one(current: Session, kind: type[Row], row_id: int) -> Row | None:
    """The row with this id, locked and read anew; None where there is none."""
    found = held(current, kind, kind.id == row_id)
    return found[0] if found else None


def repeatable(act: Callable[Given, Result]) -> Callable[Given, Result]:
    """Mark what opens a transaction: it runs again, whole, where the database cut it off for somebody else's sake.

    Nothing of a try that was cut off is left in the database; what a try does
    outside of it must bear being done twice. Arguments are used again, so none
    may be an iterator. After TRIES it fails like anything else that the
    database does not answer. A locked SQLite is no reason: `transaction()` has
    waited for it already. Nor is a lost line: the commit may have happened.
    """

    @wraps(act)
    def tried(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        for number in range(1, TRIES):
            try:
                return act(*args, **kwargs)
            except DBAPIError as error:
                reason = CUT_OFF.get(getattr(error.orig, "sqlstate", None) or "")
                if reason is None:
                    raise
                log.info("%s.%s, try %s: %s", act.__module__, act.__name__, number, reason)
            # By chance, or two that met would meet again.
            sleep(random.uniform(0, LONGEST_REST_SECONDS * 2 ** (number - 1)))  # noqa: S311 (no secret)
        return act(*args, **kwargs)

    return tried


def _many_write(current: Session) -> bool:
    return current.get_bind().dialect.name != "sqlite"


def _locking(
    kind: type[Row], *conditions: sa.ColumnExpressionArgument[bool], shared: bool = False
) -> sa.Select[tuple[int]]:
    ids = sa.select(kind.id).where(*conditions).order_by(kind.id)
    return ids.with_for_update(read=True) if shared else ids.with_for_update(key_share=True)
