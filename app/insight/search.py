"""Search across all kinds of work."""

from app.insight import kinds
from app.people.models import Who
from app.work.faces import Hit

MOST = 20


def found(person: Who, text: str, *, limit: int = MOST) -> list[Hit]:
    """What `person` may see and `text` is part of, the newest of each kind; at most `limit` of each."""
    text = text.strip()
    if not text:
        return []
    return [hit for kind in kinds.KINDS for hit in kind.search(person, text, limit)]
