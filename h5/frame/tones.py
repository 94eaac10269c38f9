"""How a label reads: late, in need of attention, done, under way, or plain. The pages give every tone its colour."""

from enum import StrEnum

from app.notices.models import Outcome
from app.tasks.labels import Label, TaskState, TrialState, Urgency


class Tone(StrEnum):
    """The end of a CSS class: `tag-late`."""

    LATE = "late"
    WARN = "warn"
    DONE = "done"
    OPEN = "open"
    PLAIN = "plain"


TONES: dict[str, Tone] = {
    Label.OVERDUE: Tone.LATE,
    Label.SENT_BACK: Tone.WARN,
    Label.ROLLED_BACK: Tone.WARN,
    Label.CLOSED: Tone.DONE,
    Label.NORMAL: Tone.OPEN,
    Label.NOT_UPGRADED: Tone.PLAIN,
    Label.REVOKED: Tone.PLAIN,
    TaskState.OPEN: Tone.WARN,
    TaskState.PARTLY: Tone.OPEN,
    TaskState.DONE: Tone.DONE,
    TaskState.DRAFT: Tone.PLAIN,
    Urgency.IMPORTANT_URGENT: Tone.LATE,
    Urgency.URGENT: Tone.LATE,
    Urgency.IMPORTANT: Tone.WARN,
    Urgency.NORMAL: Tone.PLAIN,
    TrialState.FAILED: Tone.LATE,
    TrialState.PASSED: Tone.DONE,
    TrialState.SENT: Tone.OPEN,
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


def tone(label: str) -> Tone:
    """The tone of a label that a person reads."""
    return TONES.get(label, Tone.PLAIN)
