"""Working days: 国庆 2026, and a year whose holidays nobody has announced."""

from datetime import date

import pytest

from app import clock
from app.work import statutory
from app.work.calendar import (
    AS_ANNOUNCED,
    after_working_days,
    holiday_name,
    is_announced,
    is_working_day,
    next_working_hour,
    next_working_morning,
    working_days_before,
    working_days_since,
)
from app.work.calendar_days import LAST_YEAR


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 10, 1), False),  # 国庆
        (date(2026, 10, 10), True),  # a Saturday worked for it
        (date(2026, 11, 21), False),
        (date(2026, 11, 23), True),
        (date(2027, 1, 4), True),  # a Monday nobody has announced
        (date(2027, 1, 3), False),
        (date(2027, 1, 1), False),  # 元旦, a Friday: the law needs no announcement
        (date(2027, 2, 5), False),  # 除夕, a Friday
        (date(2027, 2, 8), False),  # 初三, a Monday
        (date(2027, 2, 9), True),
        (date(2027, 4, 5), False),  # 清明, a Monday
        (date(2028, 4, 4), False),  # and a day earlier in a leap year
        (date(2027, 6, 9), False),  # 端午, a Wednesday
        (date(2027, 9, 15), False),  # 中秋, a Wednesday
        (date(2028, 5, 2), False),  # 劳动节, a Tuesday
        (date(2027, 10, 1), False),  # 国庆, a Friday
        (date(2027, 10, 4), True),
        (date(2050, 1, 24), False),  # 初二, as far as the calendar goes
    ],
)
def test_holidays_make_up_days_and_weekends(day, works):
    assert is_working_day(day, overrides=AS_ANNOUNCED) is works


def test_a_year_without_announcement_is_said_to_be_an_estimate():
    assert is_announced(2026)
    assert not is_announced(2031)


@pytest.mark.parametrize("year", [2025, 2026])
def test_what_the_law_makes_free_is_free_by_every_announcement(year):
    free = statutory.days_off(year)

    assert len(free) == 13
    assert [day for day in free if is_working_day(day, overrides=AS_ANNOUNCED)] == []
    assert {holiday_name(day) for day in free} == set(free.values()) | {holiday_name(date(year, 10, 6))}


def test_thirteen_days_of_every_year_to_come_are_known_and_named():
    for year in range(2027, LAST_YEAR + 1):
        assert len(statutory.days_off(year)) in (12, 13), year  # 中秋 may fall on 国庆
    assert holiday_name(date(2027, 2, 5)) == "春节"


def test_three_working_days_before_the_holiday_end_after_it(told_time):
    due = after_working_days(3, since=told_time.at("2026-09-29 15:00"), overrides=AS_ANNOUNCED)

    assert clock.shown(due) == "2026-10-09 23:59"


def test_a_reminder_waits_for_the_next_working_morning(told_time):
    assert (
        clock.shown(next_working_morning(told_time.at("2026-11-20 18:30"), overrides=AS_ANNOUNCED))
        == "2026-11-23 09:00"
    )


@pytest.mark.parametrize("days", [0, -1, 251])
def test_nonsense_is_refused(days, told_time):
    with pytest.raises(ValueError, match="working days"):
        after_working_days(days, since=told_time.moment, overrides=AS_ANNOUNCED)


@pytest.mark.parametrize(
    ("since", "hour"),
    [
        ("2026-11-23 10:00", "2026-11-23 10:00"),
        ("2026-11-23 09:00", "2026-11-23 09:00"),
        ("2026-11-23 07:00", "2026-11-23 09:00"),
        ("2026-11-23 18:00", "2026-11-24 09:00"),
        ("2026-11-27 20:00", "2026-11-30 09:00"),  # over the weekend
        ("2026-11-28 10:00", "2026-11-30 09:00"),
    ],
)
def test_the_next_working_hour_is_now_or_a_working_morning(told_time, since, hour):
    found = next_working_hour(told_time.at(since), overrides=AS_ANNOUNCED)

    assert clock.shown(found) == hour


def test_a_day_is_named_after_its_festival_and_others_are_not():
    assert holiday_name(date(2026, 10, 1)) == "国庆节"
    assert holiday_name(date(2026, 10, 10)) == "国庆节"  # worked for it
    assert holiday_name(date(2026, 11, 23)) == holiday_name(date(2027, 3, 1)) == ""


def test_what_an_administrator_decided_holds_against_the_announcement():
    decided = {date(2026, 10, 1): True, date(2026, 11, 23): False}

    assert is_working_day(date(2026, 10, 1), overrides=decided)
    assert not is_working_day(date(2026, 11, 23), overrides=decided)
    assert is_working_day(date(2026, 11, 24), overrides=decided)


def test_working_days_are_counted_backwards_at_the_same_time_of_the_day(told_time):
    due = told_time.at("2026-10-09 15:30")
    found = [working_days_before(days, due, overrides=AS_ANNOUNCED) for days in (0, 1, 2, 3)]

    assert [clock.shown(moment) for moment in found] == [
        "2026-10-09 15:30",
        "2026-10-08 15:30",
        "2026-09-30 15:30",
        "2026-09-29 15:30",
    ]


@pytest.mark.parametrize(
    ("since", "until", "days"),
    [
        ("2026-11-23 00:10", "2026-11-23 23:50", 0),
        ("2026-11-23 23:50", "2026-11-24 00:10", 1),
        ("2026-11-20 12:00", "2026-11-23 12:00", 1),
        ("2026-09-29 12:00", "2026-10-09 12:00", 3),
        ("2026-11-24 12:00", "2026-11-23 12:00", 0),
    ],
)
def test_working_days_that_began_since_are_counted(told_time, since, until, days):
    began = told_time.at(since)

    assert working_days_since(began, until=told_time.at(until), overrides=AS_ANNOUNCED) == days


def test_a_year_of_working_days_is_the_most(told_time):
    began = told_time.at("2026-01-01 09:00")

    assert clock.shown(after_working_days(1, since=began, overrides=AS_ANNOUNCED)) == "2026-01-04 23:59"
    assert after_working_days(250, since=began, overrides=AS_ANNOUNCED) > told_time.at("2026-12-20 09:00")
