"""Notices and their proof: one delivery per person and act."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Id, partial_index

# Kept back for the night and not yet released; text, for a partial index wants to see it word for word.
HELD = sa.text("held_until IS NOT NULL AND next_at IS NULL AND outcome = '待发'")


# What may not have reached its person: few rows, so that the page of a large task finds them at once.
TROUBLED = sa.text("outcome IN ('被拒', '无效账号', '无许可', '结果未知', '已合并') AND ignored_at IS NULL")


class Outcome(StrEnum):
    """What became of a delivery, as the ledger shows it."""

    IN_APP = "站内"  # read in the app only, by its nature or by the person's choice (reason)
    PENDING = "待发"
    SENDING = "发送中"
    ACCEPTED = "已受理"
    REFUSED = "被拒"
    INVALID_ACCOUNT = "无效账号"
    UNLICENSED = "无许可"
    UNKNOWN = "结果未知"
    SUPPRESSED = "已抑制"  # on purpose not said at all (reason)
    MERGED = "已合并"  # said by another message: the morning's digest
    RECALLED = "已撤回"
    UPDATED = "已更新"


# What did not arrive can be sent again without a second thought; 结果未知 may have arrived, so a person is asked first.
PLAINLY_NOT = (Outcome.REFUSED, Outcome.INVALID_ACCOUNT, Outcome.UNLICENSED)
NOT_ARRIVED = (*PLAINLY_NOT, Outcome.UNKNOWN)


class Delivery(Base):
    """One message to one person, with the exact bytes that are sent.

    The unique key (event, wording, recipient) makes it impossible to announce
    an act twice; `lease_token` stands on every change of outcome, so that a
    sender that lost its lease cannot overwrite its successor's record.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        sa.UniqueConstraint("event_id", "wording", "recipient_id"),
        sa.Index("ix_delivery_recipient_id_id", "recipient_id", "id"),
        partial_index("ix_delivery_due", "next_at", "id", where="next_at IS NOT NULL"),
        partial_index("ix_delivery_tried", "recipient_id", "tried_at", where="tried_at IS NOT NULL"),
        sa.Index("ix_delivery_subject", "subject_kind", "subject_id", "id"),
        partial_index("ix_delivery_held", "held_until", "recipient_id", where=HELD),
        partial_index("ix_delivery_troubled", "subject_kind", "subject_id", where=TROUBLED),
        # Whose digest is this? Asked for every message that is deleted.
        partial_index("ix_delivery_merged_into_id", "merged_into_id", where="merged_into_id IS NOT NULL"),
        sa.CheckConstraint("(about_id IS NULL) = (about_kind IS NULL)", name="about_kind_iff_about"),
        sa.CheckConstraint("(ignored_at IS NULL) = (ignored_by_id IS NULL)", name="ignored_by_iff_ignored"),
        partial_index("ix_delivery_about", "about_kind", "about_id", where="about_id IS NOT NULL"),
    )

    id: Mapped[Id]
    uid: Mapped[str] = mapped_column(sa.String(40), unique=True)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("history_event.id"))
    subject_kind: Mapped[str] = mapped_column(sa.String(30))
    subject_id: Mapped[int]
    # The one row that it is about, its table and id; empty where it names several.
    about_kind: Mapped[str | None] = mapped_column(sa.String(30))
    about_id: Mapped[int | None]
    wording: Mapped[str] = mapped_column(sa.String(60))  # the text: roll_back.upgraded
    act: Mapped[str] = mapped_column(sa.String(40))  # of which it tells: roll_back
    audience: Mapped[str] = mapped_column(sa.String(30))  # the part in which it is read: implementer
    recipient_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    title: Mapped[str] = mapped_column(sa.String(128))
    text: Mapped[str]  # the plain wording, as the person reads it
    link: Mapped[str] = mapped_column(sa.String(500))  # a path of ours
    body: Mapped[bytes]  # frozen: resent byte for byte
    outcome: Mapped[str] = mapped_column(sa.String(10))
    reason: Mapped[str] = mapped_column(sa.String(300), default="")
    errcode: Mapped[int | None]
    attempts: Mapped[int] = mapped_column(default=0)
    # When the sender must look at the row: due time while 待发, end of the lease while 发送中, else empty.
    next_at: Mapped[datetime | None]
    # Kept back for the night until then; the sender does not look at it before it was released.
    held_until: Mapped[datetime | None]
    merged_into_id: Mapped[int | None] = mapped_column(sa.ForeignKey("delivery.id"))
    lease_token: Mapped[str | None] = mapped_column(sa.String(40))
    tried_at: Mapped[datetime | None]  # the latest try; pacing counts these per person
    # Since when WeCom may already have the message: the first try without a verdict.
    doubtful_since: Mapped[datetime | None]
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    msgid: Mapped[str | None] = mapped_column(sa.String(128))
    response_code: Mapped[str | None] = mapped_column(sa.String(600))  # empty again once it is used up
    read_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]  # when its recipient first came through a link of it
    # Somebody looked at a message that did not arrive and let it be (忽略).
    ignored_at: Mapped[datetime | None]
    ignored_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))


