"""The days on which people work or rest against what is announced; kept by administrators."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.db import Session, insert_once, session, transaction
from app.errors import BadInput, OutOfDate
from app.locks import held, repeatable
from app.people.models import Person
from app.work import calendar, history
from app.work.models import CalendarDay, HistoryEvent

SET_DAY = "set_calendar_day"
FIRST_YEAR, LAST_YEAR = 2004, 2050
LONGEST_NOTE = 100


@dataclass(frozen=True, slots=True)
class Day:
    """A day as the year's page shows it; `decided` where an administrator said otherwise."""

    date: date
    works: bool
    announced: bool
    holiday: str
    decided: bool
    note: str
    version: int

    @property
    def differs(self) -> bool:
        """True where the weekday alone would say something else: a day off in the week, a Saturday worked."""
        return self.works != (self.date.weekday() < 5)


def overrides(current: Session) -> dict[date, bool]:
    """What `calendar` takes; a handful of rows, read once per request or transaction."""
    query = sa.select(CalendarDay.day, CalendarDay.is_working).where(CalendarDay.is_working.is_not(None))
    return {day: bool(works) for day, works in current.execute(query)}


@repeatable
def set_day(day: date, *, by: Person, is_working: bool | None, note: str, seen_version: int) -> None:
    """Decide about a day, or with None let the announcement hold again; `seen_version` is 0 for a new one."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise BadInput("没有这一天，请从日历上选择。")
    if is_working is not None and not note:
        raise BadInput(fields={"note": "请写明依据，例如“公司年会，统一休息”。"})
    with transaction() as current:
        insert_once(current, CalendarDay, {"day": day, "is_working": None, "note": "", "version": 0})
        [row] = held(current, CalendarDay, CalendarDay.day == day)
        if row.version != seen_version:
            raise OutOfDate("这一天刚被其他管理员改过，请核对后重新提交。")
        before = row.is_working
        row.is_working, row.note = is_working, note if is_working is not None else ""
        row.version += 1
        history.record(
            current, row, SET_DAY, by=by, day=day.isoformat(), before=before, after=is_working, note=note
        )


def year(number: int) -> list[list[Day]]:
    """Every day of a year, month by month."""
    first, last = date(number, 1, 1), date(number, 12, 31)
    query = sa.select(CalendarDay).where(CalendarDay.day.between(first, last))
    decided = {row.day: row for row in session().execute(query).scalars()}
    months: list[list[Day]] = [[] for _ in range(12)]
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        months[day.month - 1].append(_day(day, decided.get(day)))
    return months


def changes(*, limit: int = 20) -> Sequence[HistoryEvent]:
    """The newest decisions, by whom."""
    query = (
        sa.select(HistoryEvent)
        .where(HistoryEvent.subject_kind == CalendarDay.__tablename__)
        .options(joinedload(HistoryEvent.by))
        .order_by(HistoryEvent.id.desc())
        .limit(limit)
    )
    return session().execute(query).unique().scalars().all()


def _day(day: date, row: CalendarDay | None) -> Day:
    is_working = row.is_working if row else None
    return Day(
        date=day,
        works=calendar.announced(day) if is_working is None else is_working,
        announced=calendar.announced(day),
        holiday=calendar.holiday_name(day),
        decided=is_working is not None,
        note=row.note if row else "",
        version=row.version if row else 0,
    )
