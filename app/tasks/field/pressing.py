"""办结 on the card itself: the same guards, words and history as the page."""

import sqlalchemy as sa

from app import clock
from app.db import Session
from app.notices import presses
from app.notices.aftercare.queue import Press
from app.notices.models import Delivery
from app.notices.presses import Button, Standing
from app.people.models import Person
from app.tasks.access import roles_of
from app.tasks.field import implement
from app.tasks.lifecycle import Act
from app.tasks.loading import open_row
from app.tasks.models import PointTask, Transfer
from app.tasks.telling import aftercare
from app.work import seen

NOT_OURS = "找不到这张卡片对应的任务，请打开服务任务查看。"
CHOOSE = "请先选择点位，再点办结。"
DONE = "已办结"


def _close(session: Session, row_id: int, by: Person, press: Press) -> Standing:
    row = open_row(session, row_id, None, by=by)
    message = presses.message_of(session, press)
    implement.save_close(session, row, by=by, pressed=message.id if message else None)
    seen.pressed(session, PointTask.__tablename__, [row.id], by=by)
    return _now(session, message, row, by, words=f"{_named(row, message)} {DONE}")


def _refused(session: Session, row_id: int, by: Person, message: Delivery | None, sentence: str) -> Standing:
    """The reason on the card, and the row as it stands."""
    row = session.get(PointTask, row_id)
    if row is None or (message is None and not roles_of(by, row)):
        return Standing(NOT_OURS, "任务不存在")
    words = _moved_on(session, row, by) or sentence
    if roles_of(by, row):
        seen.pressed(session, PointTask.__tablename__, [row.id], by=by)
        if presses.choices_of(message):
            words = f"{_named(row, message)}：{words}"
    return _now(session, message, row, by, words=words)


CLOSE = Button(act=Act.CLOSE, choose=CHOOSE, do=_close, refused=_refused, done=DONE, cannot="无法办结")
"""办结 the row of the card, or the chosen one."""


def _named(row: PointTask, message: Delivery | None) -> str:
    """The place as the card's list names it, which tells equal names apart."""
    return presses.option_named(message, row.id) or row.place.name


def _moved_on(session: Session, row: PointTask, by: Person) -> str:
    """For someone who had the row and no longer has a part in it: who has it now."""
    handed = sa.exists().where(Transfer.point_task_id == row.id, Transfer.from_id == by.id)
    if roles_of(by, row) or not session.execute(sa.select(handed)).scalar():
        return ""
    return f"{row.place.name}已转派给{row.implementer.name}。"


def _now(session: Session, message: Delivery | None, row: PointTask, by: Person, *, words: str) -> Standing:
    """The card as the row stands: ended, or with the rows that can still be chosen."""
    listed = presses.choices_of(message)
    if not listed:
        return Standing(words, _end_of(row, by))
    session.flush()
    still_open = (PointTask.id.in_(listed), PointTask.implementer_id == by.id, PointTask.is_open)
    left = set(session.execute(sa.select(PointTask.id).where(*still_open)).scalars())
    if not left:
        return Standing(words, "已撤销" if row.revoked_at else aftercare.ALL_DONE)
    return Standing(words, left=left, chosen=row.id)


def _end_of(row: PointTask, by: Person) -> str:
    """The grey word of a card with nothing left to press; empty where there is."""
    if row.revoked_at:
        return "已撤销"
    if row.closed_at:
        return f"{DONE} {clock.shown(row.closed_at)[-5:]}"
    return "" if roles_of(by, row) else "不能办理"
