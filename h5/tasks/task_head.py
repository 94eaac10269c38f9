"""What stands above the rows of one task: its facts, its buttons, and what asks for attention."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import g

from app.insight.timeline import Entry
from app.notices.ledger import lines as ledger
from app.people.models import Asker
from app.tasks.labels import Label
from app.tasks.lifecycle import task_buttons_for
from app.tasks.managing import pausing, who_saw
from app.tasks.models import Task
from app.tasks.reading import heads
from app.tasks.reading.heads import TaskHead
from app.tasks.reading.lines import Button
from app.tasks.telling import departed
from app.tasks.telling import scopes as of_tasks
from app.tasks.telling.departed import Departed
from h5.tasks import timeline


@dataclass(frozen=True)
class Head:
    """The head of a task as one person sees it.

    `before` are the 升级任务 that it follows, `repairs` those that follow it; `departed` are 实施人 whom nothing
    reaches any more, `newest` is what somebody else did while a form was filled in. What only those need who
    manage the task is empty for everybody else: `acts`, and how many people its messages did not reach
    (`unreached`, each with the outcome) or are not known to have seen it (`unseen`).
    """

    task: TaskHead
    before: Sequence[Task]
    repairs: Sequence[Task]
    departed: Sequence[Departed]
    newest: Entry | None
    acts: dict[str, Button]
    unreached: Sequence[tuple[str, str]]
    unseen: int

    @property
    def numbers(self) -> list[tuple[str, int]]:
        """How many rows have a label that is out of the ordinary."""
        return [(label, n) for label, n in self.task.counts.items() if n and label != Label.NORMAL]

    @property
    def pause_days(self) -> tuple[date, date]:
        """The first and the last day to which its reminders may be paused."""
        return pausing.days()


def of(person: Asker, task_id: int) -> Head:
    """The head of a task, for those who may see it."""
    task = heads.head(person, task_id)
    before, repairs = heads.linked(person, task)
    manages = task.manages
    return Head(
        task,
        before,
        repairs,
        departed=departed.in_task(person, task_id),
        newest=timeline.latest(timeline.of_task(task_id)) if g.get("conflict") else None,
        acts=_acts(task) if manages else {},
        unreached=ledger.unreached(of_tasks.of_task(task_id)) if manages else [],
        unseen=who_saw.unseen(task_id) if manages else 0,
    )


def _acts(task: TaskHead) -> dict[str, Button]:
    """The buttons of those who manage the task, from TASK_RULES."""
    return {button[0]: Button(*button) for button in task_buttons_for(task.facts)}
