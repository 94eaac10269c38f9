"""What happened to a row, in the words of the page."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.db import session
from app.insight import audit, kinds
from app.tasks.lifecycle import Act
from app.tasks.models import PointTask
from app.work import attachments, history, words
from app.work.models import Attachment, HistoryEvent

# What happens to a whole task concerns its rows; its own 发布 and 已超期 stand on the row already.
OF_THE_TASK = {Act.EDIT, Act.REVOKE, Act.URGE_ALL, Act.PAUSE_REMINDERS, Act.RESUME_REMINDERS}


@dataclass(frozen=True)
class Entry:
    """One line of the timeline; `said` are people's own words, `changed` what was different after it."""

    at: datetime
    act: str
    name: str
    by: str
    said: list[tuple[str, str]]
    changed: list[str]
    files: Sequence[Attachment] = ()


@dataclass(frozen=True)
class Story:
    """A row's timeline, newest first, and the lines that say why it is open again (T-17, T-57)."""

    entries: list[Entry]
    sent_back: Entry | None
    rolled_back: Entry | None


def story_of(row: PointTask) -> Story:
    """What happened to a row, and why it is open again where it is."""
    entries = of_row(row)
    waits = not row.closed_at and not row.revoked_at
    return Story(
        entries,
        sent_back=_last(entries, Act.SEND_BACK) if row.sent_back_at and waits else None,
        rolled_back=_last(entries, Act.ROLL_BACK) if row.rolled_back_at and waits else None,
    )


def of_row(row: PointTask) -> list[Entry]:
    """Newest first, down to the publishing."""
    files = defaultdict(list)
    for file in attachments.of("point_task", row.id):
        files[file.event_id].append(file)
    entries = [_entry(event, files[event.id]) for event in _events(row)]
    if row.overdue_at:
        entries.append(Entry(row.overdue_at, Act.OVERDUE, audit.acts()[Act.OVERDUE], "系统", [], []))
    if row.task.published_at:
        by = row.task.publisher.name
        entries.append(Entry(row.task.published_at, Act.PUBLISH, audit.acts()[Act.PUBLISH], by, [], []))
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def of_task(task_id: int) -> list[Entry]:
    """What happened to a whole task since it was published, newest first."""
    return [_entry(event, ()) for event in history.of(session(), "task", task_id) if event.act in OF_THE_TASK]


def latest(entries: list[Entry]) -> Entry | None:
    """What changed last, for those whose page did not know of it yet; 催办 changes nothing."""
    return next((entry for entry in entries if entry.act not in (Act.URGE, Act.URGE_ALL)), None)


def _last(entries: list[Entry], act: Act) -> Entry | None:
    return next((entry for entry in entries if entry.act == act), None)


def _events(row: PointTask) -> Iterator[HistoryEvent]:
    yield from history.of(session(), "point_task", row.id)
    for event in history.of(session(), "task", row.task_id):
        if event.act in OF_THE_TASK:
            yield event


def _entry(event: HistoryEvent, files: Sequence[Attachment]) -> Entry:
    said, changed = words.said(event.facts), kinds.changed(event.subject_kind, event.facts)
    by = event.by.name if event.by else "系统"
    return Entry(event.at, event.act, _name(event), by, said, changed, files)


def _name(event: HistoryEvent) -> str:
    return "代反馈" if event.facts.get("deputy") else audit.acts().get(event.act, event.act)
