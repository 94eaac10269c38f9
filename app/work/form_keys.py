"""One effect per tap: a form carries a random key, and its repeat gets the first result (X-D1)."""

import re
import secrets
from dataclasses import dataclass

import sqlalchemy as sa

from app import clock
from app.db import Session, insert_once
from app.errors import BadInput
from app.people.models import Person
from app.work.models import FormKey

SHAPE = re.compile(r"[0-9A-Za-z_-]{16,64}")


def new_key() -> str:
    """A key for the hidden field `form_key`."""
    return secrets.token_urlsafe(18)


@dataclass
class Claim:
    """The answer to “has this form been submitted before?”."""

    session: Session
    key: str
    repeated: bool
    result: int | None = None

    def leads_to(self, result: int) -> None:
        """Remember for a repeat what was made, by id, or how many it was about; part of the same commit."""
        self.session.execute(sa.update(FormKey).where(FormKey.key == self.key).values(result=result))


def claim(session: Session, key: str, *, by: Person, act: str) -> Claim:
    """Claim `key` inside transaction(); a repeat waits for the first to finish.

    Raises BadInput for a key that is malformed or belongs to someone else's form.
    """
    if not SHAPE.fullmatch(key):
        raise BadInput("页面已过期，请刷新后重新提交。您填写的内容已保留。")
    values = {"key": key, "person_id": by.id, "act": act, "at": clock.now()}
    if insert_once(session, FormKey, values):
        return Claim(session, key, repeated=False)
    first = session.execute(sa.select(FormKey).where(FormKey.key == key)).scalar_one()
    if first.person_id != by.id or first.act != act:
        raise BadInput("页面已过期，请刷新后重新提交。您填写的内容已保留。")
    return Claim(session, key, repeated=True, result=first.result)
