"""What published tasks show of themselves to the rest of the house; `insight.kinds` lists it."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from app import clock
from app.db import session
from app.people.models import Who
from app.places.models import Place
from app.places.names import told_apart
from app.places.queries import matches
from app.tasks import words
from app.tasks.access import ROW, visible_to
from app.tasks.clock import mornings, news, overdue, reminders
from app.tasks.field import implement, pressing
from app.tasks.labels import Urgency
from app.tasks.lifecycle import RULES, TASK_RULES, Act
from app.tasks.models import Patch, PointTask, Task
from app.tasks.patches.registering import REGISTER_PATCH
from app.tasks.publishing import preparing
from app.tasks.publishing.copied_in import UPDATE_COPIED_IN
from app.tasks.publishing.new_deadline import DUE_MOVED, WAS_OVERDUE
from app.tasks.reading import queries
from app.tasks.reading.lines import RowLine
from app.tasks.telling import letters, samples, scopes
from app.work import attachments
from app.work.faces import Hit, Named, Scan, Subject, Waiting

ACTS: dict[str, str] = {act: rule.name for act, rule in RULES.items()}
ACTS |= {act: rule.name for act, rule in TASK_RULES.items()}
ACTS |= {Act.PUBLISH: "发布", Act.OVERDUE: "已超期", Act.REMIND: "到期前提醒", Act.ESCALATE: "超期上报"}
ACTS |= {
    UPDATE_COPIED_IN: "更新抄送人",
    attachments.TAKE_BACK: "撤回附件",
    WAS_OVERDUE: "改期",
    DUE_MOVED: "改期",
}
ACTS |= {REGISTER_PATCH: "登记补丁包"}

READ_TASKS, WRITE_PATCHES = "read_tasks", "write_patches"
SCOPES: dict[str, str] = {READ_TASKS: "读取任务和点位任务", WRITE_PATCHES: "登记补丁包"}
"""What a token of the API may be used for."""
PRESSES = {letters.CLOSE: pressing.CLOSE}
SCANS = (
    Scan("overdue", overdue.scan),
    Scan("reminders", reminders.scan),
    Scan("news", news.Watch().scan),
    Scan("prepared", preparing.clean_up, hourly=True),
)
HELD = mornings.Tasks()
mended_by, named = scopes.mended_by, scopes.named
TRIED_ON, latest, told = samples.OF_ACTS.keys(), samples.latest, samples.told


def waiting(person: Who, limit: int) -> list[Waiting]:
    """The open rows of a person, the nearest deadline first."""
    mine = queries.lines_where(person, PointTask.implementer_id == person.id, PointTask.is_open, limit=limit)
    return [_waiting(row, late=row.due_at <= clock.now()) for row in _told_apart(mine)]


def waits(person: Who) -> int:
    """How many rows wait for a person."""
    return open_rows(person.id)


def open_rows(person_id: int) -> int:
    """The same, of whoever has this id."""
    return _count(PointTask.implementer_id == person_id, PointTask.is_open)


def watched(person: Who, limit: int) -> list[Waiting]:
    """Open rows that a person watches as 主管 or 服务经理: the longest overdue first."""
    rows = queries.lines_where(person, *_watched(person), limit=limit)
    return [
        _waiting(row, late=row.label == "已超期" or row.overdue_chip, who=f" · 实施人 {row.implementer}")
        for row in rows
    ]


def watched_numbers(person: Who) -> tuple[int, int]:
    """How many rows a person watches that are open, and how many of these are past their deadline."""
    open_ = _watched(person)
    return _count(*open_), _count(*open_, PointTask.overdue_at.is_not(None))


def search(person: Who, text: str, limit: int) -> list[Hit]:
    """Rows that a person may see, by the name of their place or its letters; the newest first."""
    query = (
        sa.select(ROW.id, Place.name, Place.path, Task.type, ROW.label)
        .join_from(PointTask.__table__, Place.__table__, Place.code == ROW.place_code)
        .join(Task.__table__, Task.id == ROW.task_id)
        .where(matches(text), visible_to(person), Task.published_at.is_not(None))
        .order_by(ROW.id.desc())
        .limit(limit)
    )
    return [
        Hit("task", row.id, f"{row.type} · {row.name}", row.path, row.label, f"/point-tasks/{row.id}")
        for row in session().execute(query)
    ]


def _watched(person: Who) -> tuple[sa.ColumnExpressionArgument[bool], ...]:
    watched = sa.or_(PointTask.supervisor_id == person.id, PointTask.service_manager_id == person.id)
    return watched, PointTask.is_open


def _count(*conditions: sa.ColumnExpressionArgument[bool]) -> int:
    query = sa.select(sa.func.count()).select_from(PointTask).where(*conditions)
    return session().execute(query).scalar_one()


def _told_apart(rows: Sequence[RowLine]) -> list[RowLine]:
    """Rows of places with equal names carry their city: this list shows the name alone."""
    told = told_apart((row.place_name, f"{row.place_parents} / {row.place_name}") for row in rows)
    return [row._replace(place_name=name) for row, name in zip(rows, told, strict=True)]


def _waiting(row: RowLine, *, late: bool, who: str = "") -> Waiting:
    return Waiting(
        mark=f"row-{row.id}",
        id=row.id,
        title=f"{row.type} · {row.place_name}",
        where=row.place_parents + who,
        due_at=row.due_at,
        due_text=row.due_text,
        label=row.label,
        late=late,
        page=f"/point-tasks/{row.id}",
        urgent="" if row.urgency == Urgency.NORMAL else row.urgency,
        percent=row.progress,
    )


def _called(_act: str, facts: Mapping[str, Any]) -> str:
    return "代反馈" if facts.get("deputy") else ""


def _task(row: Any) -> Named:
    when = clock.shown(row.published_at) if row.published_at else "暂存"
    return Named(f"{row.type} · {when}")


# Their pages are left out of the log: an administrator sees those that the rights of their other roles show.
SUBJECTS = (
    Subject(
        Task.__tablename__,
        "任务",
        sa.select(Task.id, Task.type, Task.published_at),
        Task.id,
        _task,
        said=words.said,
        changed=words.changed,
        summed=words.summed,
    ),
    Subject(
        PointTask.__tablename__,
        "点位任务",
        sa.select(PointTask.id, Place.name, Task.type).join(PointTask.place).join(PointTask.task),
        PointTask.id,
        lambda row: Named(f"{row.name} · {row.type}"),
        said=words.said,
        changed=words.changed,
        summed=words.summed,
        called=_called,
        may_see=queries.point_task,
        page="/point-tasks/{}".format,
        may_take_back=implement.may_take_back,
    ),
    Subject(
        Patch.__tablename__,
        "补丁包",
        sa.select(Patch.id, Patch.name, Patch.version),
        Patch.id,
        lambda row: Named(f"{row.name} {row.version}", f"/patches/{row.id}"),
    ),
)
