"""Rows that wait for a worker: one takes them for a while, hands them on, and writes down what came of them.

Messages, changes of cards and events of WeCom wait this way. Their tables have three columns in common:

    next_at       when a worker must look at the row: its time while it waits, the end of the lease while a worker
                  has it, empty once it is settled
    lease_token   which worker has it. Every statement that changes a leased row names it, so that a worker that
                  lost its lease cannot overwrite what its successor wrote
    attempts      how often it was tried

Nothing is lost with a worker that vanishes: its rows are due again when the lease ends. What is due, and what an
outcome means, each queue knows itself.
"""

import secrets
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from app.db import Session, among, changed_rows

Values = Mapping[str, Any]
Query = sa.Select[Any]


class Result(NamedTuple):
    """What came of one row, as the worker `token` writes it down."""

    id: int
    token: str
    values: Values


def new_token() -> str:
    """The name of one run of a worker, as its rows bear it."""
    return secrets.token_hex(16)


@dataclass(frozen=True)
class Queue:
    """A table of such rows; `waiting` and `taken` is what else a row says of itself while it waits or is leased.

    All that changes rows is part of the caller's transaction.
    """

    table: sa.Table
    waiting: Values = field(default_factory=dict)
    taken: Values = field(default_factory=dict)

    # -- which rows

    def due(self, now: datetime) -> sa.ColumnElement[bool]:
        """Rows that a worker must look at."""
        next_at = self.table.c.next_at
        # IS NOT NULL stands there for SQLite, which would not use the partial index without it.
        return sa.and_(next_at.is_not(None), next_at <= now)

    def not_of(self, token: str) -> sa.ColumnElement[bool]:
        """Rows that this worker does not have: it goes on with its own, however long it was stopped in between."""
        lease_token = self.table.c.lease_token
        return sa.or_(lease_token.is_(None), lease_token != token)

    def locked(self, query: Query) -> Query:
        """The query, its rows of this table locked; those that another transaction holds are left out."""
        return query.with_for_update(skip_locked=True, key_share=True, of=self.table)

    def hold(self, current: Session, ids: Collection[int]) -> None:
        """Lock these rows in the order of their ids, as everybody does, before they are changed in any other order."""
        if ids and current.get_bind().dialect.name != "sqlite":
            in_order = sa.select(self.table.c.id).where(among(self.table.c.id, ids)).order_by(self.table.c.id)
            current.execute(in_order.with_for_update(key_share=True)).all()

    # -- what a row becomes

    def again(self, at: datetime, **also: Any) -> dict[str, Any]:
        """The values of a row that is looked at again."""
        return {**self.waiting, "next_at": at, "lease_token": None, **also}

    def settled(self, **also: Any) -> dict[str, Any]:
        """The values of a row that is done with."""
        return {"next_at": None, "lease_token": None, **also}

    # -- rows that this transaction has locked

    def change(self, current: Session, ids: Sequence[int], values: Values) -> None:
        """Give these rows the same values."""
        if ids:
            current.execute(self._update(self.table.c.id.in_(ids), values))

    def put_off(self, current: Session, slots: Sequence[tuple[int, datetime]], **also: Any) -> None:
        """Let each of these wait until its own moment."""
        if slots:
            values = {**self.waiting, "next_at": sa.bindparam("slot"), "lease_token": None, **also}
            update = self._update(self.table.c.id == sa.bindparam("row_id"), values)
            current.execute(update, [{"row_id": row_id, "slot": slot} for row_id, slot in slots])

    def take(self, current: Session, ids: Sequence[int], *, token: str, until: datetime, **also: Any) -> None:
        """Lease these rows to the worker `token`."""
        self.change(current, ids, {**self.taken, "next_at": until, "lease_token": token, **also})

    # -- rows that were leased in an earlier transaction

    def hand_over(
        self, current: Session, ids: Sequence[int], *, token: str, until: datetime, **also: Any
    ) -> set[int]:
        """Those of these that the worker still has: their lease begins anew, and one more try is counted."""
        if not ids:
            return set()
        values = {"next_at": until, "attempts": self.table.c.attempts + 1, **also}
        still_mine = sa.and_(self.table.c.id.in_(ids), self.table.c.lease_token == token)
        update = self._update(still_mine, values).returning(self.table.c.id)
        return set(current.execute(update).scalars())

    def record(self, current: Session, results: Sequence[Result]) -> int:
        """Write down what came of these, as far as their worker still has them; returns how many those were."""
        alike: dict[frozenset[str], list[Result]] = defaultdict(list)
        # In the order of ids, or two workers would wait for each other in a circle.
        for result in sorted(results, key=lambda result: result.id):
            alike[frozenset(result.values)].append(result)
        return sum(self._record(current, group) for group in alike.values())

    def _record(self, current: Session, results: Sequence[Result]) -> int:
        """One statement for rows that are given the same columns."""
        still_mine = sa.and_(
            self.table.c.id == sa.bindparam("row_id"),
            self.table.c.lease_token == sa.bindparam("taken_as"),
        )
        named: dict[str, Any] = {name: sa.bindparam(name) for name in results[0].values}
        given = [{**result.values, "row_id": result.id, "taken_as": result.token} for result in results]
        return changed_rows(current.execute(self._update(still_mine, named), given))

    def _update(self, which: sa.ColumnElement[bool], values: Values) -> sa.Update:
        return sa.update(self.table).where(which).values(dict(values))
