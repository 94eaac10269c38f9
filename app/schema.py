"""Does the database have the tables that this program was written for?"""

from dataclasses import dataclass
from enum import StrEnum

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app

from app.db import session


class State(StrEnum):
    """How the database stands to the program."""

    PRESENT = "ok"
    OLDER = "behind"
    NEWER = "ahead"


@dataclass(frozen=True)
class Schema:
    """`revisions` are those of the database; of a newer one, those that the program does not know."""

    state: State
    revisions: tuple[str, ...]


def look() -> Schema:
    """Compare the revisions that the database says it has with those that came with the program."""
    config = current_app.extensions["migrate"].migrate.get_config()
    script = ScriptDirectory.from_config(config)
    present = set(MigrationContext.configure(session().connection()).get_current_heads())
    known = {revision.revision for revision in script.walk_revisions()}
    if unknown := present - known:
        return Schema(State.NEWER, tuple(sorted(unknown)))
    state = State.PRESENT if present == set(script.get_heads()) else State.OLDER
    return Schema(state, tuple(sorted(present)))
