"""What happened to something, of whatever kind of work, in the words of its page."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.db import session
from app.insight import audit, kinds
from app.work import attachments, history
from app.work.models import Attachment, HistoryEvent

BY_ITSELF = "系统"


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


def of(*subjects: tuple[str, int], only: Mapping[str, Collection[str]] | None = None) -> list[Entry]:
    """What happened to these subjects (table, id), newest first.

    `only` narrows what is shown of a table to some acts.
    """
    found: list[Entry] = []
    for table, subject_id in subjects:
        shown = (only or {}).get(table)
        files: dict[int | None, list[Attachment]] = defaultdict(list)
        for file in attachments.of(table, subject_id):
            files[file.event_id].append(file)
        events = history.of(session(), table, subject_id)
        found += [_entry(one, files[one.id]) for one in events if shown is None or one.act in shown]
    return sorted(found, key=lambda entry: entry.at, reverse=True)


def by_itself(act: str, at: datetime, *, by: str = BY_ITSELF) -> Entry:
    """A line that no event stands for: what a row stores of itself."""
    return Entry(at, act, audit.acts().get(act, act), by, [], [])


def _entry(event: HistoryEvent, files: Sequence[Attachment]) -> Entry:
    return Entry(
        at=event.at,
        act=event.act,
        name=kinds.called(event.subject_kind, event.act, event.facts)
        or audit.acts().get(event.act, event.act),
        by=event.by.name if event.by else BY_ITSELF,
        said=kinds.said(event.subject_kind, event.facts),
        changed=kinds.changed(event.subject_kind, event.facts),
        files=files,
    )
