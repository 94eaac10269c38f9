"""A press of a card's button: the same act as on the page, and the card says what came of it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from app.db import Session, transaction
from app.errors import Refusal
from app.locks import repeatable
from app.notices.aftercare import queue as aftercare
from app.notices.aftercare.queue import Press
from app.notices.models import Delivery
from app.people import queries as people
from app.people.models import Person
from app.wecom import card_updates
from app.work import form_keys

NOBODY = "服务任务里还没有您的信息，请联系管理员。"
UNKNOWN_BUTTON = "这个按钮已不能使用，请打开服务任务办理。"
REPEATED = "重复的点击，未再处理"
TOO_OLD = "请打开服务任务办理"


@dataclass(frozen=True, slots=True)
class Standing:
    """The pressed card as the row stands now: it says `words`, and `grey` ends it.

    Where it has a drop-down, `left` are the ids that can still be chosen and `chosen` the one that stays so.
    """

    words: str
    grey: str = ""
    left: Collection[int] | None = None
    chosen: int | None = None


@dataclass(frozen=True)
class Button:
    """What a button of a card does.

    `do` acts on a row inside the transaction, by the person who pressed, and says how the card stands then; a
    Refusal takes the act back. It locks its rows before it asks for the `message_of` the press, as everybody
    does. `refused` says how the card stands after a refusal, given its sentence and the message (None where it
    is kept no more): a press may come long after the card.
    """

    act: str
    choose: str  # said where nothing was chosen
    do: Callable[[Session, int, Person, Press], Standing]
    refused: Callable[[Session, int, Person, Delivery | None, str], Standing]
    done: str  # what the record of the press says
    cannot: str  # the grey word for somebody who is not known


@repeatable
def carry_out(press: Press, button: Button) -> str:
    """Act as the button says; returns what became of the press, for its record.

    Facts decide, no version. A repeat of the same press changes nothing. What is refused is told on the card,
    as short as its rule can say it.
    """
    by = people.by_userid(press.userid)
    if by is None or by.left_at is not None:
        return only_say(press, Standing(NOBODY, button.cannot))
    row_id = _row_id(press)
    if row_id is None:
        return only_say(press, Standing(button.choose))
    try:
        with transaction() as session:
            if form_keys.claim(session, press.once, by=by, act=button.act).repeated:
                return REPEATED
            standing = button.do(session, row_id, by, press)
            _answer(session, press, message_of(session, press), standing)
            return button.done
    except Refusal as refusal:
        return _refused(press, button, row_id, by, refusal.short)


def unknown(press: Press) -> str:
    """A button that no longer leads anywhere; the card says so."""
    return only_say(press, Standing(UNKNOWN_BUTTON))


@repeatable
def only_say(press: Press, standing: Standing) -> str:
    """The card says something, and nothing else happens."""
    with transaction() as session:
        _answer(session, press, message_of(session, press), standing)
    return standing.words


def message_of(session: Session, press: Press) -> Delivery | None:
    """The message whose card was pressed, locked; None where it is kept no more."""
    return aftercare.message_of(session, press.uid)


def option_named(message: Delivery | None, row_id: int) -> str:
    """How the card's drop-down names a row; "" where it has none or the row is not in it."""
    options = _drop_down(message).get("option_list", [])
    return next((str(one["text"]) for one in options if one["id"] == str(row_id)), "")


def choices_of(message: Delivery | None) -> list[int]:
    """The ids in the card's drop-down; empty where it has none."""
    return [int(option["id"]) for option in _drop_down(message).get("option_list", [])]


def _row_id(press: Press) -> int | None:
    named = press.key.partition(":")[2] or press.chosen
    return int(named) if named.isascii() and named.isdigit() and len(named) < 10 else None


@repeatable
def _refused(press: Press, button: Button, row_id: int, by: Person, sentence: str) -> str:
    with transaction() as session:
        message = message_of(session, press)
        standing = button.refused(session, row_id, by, message, sentence)
        _answer(session, press, message, standing)
        return standing.words


def _answer(session: Session, press: Press, message: Delivery | None, standing: Standing) -> None:
    """A card whose message is not kept any more cannot be drawn again; all it can show is a grey word."""
    grey = standing.grey or ("" if message else TOO_OLD)
    card = _with_what_is_left(message, standing)
    aftercare.answer(session, press, message, words=standing.words, grey=grey, card=card)


def _with_what_is_left(message: Delivery | None, standing: Standing) -> dict[str, Any] | None:
    """The drop-down with the rows that can still be chosen."""
    drop_down = _drop_down(message)
    if not drop_down or not standing.left:
        return None
    selection = {name: drop_down[name] for name in ("question_key", "title")}
    selection["option_list"] = [one for one in drop_down["option_list"] if int(one["id"]) in standing.left]
    if standing.chosen in standing.left:
        selection["selected_id"] = str(standing.chosen)
    return {"button_selection": selection}


def _drop_down(message: Delivery | None) -> dict[str, Any]:
    return card_updates.choices_of(message.body) if message else {}
