"""Working days of China: holidays and 调休 as announced, weekends where nothing is announced yet."""

from datetime import date, datetime, time, timedelta
from functools import lru_cache

import chinese_calendar

from app import clock

MORNING = time(9, 0)
END_OF_DAY = time(23, 59, 59)
MOST_DAYS = 250


@lru_cache(maxsize=2048)
def is_working_day(day: date) -> bool:
    """True on days when people work, make-up Saturdays included."""
    if not is_announced(day.year):
        return day.weekday() < 5
    return bool(chinese_calendar.is_workday(day))


@lru_cache(maxsize=64)
def is_announced(year: int) -> bool:
    """False where the holidays of `year` are not published yet and weekends are all that is known."""
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def after_working_days(days: int, *, since: datetime) -> datetime:
    """The end of the `days`-th working day after `since` (“N 个工作日内”), as a UTC moment.

    The day of `since` itself does not count. ValueError outside 1…250.
    """
    if not 1 <= days <= MOST_DAYS:
        raise ValueError(f"{days} working days")
    day = clock.local(since).date()
    while days:
        day += timedelta(days=1)
        days -= is_working_day(day)
    return clock.from_local(datetime.combine(day, END_OF_DAY))


def working_days_before(days: int, moment: datetime) -> datetime:
    """The same time of the day, `days` working days earlier."""
    local = clock.local(moment)
    day = local.date()
    while days:
        day -= timedelta(days=1)
        days -= is_working_day(day)
    return clock.from_local(datetime.combine(day, local.time()))


def working_days_since(since: datetime, *, until: datetime) -> int:
    """How many working days began after the day of `since`, the day of `until` included."""
    day, last, days = clock.local(since).date(), clock.local(until).date(), 0
    while day < last:
        day += timedelta(days=1)
        days += is_working_day(day)
    return days


def next_working_morning(since: datetime) -> datetime:
    """Nine o'clock of the first working day after the day of `since`, as a UTC moment."""
    day = clock.local(since).date() + timedelta(days=1)
    while not is_working_day(day):
        day += timedelta(days=1)
    return clock.from_local(datetime.combine(day, MORNING))
