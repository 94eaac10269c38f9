"""Whose message was opened: its own number comes along with every link of it."""

import logging
import re
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app import clock
from app.db import session, transaction
from app.locks import repeatable
from app.notices.about import MESSAGE
from app.notices.ledger.lines import JOINED, OPENED_AT, Scopes
from app.notices.models import Delivery
from app.people.models import Who

log = logging.getLogger(__name__)

NUMBER = re.compile(r"[0-9a-f]{1,40}", re.ASCII)


class Opened(NamedTuple):
    """A message that its recipient opened, and when they first did."""

    wording: str
    at: datetime


def read_uid(text: str) -> str:
    """The number in a link; empty where it cannot be one of ours."""
    return text if NUMBER.fullmatch(text) else ""


def opened(uid: str, *, by: Who) -> None:
    """`by` came through a link of the message `uid`; only the first time is kept.

    An unknown number and the number of somebody else's message change nothing
    and look the same. Nobody loses a page over what cannot be noted now.
    """
    if not uid:
        return
    try:
        _note(uid, by)
    except DBAPIError as error:
        session().rollback()
        log.warning("opened message not noted: %s", type(error).__name__)


@repeatable
def _note(uid: str, by: Who) -> None:
    unopened = (Delivery.uid == uid, Delivery.recipient_id == by.id, Delivery.opened_at.is_(None))
    # Asked first: links are followed again and again, and only the first time may take the write lock.
    if session().execute(sa.select(sa.exists().where(*unopened))).scalar():
        update = sa.update(Delivery).where(*unopened).values(opened_at=clock.now())
        with transaction() as current:
            current.execute(update.execution_options(synchronize_session=False))


def latest(scopes: Scopes) -> dict[int, Opened]:
    """Person → the message of these that they opened last; a merged one is opened by way of its digest."""
    parts = [
        sa.select(MESSAGE.recipient_id, MESSAGE.wording, OPENED_AT.label("at"))
        .select_from(JOINED)
        .where(scope, OPENED_AT.is_not(None))
        for scope in scopes
    ]
    every = sa.union_all(*parts).subquery()
    found = session().execute(sa.select(every).order_by(every.c.at))
    return {row.recipient_id: Opened(row.wording, row.at) for row in found}
