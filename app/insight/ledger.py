"""The messages of all kinds of work: whose business they are, and what they are about."""

from collections.abc import Collection
from typing import Any

from app.insight import kinds
from app.notices.ledger.lines import EVERYTHING, Scopes
from app.people.models import Person, Role


def mended_by(person: Person) -> Scopes:
    """The messages that `person` may send again or ignore; an administrator any."""
    if person.holds(Role.ADMINISTRATOR):
        return EVERYTHING
    return tuple(scope for kind in kinds.KINDS for scope in kind.mended_by(person))


def named(lines: Collection[Any]) -> dict[int, str]:
    """Message → what it is about: 任务 12 · 长安区. What belongs to no kind of work is left out."""
    return {line: name for kind in kinds.KINDS for line, name in kind.named(lines).items()}
