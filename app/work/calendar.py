"""Working days of China: holidays and 调休 as announced; what the law says and weekends where nothing is yet. Pure.

`overrides` are the days that an administrator decided otherwise, see
`calendar_days.overrides`; whoever has none at hand says `AS_ANNOUNCED`.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import chinese_calendar

from app import clock
from app.work import statutory

MORNING = time(9, 0)
EVENING = time(18, 0)
END_OF_DAY = time(23, 59, 59)
MOST_DAYS = 250

Overrides = Mapping[date, bool]
"""Day → whether people work on it, against what is announced."""
AS_ANNOUNCED: Overrides = {}


def is_working_day(day: date, *, overrides: Overrides) -> bool:
    """True on days when people work, make-up Saturdays included."""
    decided = overrides.get(day)
    return announced(day) if decided is None else decided


@lru_cache(maxsize=2048)
def announced(day: date) -> bool:
    """Whether people work on `day` by what is published; by the law and the weekday where nothing is yet."""
    if not is_announced(day.year):
        return day.weekday() < 5 and day not in statutory.days_off(day.year)
    return bool(chinese_calendar.is_workday(day))


@lru_cache(maxsize=64)
def is_announced(year: int) -> bool:
    """False where the holidays of `year` are not published yet: which weekends are worked for them is not known."""
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:  # so the library says that it knows nothing of this year
        return False
    return True


def holiday_name(day: date) -> str:
    """国庆节, 春节, … for the days off, and for the make-up days worked for them; empty for all others."""
    if not is_announced(day.year):
        return statutory.days_off(day.year).get(day, "")
    name = chinese_calendar.get_holiday_detail(day)[1]
    return chinese_calendar.Holiday(name).chinese if name else ""


def after_working_days(days: int, *, since: datetime, overrides: Overrides) -> datetime:
    """The end of the `days`-th working day after `since` (“N 个工作日内”), as a UTC moment.

    The day of `since` itself does not count. ValueError outside 1…250.
    """
    if not 1 <= days <= MOST_DAYS:
        raise ValueError(f"{days} working days")
    day = clock.local(since).date()
    while days:
        day += timedelta(days=1)
        days -= is_working_day(day, overrides=overrides)
    return clock.from_local(datetime.combine(day, END_OF_DAY))


def working_days_before(days: int, moment: datetime, *, overrides: Overrides) -> datetime:
    """The same time of the day, `days` working days earlier."""
    local = clock.local(moment)
    day = local.date()
    while days:
        day -= timedelta(days=1)
        days -= is_working_day(day, overrides=overrides)
    return clock.from_local(datetime.combine(day, local.time()))


def working_days_since(since: datetime, *, until: datetime, overrides: Overrides) -> int:
    """How many working days began after the day of `since`, the day of `until` included."""
    day, last, days = clock.local(since).date(), clock.local(until).date(), 0
    while day < last:
        day += timedelta(days=1)
        days += is_working_day(day, overrides=overrides)
    return days


def next_working_morning(since: datetime, *, overrides: Overrides) -> datetime:
    """Nine o'clock of the first working day after the day of `since`, as a UTC moment."""
    day = clock.local(since).date() + timedelta(days=1)
    while not is_working_day(day, overrides=overrides):
        day += timedelta(days=1)
    return clock.from_local(datetime.combine(day, MORNING))


def next_working_hour(since: datetime, *, overrides: Overrides) -> datetime:
    """`since` itself where people are at work then, else nine o'clock of the next working day."""
    local = clock.local(since)
    if is_working_day(local.date(), overrides=overrides):
        if MORNING <= local.time() < EVENING:
            return since
        if local.time() < MORNING:
            return clock.from_local(datetime.combine(local.date(), MORNING))
    return next_working_morning(since, overrides=overrides)
