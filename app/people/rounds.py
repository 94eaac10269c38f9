"""Login rounds: one way of a browser to WeCom and back, from its first request to whom it brought.

A round is known by its `state` and belongs to the browser that holds its
secret; of both only hashes are stored. WebViews ask for the way back twice and
restore several windows at once, so every round stands by itself and its end
can be asked for again for a moment.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from hashlib import sha256
from time import monotonic, sleep

import sqlalchemy as sa

from app import clock
from app.db import Session, changed_rows, session, transaction
from app.locks import repeatable
from app.people.models import LoginAttempt

ATTEMPT = timedelta(minutes=5)  # how long a round may take (X-S3)
TWICE = timedelta(minutes=1)  # how long the same way back may be asked for again
KEPT = timedelta(days=1)  # how long it is known where a round was to lead, so that it can begin anew
GIVEN_UP = timedelta(seconds=20)  # WeCom answers within 11 seconds or not at all
PATIENCE_SECONDS = 15.0
ASK_AGAIN_SECONDS = 0.05


class Arrival(Enum):
    """How a way back to us was found."""

    OURS = "ours"  # nobody else asks WeCom about it: finish, fail or give_back
    DONE = "done"  # it brought somebody a moment ago
    RUN_OUT = "run out"  # too old, used, or of another browser
    UNDER_WAY = "under way"  # the same request came before and waits for WeCom


@dataclass(frozen=True)
class Round:
    """Where a round leads. `again`: it began by itself after one that had run out."""

    next_path: str
    message_uid: str  # of the message whose link began it; empty where it began elsewhere
    again: bool
    person_id: int | None  # whom it brought


@repeatable
def begin(secret: str, *, next_path: str, message_uid: str = "", again: bool = False) -> str:
    """A fresh `state` for one round of the browser that holds `secret` (X-S3)."""
    state = secrets.token_hex(24)
    with transaction() as current:
        _sweep(current)
        attempt = LoginAttempt(
            state_hash=_hash(state),
            browser_hash=_hash(secret),
            next_path=next_path,
            message_uid=message_uid or None,
            again=again,
            created_at=clock.now(),
        )
        current.add(attempt)
    return state


def find(state: str) -> Round | None:
    """The round of this state, run out or not; None for a state that we never gave or have forgotten."""
    row = _row(state)
    if row is None:
        return None
    return Round(row.next_path, row.message_uid or "", row.again, row.person_id)


def arrive(state: str, *, secret: str) -> Arrival:
    """Take the way back for ourselves. Where the same request came before, wait for what becomes of it."""
    until = monotonic() + PATIENCE_SECONDS
    while (found := _arrive(state, secret)) is Arrival.UNDER_WAY and monotonic() < until:
        sleep(ASK_AGAIN_SECONDS)
    return found


def finish(state: str, *, person_id: int) -> None:
    """It brought this person."""
    _write(state, ended_at=clock.now(), person_id=person_id)


def fail(state: str) -> None:
    """It brought nobody, and its code is of no more use."""
    _write(state, ended_at=clock.now())


def give_back(state: str) -> None:
    """WeCom did not answer: whoever comes next may ask about the same code."""
    _write(state, taken_at=None)


def _arrive(state: str, secret: str) -> Arrival:
    row, now = _row(state), clock.now()
    if row is None or not secrets.compare_digest(row.browser_hash, _hash(secret)):
        return Arrival.RUN_OUT
    if row.ended_at is not None:
        brought = row.person_id is not None and now - row.ended_at <= TWICE
        return Arrival.DONE if brought else Arrival.RUN_OUT
    if now - row.created_at > ATTEMPT:
        return Arrival.RUN_OUT
    if row.taken_at is not None and now - row.taken_at <= GIVEN_UP:
        return Arrival.UNDER_WAY
    return Arrival.OURS if _take(row.state_hash, row.taken_at) else Arrival.UNDER_WAY


@repeatable
def _take(state_hash: str, seen: datetime | None) -> bool:
    """One of several that come at the same moment gets it: it is still as it was seen."""
    still = LoginAttempt.taken_at.is_(None) if seen is None else LoginAttempt.taken_at == seen
    mine = (LoginAttempt.state_hash == state_hash, LoginAttempt.ended_at.is_(None), still)
    with transaction() as current:
        return changed_rows(current.execute(_update().where(*mine).values(taken_at=clock.now()))) == 1


def _row(state: str) -> LoginAttempt | None:
    current = session()
    current.rollback()  # not as this request saw it before: somebody else finishes it
    query = sa.select(LoginAttempt).where(LoginAttempt.state_hash == _hash(state))
    return current.execute(query.execution_options(populate_existing=True)).scalar_one_or_none()


@repeatable
def _write(state: str, **facts: object) -> None:
    with transaction() as current:
        current.execute(_update().where(LoginAttempt.state_hash == _hash(state)).values(**facts))


def _update() -> sa.Update:
    return sa.update(LoginAttempt).execution_options(synchronize_session=False)


def _sweep(current: Session) -> None:
    """Forget what nobody comes back to, so that the table does not grow; the column is indexed."""
    current.execute(sa.delete(LoginAttempt).where(LoginAttempt.created_at < clock.now() - KEPT))


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
