"""What happened to a row, in the words of the page."""

from dataclasses import dataclass

from app.insight import timeline
from app.insight.timeline import Entry
from app.tasks.lifecycle import Act
from app.tasks.models import PointTask, Task

# What happens to a whole task concerns its rows; its own 发布 and 已超期 stand on the row already.
OF_THE_TASK = {Act.EDIT, Act.REVOKE, Act.URGE_ALL, Act.PAUSE_REMINDERS, Act.RESUME_REMINDERS}


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
    entries = timeline.of(
        (PointTask.__tablename__, row.id),
        (Task.__tablename__, row.task_id),
        only={Task.__tablename__: OF_THE_TASK},
    )
    if row.overdue_at:
        entries.append(timeline.by_itself(Act.OVERDUE, row.overdue_at))
    if row.task.published_at:
        entries.append(timeline.by_itself(Act.PUBLISH, row.task.published_at, by=row.task.publisher.name))
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def of_task(task_id: int) -> list[Entry]:
    """What happened to a whole task since it was published, newest first."""
    return timeline.of((Task.__tablename__, task_id), only={Task.__tablename__: OF_THE_TASK})


def latest(entries: list[Entry]) -> Entry | None:
    """What changed last, for those whose page did not know of it yet; 催办 changes nothing."""
    return next((entry for entry in entries if entry.act not in (Act.URGE, Act.URGE_ALL)), None)


def _last(entries: list[Entry], act: Act) -> Entry | None:
    return next((entry for entry in entries if entry.act == act), None)
