"""How the labels of tasks, of their rows and of 补丁包 read."""

from app.tasks.labels import Label, TaskState, TrialState, Urgency
from h5.frame.tones import Tone, Tones, reader

TONES: Tones = {
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
}
tone = reader(TONES)
