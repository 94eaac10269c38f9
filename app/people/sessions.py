"""Who is signed in: the sessions that login rounds lead to.

Only hashes are stored: whoever reads the database cannot sign in with it.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from app import clock
from app.db import Session, session, transaction
from app.locks import repeatable
from app.people.models import Asker, Department, LoginSession, Person, PersonRole, Role

IDLE = timedelta(hours=12)
ABSOLUTE = timedelta(days=7)
SEEN_STEP = timedelta(minutes=5)


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
def start(person_id: int, *, replacing: str | None = None) -> str:
    """A new session of this person; the token for the cookie. Ends the one it replaces."""
    token = secrets.token_urlsafe(32)
    with transaction() as current:
        _sweep(current)
        if replacing:
            current.execute(sa.delete(LoginSession).where(LoginSession.token_hash == _hash(replacing)))
        now = clock.now()
        current.add(LoginSession(token_hash=_hash(token), person_id=person_id, created_at=now, seen_at=now))
    return token


def lasts(token: str) -> bool:
    """True where the seven days of this session do not end within the next twelve hours."""
    query = sa.select(LoginSession.created_at).where(LoginSession.token_hash == _hash(token))
    created_at = session().execute(query).scalar()
    return created_at is not None and clock.now() - created_at < ABSOLUTE - IDLE


def find(token: str) -> SignedIn | None:
    """Who holds this token: one statement, roles and 大区 as they are now (X-D9)."""
    found = session().execute(_FIND, {"token_hash": _hash(token)}).one_or_none()
    if found is None:
        return None
    created_at, seen_at, person_id, department_id, region_id, left_at, roles, in_head_office = found
    now = clock.now()
    if left_at is not None or now - seen_at > IDLE or now - created_at > ABSOLUTE:
        return None
    if abs(now - seen_at) > SEEN_STEP:
        _touch(token)
    asker = Asker(person_id, department_id, region_id, left_at, _roles(roles), bool(in_head_office))
    return SignedIn(asker, token)


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
    """Note the sign of life. Reading a page must not fail because somebody else is writing.

    A session that a clock ran ahead to begin begins now, or it would outlast all others.
    """
    now = clock.now()
    begun = sa.case((LoginSession.created_at > now, now), else_=LoginSession.created_at)
    try:
        with transaction() as current:
            current.execute(
                sa.update(LoginSession)
                .where(LoginSession.token_hash == _hash(token))
                .values(seen_at=now, created_at=begun)
            )
    except OperationalError:
        session().rollback()


def _sweep(current: Session) -> None:
    """Forget what has run out, so that the table does not grow; the column is indexed."""
    current.execute(sa.delete(LoginSession).where(LoginSession.seen_at < clock.now() - IDLE))


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
