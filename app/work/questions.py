"""What is asked once more before an act, because it may be meant or a slip. Pure."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta

from app import clock
from app.errors import AsksFirst, Question

FAR = timedelta(days=2 * 365 + 1)

Confirmed = Collection[str] | None
"""The tokens of what somebody has said yes to; None where nobody is there to be asked, such as in a program."""


def require(questions: Iterable[Question], confirmed: Confirmed) -> None:
    """AsksFirst with every question that nobody has said yes to yet."""
    if confirmed is None:
        return
    if open_ := tuple(one for one in questions if one.token not in confirmed):
        raise AsksFirst(open_)


def of_far(due_at: datetime | None, *, what: str) -> Iterator[Question]:
    """Asks about a moment beyond two years: a slip of the year more often than a plan."""
    if due_at is not None and due_at > clock.now() + FAR:
        due = clock.shown(due_at)
        yield Question(f"far-{due}", f"{what}是 {due}，在两年以后，确定没有填错吗？")
