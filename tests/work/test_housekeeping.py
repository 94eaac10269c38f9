"""What nobody will ask for again is forgotten, everything else stays."""

from datetime import timedelta

import sqlalchemy as sa
from flask import Flask

from app import clock
from app.db import session, transaction
from app.people.models import LoginAttempt, LoginSession, Person
from app.work import housekeeping
from app.work.models import FormKey


def person() -> int:
    with transaction() as current:
        someone = Person(userid="wangqiang", name="王强", pinyin="wangqiang", initials="wq")
        current.add(someone)
        current.flush()
        return someone.id


def count(kind: type) -> int:
    session().rollback()
    return session().execute(sa.select(sa.func.count()).select_from(kind)).scalar_one()


def test_sessions_attempts_and_form_keys_go_when_they_are_of_no_use(core: Flask):
    someone, now = person(), clock.now()
    with transaction() as current:
        for number, age in enumerate(
            (timedelta(0), timedelta(minutes=6), timedelta(hours=13), timedelta(days=8))
        ):
            at, key = now - age, f"{number:064}"
            current.add(LoginSession(token_hash=key, person_id=someone, created_at=at, seen_at=at))
            current.add(LoginAttempt(state_hash=key, browser_hash=key, next_path="/", created_at=at))
            current.add(FormKey(key=key, person_id=someone, act="publish", result=None, at=at))

    assert housekeeping.clean() == 2 + 1 + 1
    assert (count(LoginSession), count(LoginAttempt), count(FormKey)) == (2, 3, 3)
    assert housekeeping.clean() == 0


def test_more_than_a_chunk_is_forgotten_chunk_by_chunk(core: Flask):
    someone, old = person(), clock.now() - timedelta(days=8)
    with transaction() as current:
        current.add_all(
            FormKey(key=f"{n:020}", person_id=someone, act="publish", result=None, at=old)
            for n in range(2 * housekeeping.CHUNK + 1)
        )

    assert housekeeping.clean() == 2 * housekeeping.CHUNK + 1
    assert count(FormKey) == 0
