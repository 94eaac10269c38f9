"""Several rows of one task in one go, for people with many counties."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from app.db import Session, transaction
from app.errors import BadInput, NotFound, Refusal
from app.locks import held, hold, repeatable
from app.people.models import Person
from app.places.names import told_apart
from app.tasks.access import NOT_FOUND
from app.tasks.field import implement
from app.tasks.labels import ItemState
from app.tasks.lifecycle import Act
from app.tasks.models import PointTask, Task
from app.work import form_keys

MOST_ROWS = 200
TO_TICK = (ItemState.OPEN, ItemState.DONE, ItemState.ROLLED_BACK)  # 还原 is confirmed item by item only


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one ticked row; `sentence` says why it was left as it is."""

    row_id: int
    place: str
    done: bool
    sentence: str
    path: str = ""


def feed_back(
    task_id: int, *, by: Person, row_ids: set[int], set_done: bool, note: str, form_key: str
) -> list[Answer]:
    """One 反馈 for all ticked rows: the same note, and with `set_done` every open item becomes 是.

    The guards of a single feedback run per row: rows that refuse are left as
    they are and answer why, the others are kept in one commit.
    """
    note = note.strip()
    if len(note) > implement.LONGEST_NOTE:
        raise BadInput(fields={"note": f"说明最多 {implement.LONGEST_NOTE} 个字，现在有 {len(note)} 个。"})

    def one(session: Session, row: PointTask) -> None:
        ids = {item.id for item in row.items if item.state in TO_TICK} if set_done else None
        implement.save_feedback(session, row, by=by, done_item_ids=ids, note=note)

    return _each(Act.FEED_BACK, task_id, row_ids, by=by, form_key=form_key, one=one)


def close(task_id: int, *, by: Person, row_ids: set[int], form_key: str) -> list[Answer]:
    """办结 every ticked row that is ready; the others answer what they lack."""

    def one(session: Session, row: PointTask) -> None:
        implement.save_close(session, row, by=by)

    return _each(Act.CLOSE, task_id, row_ids, by=by, form_key=form_key, one=one)


@repeatable
def _each(
    act: Act,
    task_id: int,
    row_ids: set[int],
    *,
    by: Person,
    form_key: str,
    one: Callable[[Session, PointTask], None],
) -> list[Answer]:
    if not row_ids:
        raise BadInput(fields={"row": "请先勾选点位。"})
    if len(row_ids) > MOST_ROWS:
        raise BadInput(fields={"row": f"一次最多处理 {MOST_ROWS} 个点位，现在勾选了 {len(row_ids)} 个。"})
    with transaction() as session:
        if form_keys.claim(session, form_key, by=by, act=f"{act}_many").repeated:
            return []
        rows = {row.id: row for row in _locked(session, task_id, row_ids)}
        answers = [_answer(session, row_id, rows.get(row_id), one) for row_id in sorted(row_ids)]
    told = told_apart((answer.place, answer.path) for answer in answers)
    return [replace(answer, place=name) for answer, name in zip(answers, told, strict=True)]


def _locked(session: Session, task_id: int, row_ids: set[int]) -> Sequence[PointTask]:
    """The task, then those of its rows."""
    hold(session, Task, Task.id == task_id)
    return held(session, PointTask, PointTask.task_id == task_id, PointTask.id.in_(row_ids))


def _answer(
    session: Session, row_id: int, row: PointTask | None, one: Callable[[Session, PointTask], None]
) -> Answer:
    if row is None:
        return Answer(row_id, "", False, NOT_FOUND)
    try:
        one(session, row)
    except NotFound as refusal:
        return Answer(row.id, "", False, str(refusal))  # a foreign row: not even its place is told
    except Refusal as refusal:
        return Answer(row.id, row.place.name, False, str(refusal), row.place.path)
    return Answer(row.id, row.place.name, True, "", row.place.path)
