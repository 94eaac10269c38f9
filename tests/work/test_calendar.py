"""Working days: 国庆 2026, and a year whose holidays nobody has announced."""

from datetime import date

import pytest

from app import clock
from app.work.calendar import (
    AS_ANNOUNCED,
    after_working_days,
    is_announced,
    is_working_day,
    next_working_hour,
    next_working_morning,
)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 10, 1), False),  # 国庆
        (date(2026, 10, 10), True),  # a Saturday worked for it
        (date(2026, 11, 21), False),
        (date(2026, 11, 23), True),
        (date(2027, 1, 4), True),  # a Monday nobody has announced
        (date(2027, 1, 3), False),
    ],
)
def test_holidays_make_up_days_and_weekends(day, works):
    assert is_working_day(day, overrides=AS_ANNOUNCED) is works


def test_a_year_without_announcement_is_said_to_be_an_estimate():
    assert is_announced(2026)
    assert not is_announced(2031)


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
        ("2026-11-23 07:00", "2026-11-23 09:00"),
        ("2026-11-23 18:00", "2026-11-24 09:00"),
        ("2026-11-27 20:00", "2026-11-30 09:00"),  # over the weekend
        ("2026-11-28 10:00", "2026-11-30 09:00"),
    ],
)
def test_the_next_working_hour_is_now_or_a_working_morning(told_time, since, hour):
    found = next_working_hour(told_time.at(since), overrides=AS_ANNOUNCED)

    assert clock.shown(found) == hour
