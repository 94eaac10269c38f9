"""What the page of one row shows: facts, items, what may be done, who was told, and what happened."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import g, request

from app.notices.aftercare.told import Former
from app.notices.ledger import lines as ledger
from app.people import queries as people
from app.people.models import Person, Role
from app.tasks.access import roles_of
from app.tasks.field import implement
from app.tasks.labels import ITEM_WORDS, ItemState, progress, wears_overdue_chip
from app.tasks.lifecycle import Act
from app.tasks.models import PointTask, TaskItem
from app.tasks.reading import heads, queries
from app.tasks.reading.lines import Button, due_text
from app.tasks.telling import aftercare, departed
from app.tasks.telling import scopes as of_tasks
from app.work import seen
from app.work.models import Seen

DONE = (ItemState.DONE, ItemState.ROLLED_BACK)
TO_DO_WITH_ROLL_BACK = (ItemState.TO_ROLL_BACK, ItemState.ROLLED_BACK)


@dataclass(frozen=True)
class Line:
    """One item: its state in a word, and whether the asker decides about it."""

    item: TaskItem
    word: str
    done: bool
    restores: bool
    frozen: bool
    decided: bool


@dataclass(frozen=True)
class Facts:
    """What is computed from a row."""

    percent: int
    due_text: str
    overdue_chip: bool
    pause: heads.Pause | None


@dataclass(frozen=True)
class Doing:
    """What the asker may do to a row, and the sheet they opened to do it."""

    buttons: dict[Act, Button]
    decides: bool
    administers: bool
    sheet: str | None
    colleagues: list[Person]

    @property
    def possible(self) -> set[Act]:
        """The acts that nothing stands against."""
        return {act for act, button in self.buttons.items() if not button.why_not}

    @property
    def open(self) -> bool:
        """True where the asker can feed back."""
        return Act.FEED_BACK in self.possible


@dataclass(frozen=True)
class Told:
    """Which of a row's people have seen it, whom nothing reached, and whose messages were taken back."""

    seen: dict[int, Seen]
    former: dict[int, Former]
    unreached: list[tuple[str, str]]
    departed: str


def facts_of(row: PointTask) -> Facts:
    """What is computed from a row."""
    return Facts(
        percent=progress(done=row.items_done, total=row.items_total),
        due_text=due_text(row),
        overdue_chip=wears_overdue_chip(label=row.label, overdue_at=row.overdue_at),
        pause=heads.pause_of(row.task),
    )


def doing_of(row: PointTask, person: Person) -> Doing:
    """What somebody may do to a row."""
    buttons = {button.act: button for button in queries.buttons(person, row)}
    transfer = buttons.get(Act.TRANSFER)
    may_transfer = transfer is not None and not transfer.why_not
    return Doing(
        buttons=buttons,
        decides=bool(roles_of(person, row) & implement.deciders()),
        administers=person.holds(Role.ADMINISTRATOR),
        sheet=g.get("sheet") or request.args.get("act"),
        colleagues=people.colleagues(row.region_id, but=row.implementer_id) if may_transfer else [],
    )


def told_of(row: PointTask) -> Told:
    """What is known of the messages about a row."""
    return Told(
        seen=seen.of(PointTask.__tablename__, row.id),
        former={one.person_id: one for one in aftercare.withdrawn_of_row(row)},
        unreached=ledger.unreached(of_tasks.sent_to(row.implementer_id, task_id=row.task_id)),
        departed=departed.of_row(row),
    )


def lines_of(row: PointTask, doing: Doing) -> Sequence[Line]:
    """The items of a row in their order."""
    return [_line(item, doing) for item in row.items]


def _line(item: TaskItem, doing: Doing) -> Line:
    state = ItemState(item.state)
    frozen = state is ItemState.NOT_UPGRADED
    return Line(
        item,
        word=ITEM_WORDS[state],
        done=state in DONE,
        restores=state in TO_DO_WITH_ROLL_BACK,
        frozen=frozen,
        decided=doing.open and doing.decides and not frozen,
    )
