"""What becomes of messages that people already hold when their work ends, moves on or changes.

Called from the use cases, inside their transaction and before they announce:
the messages of the act itself are not meant.
"""

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from app import clock
from app.db import Session, among, session
from app.notices.about import MESSAGE, Which, about, held_by, lists_of, of_acts_on
from app.notices.aftercare import queue
from app.notices.aftercare.told import Former, withdrawals
from app.notices.queue import night
from app.people.models import Person
from app.tasks.access import ROW
from app.tasks.lifecycle import Act
from app.tasks.models import PointTask, Task
from app.tasks.telling import scopes
from app.tasks.telling.points import Point

TASK, ROWS = Task.__tablename__, PointTask.__tablename__
DONE = "已办结，不再提醒"
IMPLEMENTER = "implementer"
ALL_DONE = "您的点位已全部办结"  # what was handed on may still be open
NEWER = "请在最新的卡片上办理。"

OF_THE_CLOCK = (Act.REMIND, Act.OVERDUE, Act.ESCALATE)
"""What the clock says by itself."""


def revoked(session: Session, task: Task) -> None:
    """任务撤销: all messages of the task, whoever has them."""
    queue.withdraw(session, _all_of(task.id), words="任务已撤销。", grey="已撤销")


def gone(session: Session, task: Task, points: Sequence[Point], *, words: str, grey: str) -> None:
    """These rows left the task, or what was told of them no longer holds (去掉点位, 升级回退).

    A message that lists other rows, too, stays with whoever still has one of
    them: its link leads to what is left. `grey` has at most 10 characters.
    """
    people = {person for point in points for person in point.people}
    others = _people_of(session, task.id, ROW.id.not_in([point.id for point in points]))
    which = sa.or_(
        about(ROWS, [point.id for point in points]),
        sa.and_(lists_of(TASK, task.id), held_by(people - others)),
    )
    queue.withdraw(session, which, words=words, grey=grey)


def transferred(session: Session, row: PointTask, *, former: Person, to: Person) -> None:
    """转派: what the former 实施人 was told, unless they have another part in the row."""
    if former.id in (row.supervisor_id, row.service_manager_id):
        return
    which = about(ROWS, row.id)
    if former.id not in _people_of(session, row.task_id, ROW.id != row.id):
        which = sa.or_(which, of_acts_on(TASK, row.task_id))
    words = f"{row.place.name}已转派给{to.name}。"
    mine = sa.and_(held_by(former.id), which)
    queue.withdraw(session, mine, words=words, grey=f"已转派给{to.name}")


def closed(session: Session, row: PointTask, *, by: Person, but: int | None = None) -> None:
    """办结: every card about the row says so; `but` is the pressed one, which is answered by itself."""
    at = clock.shown(clock.now())
    which = sa.and_(about(ROWS, row.id), MESSAGE.id != (but or 0))
    queue.show(session, which, words=f"{by.name} {at} 办结", grey=f"已办结 {at[-5:]}")
    night.drop(session, [about(ROWS, row.id)], reason=DONE)
    if not _open_rows(session, row.task_id, row.implementer_id):
        lists = sa.and_(
            *(lists_of(TASK, row.task_id), held_by(row.implementer_id)),
            *(MESSAGE.audience == IMPLEMENTER, MESSAGE.id != (but or 0)),
        )
        queue.show(session, lists, words=f"{by.name} {at} 全部办结", grey=ALL_DONE)
        night.drop(session, [lists], reason=DONE)


def sent_back(session: Session, row: PointTask) -> None:
    """打回: cards that said 已办结 point to the one that comes now."""
    which = about(ROWS, row.id)
    queue.show(session, which, words=f"{row.place.name}被打回，{NEWER}", grey="已打回")


def edited(session: Session, task: Task, points: Sequence[Point], *, ringing: Collection[int]) -> None:
    """编辑任务: cards of those whom a newer one reaches point to it; others' cards stay usable.

    A card that lists rows of which the newer one does not speak stays as well.
    """
    if not ringing:
        return
    ids = [point.id for point in points]
    others = _people_of(session, task.id, sa.and_(PointTask.is_open, ROW.id.not_in(ids)))
    which = sa.or_(
        sa.and_(about(ROWS, ids), held_by(ringing)),
        sa.and_(lists_of(TASK, task.id), held_by(set(ringing) - others)),
    )
    goes_on = MESSAGE.act != Act.REVOKE  # that one speaks of rows that are no more
    queue.show(session, sa.and_(which, goes_on), words=f"任务已修改，{NEWER}", grey="已修改")


def cards_about(row_ids: Collection[int]) -> dict[tuple[int, int], list[int]]:
    """Messages about one of these rows alone whose card may still be changed, by row and recipient; a plain read."""
    return queue.cards_of(session(), about(ROWS, row_ids))


def overdue(session: Session, cards: Collection[int]) -> None:
    """已超期: these cards point to the reminder that comes now; where none comes, they stay as they are."""
    if cards:
        which = among(MESSAGE.id, cards)
        queue.show(session, which, words=f"任务已超期，{NEWER}", grey="已超期")


def drop_held(session: Session, task: Task, *, reason: str) -> int:
    """What the clock said of the task and waits for the morning is not said any more; the ledger keeps the reason."""
    held = [sa.and_(scope, MESSAGE.act.in_(OF_THE_CLOCK)) for scope in scopes.of_task(task.id)]
    return night.drop(session, held, reason=reason[:300])


def withdrawn_of_task(task_id: int) -> list[Former]:
    """Per person, how far messages of a task that hold no longer could be taken back."""
    return withdrawals(_all_of(task_id))


def withdrawn_of_row(row: PointTask) -> list[Former]:
    """Per person, how far messages about this row could be taken back.

    Messages that list several rows count for its own people, once the row was
    revoked or rolled back.
    """
    its_people = [one for one in (row.implementer_id, row.supervisor_id, row.service_manager_id) if one]
    whole: Which = sa.false()
    if row.revoked_at or row.rolled_back_at:
        whole = sa.and_(lists_of(TASK, row.task_id), held_by(its_people))
    return withdrawals(sa.or_(whole, about(ROWS, row.id)))


def _all_of(task_id: int) -> Which:
    """Messages of acts on the whole task, and those about one of its rows alone."""
    rows = sa.select(ROW.id).where(ROW.task_id == task_id)
    return sa.or_(of_acts_on(TASK, task_id), about(ROWS, rows))


def _people_of(session: Session, task_id: int, which: Which) -> set[int]:
    """Everyone with a part in live rows of the task that are `which`."""
    parts = sa.select(ROW.implementer_id, ROW.supervisor_id, ROW.service_manager_id)
    found = session.execute(parts.where(ROW.task_id == task_id, ROW.revoked_at.is_(None), which))
    return {person for row in found for person in row if person}


def _open_rows(session: Session, task_id: int, implementer_id: int) -> bool:
    session.flush()
    mine = (ROW.task_id == task_id, ROW.implementer_id == implementer_id)
    return bool(session.execute(sa.select(sa.exists().where(*mine, PointTask.is_open))).scalar())
