"""How fast and how often."""

from bisect import bisect_right
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.notices import pacing
from app.notices.pacing import QuietHours, may_repeat, slots, wait_after

NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)


def ago(**duration: float) -> datetime:
    return NOW - timedelta(**duration)


def test_the_first_messages_go_at_once():
    assert slots([], wanted=25, now=NOW) == [NOW] * 25


def test_the_twenty_sixth_of_a_minute_waits_until_the_first_is_a_minute_old():
    assert slots([], wanted=26, now=NOW)[-1] == NOW + timedelta(minutes=1)
    assert slots([ago(seconds=50)] * 25, wanted=1, now=NOW) == [NOW + timedelta(seconds=10)]


def test_messages_of_more_than_a_minute_ago_do_not_count_for_the_minute():
    assert slots([ago(seconds=61)] * 25, wanted=25, now=NOW) == [NOW] * 25


def test_a_long_queue_is_spread_over_the_minutes_that_follow():
    planned = slots([], wanted=60, now=NOW)

    assert planned[:25] == [NOW] * 25
    assert planned[25:50] == [NOW + timedelta(minutes=1)] * 25
    assert planned[50:] == [NOW + timedelta(minutes=2)] * 10


def test_the_hour_is_kept_as_well():
    busy_hour = [ago(minutes=59) + timedelta(seconds=3.9 * n) for n in range(900)]

    assert slots(busy_hour, wanted=1, now=NOW) == [NOW + timedelta(minutes=1)]


@given(
    st.lists(st.integers(0, 7200), max_size=1000),
    st.integers(1, 120),
)
def test_no_window_ever_holds_more_than_allowed(seconds_ago: list[int], wanted: int):
    earlier = _within_the_limits(sorted(ago(seconds=s) for s in seconds_ago))
    planned = earlier + slots(earlier, wanted=wanted, now=NOW)

    assert planned == sorted(planned)
    for window, limit in ((pacing.MINUTE, pacing.PER_MINUTE), (pacing.HOUR, pacing.PER_HOUR)):
        for end, moment in enumerate(planned):
            assert end + 1 - bisect_right(planned, moment - window) <= limit


def _within_the_limits(moments: list[datetime]) -> list[datetime]:
    kept: list[datetime] = []
    for moment in moments:
        if slots(kept, wanted=1, now=moment) == [moment]:
            kept.append(moment)
    return kept


def test_three_quick_tries_then_ever_longer_waits_up_to_half_an_hour():
    waits = [wait_after(tries, quick_seconds=2, luck=0.5) for tries in range(1, 12)]

    assert waits[:3] == [timedelta(seconds=2)] * 3
    assert waits[3:9] == [timedelta(minutes=m) for m in (1, 2, 4, 8, 15, 30)]
    assert waits[9:] == [timedelta(minutes=30)] * 2


@given(st.integers(1, 50), st.floats(0, 1, exclude_max=True))
def test_waits_are_spread_but_never_beyond_half_an_hour(tries: int, luck: float):
    usual = wait_after(tries, quick_seconds=2, luck=0.5)
    wait = wait_after(tries, quick_seconds=2, luck=luck)

    assert usual * 0.79 <= wait <= min(usual * 1.21, timedelta(minutes=30))


def test_a_message_that_may_have_arrived_is_repeated_only_while_wecom_recognises_repeats():
    assert may_repeat(None, now=NOW)
    assert may_repeat(ago(hours=3, minutes=54), now=NOW)
    assert not may_repeat(ago(hours=3, minutes=56), now=NOW)


# -- quiet hours, and minutes to keep off

NIGHT = QuietHours.read("21:00-08:30")


@pytest.mark.parametrize(
    ("wall_clock", "ends"),
    [
        ("2026-11-23 20:59", None),
        ("2026-11-23 21:00", "2026-11-24 08:30"),
        ("2026-11-24 00:00", "2026-11-24 08:30"),
        ("2026-11-24 08:29", "2026-11-24 08:30"),
        ("2026-11-24 08:30", None),
    ],
)
def test_the_night_begins_and_ends_by_the_clock_on_the_wall(wall_clock: str, ends: str | None):
    until = NIGHT.until(datetime.fromisoformat(wall_clock))

    assert until == (ends and datetime.fromisoformat(ends))


