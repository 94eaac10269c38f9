"""Who is signed in: login attempts under way and the sessions they lead to.

Only hashes are stored: whoever reads the database cannot sign in with it.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from app import clock
from app.db import Session, changed_rows, session, transaction
from app.locks import repeatable
from app.people.models import Asker, Department, LoginAttempt, LoginSession, Person, PersonRole, Role

IDLE = timedelta(hours=12)
ABSOLUTE = timedelta(days=7)
SEEN_STEP = timedelta(minutes=5)
ATTEMPT = timedelta(minutes=5)


# Plain columns, put together once: every page begins with it.
_SESSION: Any = LoginSession.__table__.c
_PERSON: Any = Person.__table__.c
_DEPARTMENT: Any = Department.__table__.c
_ROLE: Any = PersonRole.__table__.c
_HELD = sa.select(sa.func.aggregate_strings(_ROLE.role, ",")).where(_ROLE.person_id == _PERSON.id)
_FIND = (
    sa.select(
        *(_SESSION.created_at, _SESSION.seen_at, _PERSON.id, _PERSON.department_id, _PERSON.region_id),
        *(_PERSON.left_at, _HELD.scalar_subquery(), _DEPARTMENT.is_head_office),
    )
    .join_from(LoginSession.__table__, Person.__table__, _PERSON.id == _SESSION.person_id)
    .outerjoin(Department.__table__, _DEPARTMENT.id == _PERSON.department_id)
    .where(_SESSION.token_hash == sa.bindparam("token_hash"))
)


class Finished(NamedTuple):
    """Where a login round trip leads, and the number of the message whose link began it."""

    next_path: str
    message_uid: str  # empty where it began elsewhere


@dataclass
class SignedIn:
    """The person asking, with the token of this browser; what Flask-Login calls a user."""

    asker: Asker
    token: str
    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """What the cookie remembers: the session, never the person."""
        return self.token


@repeatable
def begin_attempt(browser: str, *, next_path: str, message_uid: str = "") -> str:
    """A fresh `state` for one login round trip of this browser (X-S3)."""
    state = secrets.token_hex(24)
    with transaction() as current:
        _sweep(current)
        attempt = LoginAttempt(
            state_hash=_hash(state),
            browser_hash=_hash(browser),
            next_path=next_path,
            message_uid=message_uid or None,
            created_at=clock.now(),
        )
        current.add(attempt)
    return state


@repeatable
def finish_attempt(state: str, *, browser: str) -> Finished | None:
    """What the round trip was for, once; None for a state that is unknown, used, too old or another browser's."""
    with transaction() as current:
        mine = sa.and_(
            LoginAttempt.state_hash == _hash(state),
            LoginAttempt.browser_hash == _hash(browser),
            LoginAttempt.created_at > clock.now() - ATTEMPT,
        )
        query = sa.select(LoginAttempt.next_path, LoginAttempt.message_uid).where(mine)
        found = current.execute(query).one_or_none()
        used = changed_rows(current.execute(sa.delete(LoginAttempt).where(mine)))
    return Finished(found.next_path, found.message_uid or "") if found is not None and used == 1 else None


@repeatable
def start(person_id: int, *, replacing: str | None = None) -> str:
    """A new session of this person; the token for the cookie. Ends the one it replaces."""
    token = secrets.token_urlsafe(32)
    with transaction() as current:
        if replacing:
            current.execute(sa.delete(LoginSession).where(LoginSession.token_hash == _hash(replacing)))
        now = clock.now()
        current.add(LoginSession(token_hash=_hash(token), person_id=person_id, created_at=now, seen_at=now))
    return token


def find(token: str) -> SignedIn | None:
    """Who holds this token: one statement, roles and 大区 as they are now (X-D9)."""
    found = session().execute(_FIND, {"token_hash": _hash(token)}).one_or_none()
    if found is None:
        return None
    created_at, seen_at, person_id, department_id, region_id, left_at, roles, in_head_office = found
    now = clock.now()
    if left_at is not None or now - seen_at > IDLE or now - created_at > ABSOLUTE:
        return None
    if now - seen_at > SEEN_STEP:
        _touch(token)
    asker = Asker(person_id, department_id, region_id, left_at, _roles(roles), bool(in_head_office))
    return SignedIn(asker, token)


@lru_cache(maxsize=256)
def _roles(held: str | None) -> frozenset[Role]:
    return frozenset(map(Role, held.split(","))) if held else frozenset()


@repeatable
def end(token: str) -> None:
    """Sign this browser out."""
    with transaction() as current:
        current.execute(sa.delete(LoginSession).where(LoginSession.token_hash == _hash(token)))


def end_all(current: Session, *, person_id: int) -> None:
    """Sign a person out everywhere; part of the caller's transaction, such as leaving (X-D8)."""
    current.execute(sa.delete(LoginSession).where(LoginSession.person_id == person_id))


def _touch(token: str) -> None:
    """Note the sign of life. Reading a page must not fail because somebody else is writing."""
    try:
        with transaction() as current:
            current.execute(
                sa.update(LoginSession)
                .where(LoginSession.token_hash == _hash(token))
                .values(seen_at=clock.now())
            )
    except OperationalError:
        session().rollback()


def _sweep(current: Session) -> None:
    """Forget what has run out, so that neither table grows; both columns are indexed."""
    now = clock.now()
    current.execute(sa.delete(LoginAttempt).where(LoginAttempt.created_at < now - ATTEMPT))
    current.execute(sa.delete(LoginSession).where(LoginSession.seen_at < now - IDLE))


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
