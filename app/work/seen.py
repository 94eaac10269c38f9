"""Who has seen what, by what people did: pressed a card, opened a page. WeCom itself does not tell."""

import logging
from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app import clock
from app.db import Session, among, inserting, session, transaction
from app.locks import repeatable
from app.people.models import Who
from app.work.models import Seen

log = logging.getLogger(__name__)


def of(kind: str, subject_id: int) -> dict[int, Seen]:
    """Who has seen a subject, by person."""
    query = sa.select(Seen).where(Seen.subject_kind == kind, Seen.subject_id == subject_id)
    return {one.person_id: one for one in session().execute(query).scalars()}


def opened(kind: str, ids: Collection[int], *, by: Who) -> None:
    """`by` has the page of these subjects open; only the first time is kept.

    A page is opened again and again, so it first asks whether there is
    anything new: a key lookup, and no lock. What cannot be noted now is noted
    next time: nobody loses a page over it.
    """
    try:
        _note_opened(kind, ids, by)
    except DBAPIError as error:
        session().rollback()
        log.warning("opened %s not noted: %s", kind, type(error).__name__)


@repeatable
def _note_opened(kind: str, ids: Collection[int], by: Who) -> None:
    query = sa.select(Seen.subject_id).where(
        Seen.subject_kind == kind,
        Seen.person_id == by.id,
        among(Seen.subject_id, ids),
        Seen.opened_at.is_not(None),
    )
    if new := set(ids) - set(session().execute(query).scalars()):
        with transaction() as current:
            _keep(current, kind, new, by.id, "opened_at")


def pressed(current: Session, kind: str, ids: Collection[int], *, by: Who) -> None:
    """`by` pressed a button of a card about these subjects; part of that act's transaction."""
    _keep(current, kind, ids, by.id, "pressed_at")


def _keep(current: Session, kind: str, ids: Collection[int], person_id: int, column: str) -> None:
    """Add the moment where there is none yet; two at once keep the first."""
    insert = inserting(current, Seen)
    statement = insert.on_conflict_do_update(
        index_elements=["subject_kind", "subject_id", "person_id"],
        set_={column: sa.func.coalesce(getattr(Seen, column), getattr(insert.excluded, column))},
    )
    shared = {"subject_kind": kind, "person_id": person_id, column: clock.now()}
    # In the order of ids, so that two pages of one person cannot wait for each other in a circle.
    current.execute(statement, [shared | {"subject_id": subject_id} for subject_id in sorted(ids)])