class Amendment(Base):
    """善后: what is still to happen to a message that a person holds.

    Written with the change that makes it necessary, carried out by the sender.
    `withdraws`: the work is gone, so the message is recalled as long as WeCom
    allows it. Else, or later, its card shows `words`, and `grey` in the place
    of its buttons where there is nothing left to press. A press brings its own
    `response_code`; without one the message's own is used, once.
    """

    __tablename__ = "amendment"
    __table_args__ = (partial_index("ix_amendment_due", "next_at", "id", where="next_at IS NOT NULL"),)

    id: Mapped[Id]
    delivery_id: Mapped[int | None] = mapped_column(sa.ForeignKey("delivery.id"), index=True)
    userid: Mapped[str] = mapped_column(sa.String(64))
    withdraws: Mapped[bool] = mapped_column(default=False)
    too_late: Mapped[bool] = mapped_column(default=False)  # WeCom would not recall it any more
    words: Mapped[str] = mapped_column(sa.String(300), default="")
    grey: Mapped[str] = mapped_column(sa.String(20), default="")
    card: Mapped[dict[str, Any] | None]  # parts of the card that change besides, such as what can be chosen
    response_code: Mapped[str | None] = mapped_column(sa.String(600), unique=True)
    outcome: Mapped[str] = mapped_column(sa.String(10), default=Outcome.PENDING)
    reason: Mapped[str] = mapped_column(sa.String(300), default="")
    errcode: Mapped[int | None]
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None]
    lease_token: Mapped[str | None] = mapped_column(sa.String(40))
    doubtful_since: Mapped[datetime | None]
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class DayTotal(Base):
    """汇总: how many old records of one kind a day had; the records themselves are deleted."""

    __tablename__ = "day_total"

    day: Mapped[date] = mapped_column(primary_key=True)  # in Shanghai, on which they were written
    kind: Mapped[str] = mapped_column(sa.String(10), primary_key=True)  # 通知, 卡片改动, 回调
    what: Mapped[str] = mapped_column(sa.String(60), primary_key=True)  # a wording, an event
    outcome: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    number: Mapped[int]


class Stoppage(Base):
    """Why and until when nothing is sent; one row, absent while all is well."""

    __tablename__ = "queue_pause"

    id: Mapped[Id]
    reason: Mapped[str] = mapped_column(sa.String(300))
    errcode: Mapped[int | None]
    since: Mapped[datetime]
    until: Mapped[datetime]


class WordingText(Base):
    """A text that an administrator put in place of the shipped one; none where the shipped one is back."""

    __tablename__ = "wording"

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(sa.String(60), unique=True)  # publish.implementer
    text: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=0)


class MutedWording(Base):
    """A person who reads this wording in the app only, by own choice."""

    __tablename__ = "muted_wording"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    wording: Mapped[str] = mapped_column(sa.String(60), primary_key=True)


class SendingDay(Base):
    """How many messages the app handed to WeCom on a day in Shanghai; the quota counts these."""

    __tablename__ = "sending_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    sent: Mapped[int]
