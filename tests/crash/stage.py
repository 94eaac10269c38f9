"""A task in the middle of its life, the same every time, and everything that can be seen of it afterwards."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app import clock
from app.db import session, transaction
from app.notices.models import Amendment, Delivery, Outcome, SendingDay
from app.people.models import Person
from app.tasks import counts, labels
from app.tasks.labels import ItemState
from app.tasks.managing import pausing
from app.tasks.models import PointTask, Task, TaskCount
from app.work.models import Attachment, HistoryEvent
from tests.world import World

READY, OPEN, CLOSED, FURTHER = "130102", "130104", "130105", "310101"
MORNING, EVENING = (
    clock.from_local(datetime.fromisoformat(f"2026-11-23 {hour}")) for hour in ("09:00", "19:00")
)


@dataclass(frozen=True)
class Stage:
    """An 升级任务 past its deadline: 王强 has a row that can be closed and an open one, 李静 closed hers."""

    world: World
    task_id: int
    patch_id: int
    modules: tuple[int, ...]
    rows: dict[str, int]  # by the code of the place
    versions: dict[str, int]
    items: dict[str, list[int]]
    file: str
    card: str  # the uid of 王强's message
    lost: int  # a message to 孙丽 that did not arrive

    @property
    def due_at(self) -> datetime:
        """The deadline as it was published."""
        return MORNING + timedelta(hours=9)


def stage(world: World, *, paused: bool = False) -> Stage:
    """Everything up to the evening, when the deadline has passed and the clock has not yet looked."""
    put_away()
    clock.tell(lambda: MORNING)
    task_id = world.upgrade(READY, OPEN, CLOSED, modules=("模块A", "模块B"))
    _work_done(world, task_id)
    file = _file(world, world.row(task_id, READY))
    card, lost = _arrived(world, task_id)
    clock.tell(lambda: EVENING)
    if paused:
        pausing.pause_reminders(
            task_id,
            by=world.person("林敏"),
            to=clock.local(EVENING).date(),
            reason="停电",
            seen_version=None,
            form_key=world.key(),
        )
    rows = {code: world.row(task_id, code) for code in (READY, OPEN, CLOSED)}
    task = rows[READY].task
    return Stage(
        world=world,
        task_id=task_id,
        patch_id=task.patch_id or 0,
        modules=tuple(module.id for module in task.patch.modules) if task.patch else (),
        rows={code: row.id for code, row in rows.items()},
        versions={code: row.version for code, row in rows.items()} | {"task": task.version},
        items={code: [item.id for item in row.items] for code, row in rows.items()},
        file=file,
        card=card,
        lost=lost,
    )


def _work_done(world: World, task_id: int) -> None:
    """As if it had been fed back and closed, without the way there: a stage is set thousands of times."""
    with transaction() as current:
        for row in _rows(task_id):
            if row.place_code != OPEN:
                row.items_done = row.items_total
                for item in row.items:
                    item.state, item.done_at = ItemState.DONE, MORNING
            if row.place_code == CLOSED:
                row.closed_at, row.closed_by_id, row.next_look_at = MORNING, world.by_name["李静"], None
            row.label = labels.label_of(row)
        counts.rewrite(current, task_id)


def put_away() -> None:
    """What earlier stages left is nothing to look at or to send any more."""
    with transaction() as current:
        for column in (Task.remind_at, Task.nag_at, Task.announce_overdue_from, PointTask.next_look_at):
            _empty(current, column)
        for column in (Delivery.next_at, Delivery.held_until, Delivery.tried_at, Amendment.next_at):
            _empty(current, column)
        current.execute(sa.delete(SendingDay))


def _empty(current: Any, column: Any) -> None:
    update = sa.update(column.class_).where(column.is_not(None)).values({column.key: None})
    current.execute(update.execution_options(synchronize_session=False))


def _file(world: World, row: PointTask) -> str:
    """王强 has added a file to a row; its bytes are nobody's concern here."""
    with transaction() as current:
        event = HistoryEvent(
            subject_kind="point_task",
            subject_id=row.id,
            act="feed_back",
            by_id=world.by_name["王强"],
            at=MORNING,
            facts={},
        )
        current.add(event)
        current.flush()
        file = Attachment(
            uid=world.key(),
            subject_kind="point_task",
            subject_id=row.id,
            event_id=event.id,
            by_id=world.by_name["王强"],
            at=MORNING,
            name="现场.jpg",
            kind="image",
            mime="image/jpeg",
            size=1,
            sha256="0" * 64,
            stored_name=world.key(),
        )
        current.add(file)
        return file.uid


def _arrived(world: World, task_id: int) -> tuple[str, int]:
    """The messages so far are at their people, with cards that can still be changed, but for one to 孙丽."""
    with transaction() as current:
        found = list(current.execute(_deliveries(task_id)).scalars())
        for row in found:
            row.outcome, row.next_at, row.settled_at, row.tried_at = (
                Outcome.ACCEPTED,
                None,
                MORNING,
                MORNING,
            )
            row.msgid, row.response_code = f"msg-{row.uid}", f"code-{row.uid}"
        [lost] = [row for row in found if row.recipient_id == world.by_name["孙丽"]][:1]
        lost.outcome, lost.msgid, lost.response_code = Outcome.REFUSED, None, None
        card = next(row.uid for row in found if row.recipient_id == world.by_name["王强"])
        return card, lost.id


