"""What was held for the night, of all kinds of work, put together anew when it goes out."""

from collections.abc import Collection, Iterator, Sequence

from app.db import Session
from app.insight import kinds
from app.notices.models import Delivery
from app.notices.queue import night
from app.notices.queue.night import Said, Work


def release() -> int:
    """What was held until now goes out as it is true now; returns how many messages that made."""
    return night.release(_House())


class _House:
    """Every kind of work about its own messages; see `night.Work`."""

    def add(self, current: Session, people: Collection[int]) -> None:
        for work in _works():
            work.add(current, people)

    def anew(self, current: Session, messages: Sequence[Delivery]) -> Said:
        said: Said = {}
        for work in _works():
            said = {**said, **work.anew(current, messages)}
        return said

    def alone(self, current: Session, messages: Sequence[Delivery]) -> None:
        for work in _works():
            work.alone(current, messages)


def _works() -> Iterator[Work]:
    for kind in kinds.KINDS:
        if kind.held is not None:
            yield kind.held