def test_quiet_hours_within_a_day_and_none_at_all():
    noon = QuietHours.read("12:00-14:00")
    day = datetime(2026, 11, 23, tzinfo=UTC)
    assert noon.until(day.replace(hour=13)) == day.replace(hour=14)
    assert noon.until(day.replace(hour=11, minute=59)) is noon.until(day.replace(hour=14)) is None
    assert QuietHours.read("off") is None
    assert str(NIGHT) == "21:00–08:30"
    for nonsense in ("09:00", "09:00-", "9-10-11"):
        with pytest.raises(ValueError):
            QuietHours.read(nonsense)
    with pytest.raises(ValueError, match="09:00-09:00"):
        QuietHours.read("09:00-09:00")


@given(st.integers(0, 86_399), st.integers(0, 100_000))
def test_what_can_wait_keeps_off_the_full_and_the_half_hour(second: int, spread: int):
    moment = NOW + timedelta(seconds=second)
    shifted = pacing.off_the_mark(moment, spread=spread)

    assert shifted.minute not in (0, 30)
    assert moment <= shifted < moment + timedelta(minutes=5)
    assert shifted == moment or moment.minute in (0, 30)


@given(st.integers(1, 100_000), st.integers(0, 300))
def test_what_was_held_goes_out_spread_over_the_minutes_after_the_night(person: int, late: int):
    ends = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
    now = ends + timedelta(minutes=late)
    slot = pacing.morning_slot(ends, spread=person, now=now)

    assert slot.minute not in (0, 30)
    assert (
        max(now, ends + timedelta(minutes=1))
        <= slot
        <= max(now, ends + timedelta(minutes=10)) + timedelta(minutes=5)
    )


@pytest.mark.parametrize(
    ("moment", "spread", "shifted"),
    [
        ("09:00:59.5", 0, "09:01:00"),
        ("09:30:10", 59, "09:31:59"),
        ("09:30:10", 179, "09:33:59"),
        ("09:30:10", 180, "09:31:00"),
        ("09:31:10", 7, "09:31:10"),
    ],
)
def test_what_falls_into_a_busy_minute_goes_in_one_of_the_next_three(moment: str, spread: int, shifted: str):
    day = "2026-11-23 "

    assert pacing.off_the_mark(datetime.fromisoformat(day + moment), spread=spread) == (
        datetime.fromisoformat(day + shifted)
    )


def test_each_person_has_a_moment_of_their_own_after_the_night():
    ends = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
    late = ends + timedelta(minutes=20)

    assert pacing.morning_slot(ends, spread=2, now=ends) == ends + timedelta(minutes=1, seconds=74)
    assert pacing.morning_slot(ends, spread=15, now=ends) == ends + timedelta(minutes=1, seconds=15)
    assert pacing.morning_slot(ends, spread=2, now=late) == late


def test_what_anothers_clock_dates_ahead_was_sent_now():
    ahead = [NOW + timedelta(seconds=20)] * 25

    assert slots(ahead, wanted=1, now=NOW) == [NOW + timedelta(minutes=1)]


def test_the_first_waits_are_a_fifth_shorter_or_longer_by_luck():
    assert wait_after(1, quick_seconds=10, luck=0) == timedelta(seconds=8)
    assert wait_after(3, quick_seconds=10, luck=1) == timedelta(seconds=12)
    assert wait_after(4, quick_seconds=10, luck=0) == timedelta(seconds=48)


@pytest.mark.parametrize(
    ("doubtful_minutes", "minutes"),
    [(None, 10), (0, 10), (223, 10), (224, 10), (225, 9), (233, 1), (234, None), (300, None)],
)
def test_what_may_have_arrived_gets_a_last_try_while_wecom_recognises_it(
    doubtful_minutes: int | None, minutes: int | None
):
    since = None if doubtful_minutes is None else ago(minutes=doubtful_minutes)
    next_at = pacing.next_try(since, now=NOW, wait=timedelta(minutes=10))

    assert next_at == (None if minutes is None else NOW + timedelta(minutes=minutes))


def test_a_repeat_is_allowed_until_the_moment_wecom_forgets():
    assert may_repeat(NOW - pacing.DUPLICATE_WINDOW + timedelta(microseconds=1), now=NOW)
    assert not may_repeat(NOW - pacing.DUPLICATE_WINDOW, now=NOW)