def _deliveries(task_id: int) -> sa.Select[Any]:
    rows = sa.select(PointTask.id).where(PointTask.task_id == task_id)
    return (
        sa.select(Delivery)
        .join(HistoryEvent, HistoryEvent.id == Delivery.event_id)
        .where(_about(task_id, rows))
        .order_by(Delivery.id)
    )


def _about(task_id: int, rows: Any) -> Any:
    return sa.or_(
        sa.and_(HistoryEvent.subject_kind == "task", HistoryEvent.subject_id == task_id),
        sa.and_(HistoryEvent.subject_kind == "point_task", HistoryEvent.subject_id.in_(rows)),
    )


# -- what there is to see afterwards


def standing(stage: Stage) -> list[str]:
    """The task, its rows, counts, history, messages and what becomes of these, a line each, without ids."""
    session().rollback()
    session().expire_all()
    task = session().get_one(Task, stage.task_id)
    names = dict(session().execute(sa.select(Person.id, Person.name)).all())
    rows = list(_rows(stage.task_id))
    places = {row.id: row.place.name for row in rows}
    lines = [_line("task", _facts(task, TASK, names))]
    for row in rows:
        states = [item.state for item in row.items]
        lines.append(_line(f"row {row.place.name}", {**_facts(row, ROW, names), "items": states}))
    lines += [_line("count", found) for found in _counts(stage.task_id)]
    lines += [_line("event", found) for found in _events(stage.task_id, places, names)]
    for message in session().execute(_deliveries(stage.task_id)).scalars():
        about = places.get(message.about_id or 0)
        lines.append(_line("message", {**_facts(message, MESSAGE, names), "about": about}))
    lines += [_line("change", found) for found in _changes(stage.task_id, names)]
    return sorted(lines)


TASK = (
    *("type", "urgency", "note", "due_at", "revoked_at", "revoked_by_id", "announce_overdue_from"),
    *("remind_at", "paused_to", "pause_reason", "paused_by_id", "version"),
)
ROW = (
    *(
        "label",
        "implementer_id",
        "supervisor_id",
        "service_manager_id",
        "due_at",
        "next_look_at",
        "overdue_at",
    ),
    *(
        "sent_back_at",
        "rolled_back_at",
        "closed_at",
        "closed_by_id",
        "revoked_at",
        "items_total",
        "items_done",
    ),
    *("urged_at", "urge_count", "transfer_count", "latest_note", "version"),
)
MESSAGE = ("wording", "recipient_id", "outcome", "reason", "title", "text", "ignored_at")


def _facts(row: Any, names: tuple[str, ...], people: dict[int, str]) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in names}
    return {name: people.get(v, v) if name.endswith("_id") else v for name, v in values.items()}


def _line(what: str, facts: Any) -> str:
    pairs = facts.items() if isinstance(facts, dict) else enumerate(facts)
    return f"{what}: " + ", ".join(f"{name}={value}" for name, value in pairs if value not in (None, ""))


def _rows(task_id: int) -> Iterator[PointTask]:
    query = sa.select(PointTask).where(PointTask.task_id == task_id).order_by(PointTask.place_code)
    yield from session().execute(query.execution_options(populate_existing=True)).unique().scalars()


def _counts(task_id: int) -> Iterator[Any]:
    sums = (TaskCount.rows, TaskCount.items_total, TaskCount.items_done)
    query = sa.select(TaskCount.region_id, TaskCount.label, *sums).where(TaskCount.task_id == task_id)
    yield from (tuple(found) for found in session().execute(query) if any(found[2:]))


def _events(task_id: int, places: dict[int, str], names: dict[int, str]) -> Iterator[Any]:
    rows = sa.select(PointTask.id).where(PointTask.task_id == task_id)
    for event in session().execute(sa.select(HistoryEvent).where(_about(task_id, rows))).scalars():
        where = places[event.subject_id] if event.subject_kind == "point_task" else ""
        yield where, event.act, names.get(event.by_id or 0), event.facts


def _changes(task_id: int, names: dict[int, str]) -> Iterator[Any]:
    messages = _deliveries(task_id).with_only_columns(Delivery.id)
    query = sa.select(Amendment, Delivery).join(Delivery).where(Delivery.id.in_(messages))
    for change, message in session().execute(query):
        said = (change.withdraws, change.words, change.grey, change.card is not None, change.outcome)
        yield names[message.recipient_id], message.wording, *said, change.reason


def wrong(stage: Stage) -> list[str]:
    """What must be so whatever was done, in sentences."""
    session().rollback()
    task = session().get_one(Task, stage.task_id)
    rows = list(_rows(stage.task_id))
    found = []
    for row in rows:
        if task.revoked_at and not row.revoked_at:
            found.append(f"{row.place.name} is open in a revoked task")
        if row.label != labels.label_of(row):
            found.append(f"{row.place.name} is called {row.label}, it is {labels.label_of(row)}")
        done = sum(item.state in (ItemState.DONE, ItemState.ROLLED_BACK) for item in row.items)
        if done != row.items_done:
            found.append(f"{row.place.name} counts {row.items_done} items as done, {done} are")
    counted = Counter[Any]()
    for row in rows:
        counted += Counter(
            {(row.region_id or 0, row.label, n): value for n, value in enumerate(_sums_of(row))}
        )
    kept = {(*found[:2], n): value for found in _counts(stage.task_id) for n, value in enumerate(found[2:])}
    if +Counter(kept) != counted:
        found.append(f"counts {kept}, rows {dict(counted)}")
    return found


def _sums_of(row: PointTask) -> tuple[int, int, int]:
    return 1, row.items_total, row.items_done
