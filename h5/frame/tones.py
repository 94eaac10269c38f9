"""How a label reads: late, in need of attention, done, under way, or plain. The pages give every tone its colour."""

from collections.abc import Callable, Mapping
from enum import StrEnum

from app.notices.models import Outcome


class Tone(StrEnum):
    """The end of a CSS class: `tag-late`."""

    LATE = "late"
    WARN = "warn"
    DONE = "done"
    OPEN = "open"
    PLAIN = "plain"


Tones = Mapping[str, Tone]
OF_OUTCOMES: Tones = {
    Outcome.REFUSED: Tone.LATE,
    Outcome.INVALID_ACCOUNT: Tone.LATE,
    Outcome.UNLICENSED: Tone.LATE,
    Outcome.UNKNOWN: Tone.LATE,
    Outcome.ACCEPTED: Tone.DONE,
    Outcome.UPDATED: Tone.DONE,
    Outcome.PENDING: Tone.OPEN,
    Outcome.SENDING: Tone.OPEN,
    Outcome.IN_APP: Tone.PLAIN,
    Outcome.SUPPRESSED: Tone.PLAIN,
    Outcome.MERGED: Tone.PLAIN,
    Outcome.RECALLED: Tone.PLAIN,
}


def reader(tones: Tones) -> Callable[[str], Tone]:
    """What tells the tone of a label that a person reads; plain for those that are not in `tones`."""

    def tone(label: str) -> Tone:
        return tones.get(label, Tone.PLAIN)

    return tone
