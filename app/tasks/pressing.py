"""办结 on the card itself: the same guards, words and history as the page, and the card says what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from app import clock
from app.db import Session, transaction
from app.errors import Refusal
from app.locks import repeatable
from app.notices import amendments
from app.notices.amendments import Press
from app.notices.models import Delivery
from app.people import queries as people
from app.people.models import Person
from app.tasks import implement, sent
from app.tasks.access import roles_of
from app.tasks.lifecycle import Act
from app.tasks.models import PointTask, Transfer
from app.tasks.points import open_row
from app.wecom import card_updates
from app.work import form_keys, seen

NOT_OURS = "找不到这张卡片对应的任务，请打开服务任务查看。"
NOBODY = "服务任务里还没有您的信息，请联系管理员。"
CHOOSE = "请先选择点位，再点办结。"
UNKNOWN_BUTTON = "这个按钮已不能使用，请打开任务办理。"
DONE = "已办结"
TOO_OLD = "请打开任务办理"


@dataclass(frozen=True, slots=True)
class Reply:
    """What the pressed card shows now; `grey` ends it."""

    words: str
    grey: str = ""
    card: Mapping[str, Any] | None = None


@repeatable
def close(press: Press) -> str:
    """办结 the row of the card, or the chosen one; returns what became of it, for the inbox.

    Facts decide, no version. A repeat of the same press changes nothing. What
    is refused is told on the card, as short as its rule can say it.
    """
    by = people.by_userid(press.userid)
    if by is None or by.left_at is not None:
        return _only_say(press, Reply(NOBODY, "无法办结"))
    row_id = _row_id(press)
    if row_id is None:
        return _only_say(press, Reply(CHOOSE))
    try:
        with transaction() as session:
            if form_keys.claim(session, press.once, by=by, act=Act.CLOSE).repeated:
                return "重复的点击，未再处理"
            row = open_row(session, row_id, None, by=by)
            message = amendments.message_of(session, press.uid)
            implement.save_close(session, row, by=by, pressed=message.id if message else None)
            seen.pressed(session, PointTask.__tablename__, [row.id], by=by)
            reply = _now(session, message, row, by, words=f"{_named(row, message)} {DONE}")
            _answer(session, press, message, reply)
            return DONE
    except Refusal as refusal:
        return _refused(press, row_id, by, refusal.short)


def unknown(press: Press) -> str:
    """A button that no longer leads anywhere; the card says so."""
    return _only_say(press, Reply(UNKNOWN_BUTTON))


def _row_id(press: Press) -> int | None:
    named = press.key.partition(":")[2] or press.chosen
    return int(named) if named.isascii() and named.isdigit() and len(named) < 10 else None


@repeatable
def _refused(press: Press, row_id: int, by: Person, sentence: str) -> str:
    """The reason on the card, and the row as it stands: a press may come long after the card."""
    with transaction() as session:
        message = amendments.message_of(session, press.uid)
        row = session.get(PointTask, row_id)
        if row is None or (message is None and not roles_of(by, row)):
            _answer(session, press, message, Reply(NOT_OURS, "任务不存在"))
            return NOT_OURS
        words = _moved_on(session, row, by) or sentence
        if roles_of(by, row):
            seen.pressed(session, PointTask.__tablename__, [row.id], by=by)
            words = f"{_named(row, message)}：{words}" if _choices(message) else words
        _answer(session, press, message, _now(session, message, row, by, words=words))
        return words


@repeatable
def _only_say(press: Press, reply: Reply) -> str:
    with transaction() as session:
        _answer(session, press, amendments.message_of(session, press.uid), reply)
    return reply.words


def _answer(session: Session, press: Press, message: Delivery | None, reply: Reply) -> None:
    """A card whose message is not kept any more cannot be drawn again; all it can show is a grey word."""
    grey = reply.grey or ("" if message else TOO_OLD)
    amendments.answer(session, press, message, words=reply.words, grey=grey, card=reply.card)


def _choices(message: Delivery | None) -> dict[str, Any]:
    return card_updates.choices_of(message.body) if message else {}


def _named(row: PointTask, message: Delivery | None) -> str:
    """The place as the card's list names it, which tells equal names apart."""
    options = _choices(message).get("option_list", [])
    return next((str(one["text"]) for one in options if one["id"] == str(row.id)), row.place.name)


def _moved_on(session: Session, row: PointTask, by: Person) -> str:
    """For someone who had the row and no longer has a part in it: who has it now."""
    handed = sa.exists().where(Transfer.point_task_id == row.id, Transfer.from_id == by.id)
    if roles_of(by, row) or not session.execute(sa.select(handed)).scalar():
        return ""
    return f"{row.place.name}已转派给{row.implementer.name}。"


def _now(session: Session, message: Delivery | None, row: PointTask, by: Person, *, words: str) -> Reply:
    """The card as the row stands: ended, or with the rows that can still be chosen."""
    choices = _choices(message)
    if not choices:
        return Reply(words, _end_of(row, by))
    session.flush()
    ids = [int(option["id"]) for option in choices["option_list"]]
    open_ids = sa.select(PointTask.id).where(
        PointTask.id.in_(ids),
        PointTask.implementer_id == by.id,
        PointTask.closed_at.is_(None),
        PointTask.revoked_at.is_(None),
    )
    left = set(session.execute(open_ids).scalars())
    options = [option for option in choices["option_list"] if int(option["id"]) in left]
    if not options:
        return Reply(words, sent.ALL_DONE if row.revoked_at is None else "已撤销")
    selected = {"selected_id": str(row.id)} if row.id in left else {}
    selection = {"question_key": choices["question_key"], "title": choices["title"]}
    return Reply(words, card={"button_selection": {**selection, "option_list": options, **selected}})


def _end_of(row: PointTask, by: Person) -> str:
    """The grey word of a card with nothing left to press; empty where there is."""
    if row.revoked_at:
        return "已撤销"
    if row.closed_at:
        return f"{DONE} {clock.shown(row.closed_at)[-5:]}"
    return "" if roles_of(by, row) else "不能办理"
