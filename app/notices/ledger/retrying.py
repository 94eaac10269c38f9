"""What people do about messages that did not arrive: 补发 and 忽略."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from app import clock
from app.db import Session, changed_rows, session, transaction
from app.errors import Conflict, NotFound
from app.locks import held, held_one, hold, repeatable
from app.notices.about import MESSAGE
from app.notices.aftercare import queue as aftercare
from app.notices.ledger.lines import ANYTHING, EVERYTHING, JOINED, Asked, Scopes
from app.notices.models import NOT_ARRIVED, PLAINLY_NOT, TROUBLED, Amendment, Delivery, Outcome
from app.notices.queue import outbox
from app.people.models import Person
from app.work import history

RETRY, IGNORE = "retry", "ignore"
NO_SUCH = "没有这条通知。"
RESTORED = "备份里还没有发出，备份之后可能已经发过，请核对后补发"
ASK_FIRST_OF_ALL = "企业微信可能已经收下其中一些，补发后有人可能收到两条。请先抽查核实，再确认补发。"
ASK_FIRST = "企业微信可能已经收下这条通知，补发后对方可能收到两条。请先向本人核实，再确认补发。"


@repeatable
def retry(delivery_id: int, *, by: Person | None, within: Scopes = EVERYTHING, sure: bool = False) -> None:
    """Send a message again that was settled without reaching its person (补发).

    `within` are the messages that `by` may mend. A message of unknown outcome
    is sent again only to someone who is `sure` that it did not arrive.
    """
    with transaction() as current:
        row = _found(current, delivery_id, within)
        if row.outcome not in NOT_ARRIVED:
            raise Conflict(f"这条通知的状态是“{row.outcome}”，不需要补发。")
        if _has_left(current, row):
            raise Conflict("接收人已离职，补发也送不到。请把他的工作转给别人，或忽略这条通知。")
        if words := _withdrawn(current, row):
            raise Conflict(f"{words}这条通知不用再补发，可以忽略。")
        if row.outcome == Outcome.UNKNOWN and not sure:
            raise Conflict(ASK_FIRST)
        _queue_again(current, [row], by=by)


@repeatable
def retry_all(scopes: Scopes, *, by: Person) -> int:
    """补发 everything of these that a repeat can help; 结果未知 is left to a closer look. Returns how many."""
    with transaction() as current:
        rows = held(current, Delivery, _mendable(scopes), Delivery.outcome.in_(PLAINLY_NOT))
        _queue_again(current, rows, by=by)
        return len(rows)


def doubtful(scopes: Scopes, asked: Asked = ANYTHING) -> int:
    """How many of these are 结果未知 and could be sent again together, by who has looked at the list."""
    return session().execute(sa.select(sa.func.count()).where(_doubtful(scopes, asked))).scalar_one()


@repeatable
def retry_doubtful(scopes: Scopes, asked: Asked = ANYTHING, *, seen_at: datetime, by: Person | None) -> int:
    """补发 all of these that are 结果未知; returns how many.

    `seen_at` is when `by` looked at the list: what came to be in doubt later has been looked at by nobody.
    """
    with transaction() as current:
        rows = held(current, Delivery, _doubtful(scopes, asked), Delivery.settled_at <= seen_at)
        _queue_again(current, rows, by=by)
        return len(rows)


def _doubtful(scopes: Scopes, asked: Asked) -> sa.ColumnElement[bool]:
    return sa.and_(_mendable(scopes, asked), Delivery.outcome == Outcome.UNKNOWN)


def _mendable(scopes: Scopes, asked: Asked = ANYTHING) -> sa.ColumnElement[bool]:
    """Whatever of these did not arrive and still has somebody to reach and something to say."""
    troubled = sa.union_all(*(sa.select(MESSAGE.id).where(TROUBLED, scope) for scope in scopes))
    sent_as = sa.func.coalesce(MESSAGE.merged_into_id, MESSAGE.id)
    ids = sa.select(sent_as).select_from(JOINED).where(MESSAGE.id.in_(troubled), *asked.conditions())
    gone = sa.select(Person.id).where(Person.left_at.is_not(None))
    return sa.and_(
        Delivery.id.in_(ids),
        Delivery.ignored_at.is_(None),
        Delivery.recipient_id.not_in(gone),
        ~aftercare.withdrawn(Delivery.id),
    )


@repeatable
def restored() -> int:
    """A backup was put back: what waits in it may have been sent since, so it is left to a person; returns how many.

    Nothing goes out before somebody has looked, and sends again (补发) what did not arrive.
    """
    waits = Delivery.outcome.in_((Outcome.PENDING, Outcome.SENDING))
    values = {
        "outcome": Outcome.UNKNOWN,
        "reason": RESTORED,
        "next_at": None,
        "lease_token": None,
        "settled_at": clock.now(),
    }
    with transaction() as current:
        hold(current, Delivery, waits)
        update = sa.update(Delivery).where(waits).values(values).execution_options(synchronize_session=False)
        return changed_rows(current.execute(update))


@repeatable
def ignore(delivery_id: int, *, by: Person, within: Scopes) -> None:
    """忽略: it did not arrive and that is all right; it no longer counts as 未送达."""
    with transaction() as current:
        row = _found(current, delivery_id, within)
        if row.outcome not in NOT_ARRIVED:
            raise Conflict(f"这条通知的状态是“{row.outcome}”，不需要处理。")
        if row.ignored_at is None:
            row.ignored_at, row.ignored_by_id = clock.now(), by.id
            history.record_many(current, Delivery, {row.id: {"was": row.outcome}}, IGNORE, by=by)


def _found(current: Session, delivery_id: int, within: Scopes) -> Delivery:
    """The message for change; a merged one stands for the message that carries it."""
    found = held(current, Delivery, Delivery.id == delivery_id, sa.or_(sa.false(), *within))
    row = found[0] if found else None
    if row is not None and row.merged_into_id is not None:
        row = held_one(current, Delivery, row.merged_into_id)
    if row is None:
        raise NotFound(NO_SUCH)
    return row


def _has_left(current: Session, row: Delivery) -> bool:
    person = current.get(Person, row.recipient_id)
    return person is None or person.left_at is not None


def _withdrawn(current: Session, row: Delivery) -> str:
    """What became of the work that the message hands out, where it is gone."""
    query = sa.select(Amendment.words).where(Amendment.delivery_id == row.id, Amendment.withdraws)
    return current.execute(query.limit(1)).scalar() or ""


def _queue_again(current: Session, rows: Sequence[Delivery], *, by: Person | None) -> None:
    """Waiting again, and remembered who wanted it.

    What was refused goes out under a new uid, or WeCom would answer for hours
    as it did the first time. What may have arrived keeps its bytes and stays in
    doubt, so that WeCom can recognise it and a refusal as a repeat (42014)
    means that the first one did arrive.
    """
    now = clock.now()
    history.record_many(current, Delivery, {row.id: {"was": row.outcome} for row in rows}, RETRY, by=by)
    for row, uid in zip(rows, outbox.new_uids(len(rows), at=now), strict=True):
        unknown = row.outcome == Outcome.UNKNOWN
        if not unknown:
            row.body, row.uid = row.body.replace(row.uid.encode(), uid.encode()), uid
        row.doubtful_since = now if unknown else None
        row.outcome, row.reason, row.errcode, row.attempts = Outcome.PENDING, "", None, 0
        row.ignored_at = row.ignored_by_id = row.settled_at = None
        row.next_at = now
