"""How much a day holds: accounts ceiling × 200 person-messages for one app (D 90312)."""

from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from flask import current_app

from app import clock
from app.db import Session, insert_once
from app.notices.models import SendingDay
from app.notices.pacing import QuietHours
from app.people.models import Person

PER_ACCOUNT = 200
USED_UP = "今天的发送额度（{most} 条）已用完，明天继续"


def most(current: Session) -> int:
    """The day's quota; without a configured ceiling at least every person here is an account."""
    accounts: int = current_app.config["WECOM_ACCOUNT_CEILING"]
    if not accounts:
        present = sa.select(sa.func.count()).select_from(Person).where(Person.left_at.is_(None))
        accounts = current.execute(present).scalar_one()
    return accounts * PER_ACCOUNT


def used(current: Session) -> int:
    """How many were handed to WeCom today, those on their way included."""
    query = sa.select(SendingDay.sent).where(SendingDay.day == clock.today())
    return current.execute(query).scalar() or 0


def take(current: Session, wanted: int, *, most: int) -> int:
    """Count up to `wanted` more as sent today; returns how many the day still holds."""
    over = min(max(_add(current, wanted) - most, 0), wanted)
    if over:
        _add(current, -over)
    return wanted - over


def give_back(current: Session, number: int) -> None:
    """So many were not taken by WeCom after all."""
    if number:
        _add(current, -number)


def _add(current: Session, number: int) -> int:
    """Change today's count; returns what it is then."""
    update = (
        sa.update(SendingDay)
        .where(SendingDay.day == clock.today())
        .values(sent=SendingDay.sent + number)
        .returning(SendingDay.sent)
        .execution_options(synchronize_session=False)
    )
    sent = current.execute(update).scalar()
    if sent is None:
        insert_once(current, SendingDay, {"day": clock.today(), "sent": 0})
        sent = current.execute(update).scalar_one()
    return sent


def tomorrow() -> datetime:
    """When the next day's quota may be used: after midnight, and after the quiet hours around it."""
    return openings()[1]


def openings() -> tuple[datetime, datetime]:
    """When the quota of this day may be used, and of the next: nobody waits for another one."""
    return _opening(clock.today()), _opening(clock.today() + timedelta(days=1))


def _opening(day: date) -> datetime:
    midnight = datetime.combine(day, time(0, 1), clock.SHANGHAI)
    quiet: QuietHours | None = current_app.config["QUIET_HOURS"]
    return (quiet.until(midnight) if quiet else None) or midnight
