"""The clock before and after a deadline: steps, the next look, mornings."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import clock
from app.settings import Settings
from app.work import deadlines
from app.work.calendar import AS_ANNOUNCED
from app.work.deadlines import Step

STEPS = deadlines.read("1d,2h")
FRIDAY, MONDAY = "2026-11-27", "2026-11-30"


def at(text: str) -> datetime:
    """A wall-clock time as the moment it means."""
    return clock.from_local(datetime.fromisoformat(text))


def shown(moments: list[datetime]) -> list[str]:
    return [clock.shown(moment) for moment in moments]


def test_the_steps_are_working_days_and_hours_before_the_deadline() -> None:
    moments = deadlines.moments(at(f"{MONDAY} 10:00"), STEPS, overrides=AS_ANNOUNCED)

    assert shown(moments) == [f"{FRIDAY} 10:00", f"{MONDAY} 08:00"]  # the weekend is no working day


def test_the_clock_looks_at_each_step_then_at_the_deadline_and_then_no_more() -> None:
    due_at, looks, now = at(f"{MONDAY} 10:00"), [], at("2026-11-26 09:00")
    while (now := deadlines.next_look(due_at, STEPS, overrides=AS_ANNOUNCED, after=now)) is not None:
        looks.append(now)

    assert shown(looks) == [f"{FRIDAY} 10:00", f"{MONDAY} 08:00", f"{MONDAY} 10:00"]


def test_of_several_deadlines_the_nearest_step_comes_first() -> None:
    due = [at(f"{MONDAY} 18:00"), at(f"{MONDAY} 10:00")]
    nearest = deadlines.next_of(due, STEPS, overrides=AS_ANNOUNCED, after=at(f"{FRIDAY} 12:00"))

    assert clock.shown(nearest) == f"{FRIDAY} 18:00"
    assert deadlines.next_of([], STEPS, overrides=AS_ANNOUNCED, after=at(FRIDAY)) is None


def test_a_deadline_is_reached_when_a_step_came_up_since_it_was_asked_last() -> None:
    due = [at(f"{MONDAY} 18:00"), at(f"{MONDAY} 10:00")]

    def reached(until: str, since: str | None = None) -> list[str]:
        asked = at(since) if since else None
        return shown(deadlines.reached(due, STEPS, overrides=AS_ANNOUNCED, since=asked, until=at(until)))

    assert reached(f"{FRIDAY} 10:00") == [f"{MONDAY} 10:00"]
    assert reached(f"{MONDAY} 09:00", f"{MONDAY} 08:00") == [f"{MONDAY} 10:00"]
    assert reached(f"{MONDAY} 09:00") == [f"{MONDAY} 18:00", f"{MONDAY} 10:00"]


def test_mornings_and_hours_are_spread_over_some_minutes() -> None:
    mornings = {
        clock.shown(deadlines.next_morning(at(f"{FRIDAY} 20:00"), overrides=AS_ANNOUNCED, spread=number))
        for number in range(20)
    }
    at_work, at_night = at(f"{FRIDAY} 11:11"), at(f"{FRIDAY} 23:00")

    assert mornings == {f"{MONDAY} 09:0{minute}" for minute in range(1, 10)}
    assert deadlines.working_hour(at_work, overrides=AS_ANNOUNCED, spread=4) == at_work
    assert (
        clock.shown(deadlines.working_hour(at_night, overrides=AS_ANNOUNCED, spread=4)) == f"{MONDAY} 09:05"
    )


def test_a_setting_says_the_steps() -> None:
    assert deadlines.read("1d, 2h") == (Step(1, 0), Step(0, 2))
    assert deadlines.read("off") == ()


# What is close to right, so that the two meet where they could differ.
NEARLY = st.lists(st.sampled_from(["1", "9", "0", "d", "h", ",", " ", "off", "²", "-"]), max_size=8).map(
    "".join
)


@given(NEARLY)
def test_what_the_settings_take_can_be_read_and_nothing_else(text: str) -> None:
    try:
        Settings._remind_before(text)
    except ValueError:
        with pytest.raises(ValueError, match=r".*"):
            deadlines.read(text)
    else:
        deadlines.read(text)


@given(st.integers(0, 10_000), st.integers(0, 20_000))
def test_the_next_look_is_never_past(due_in: int, now_in: int) -> None:
    start = at(f"{FRIDAY} 09:00")
    due_at, now = start + timedelta(minutes=due_in), start + timedelta(minutes=now_in)
    look = deadlines.next_look(due_at, STEPS, overrides=AS_ANNOUNCED, after=now)

    assert (look is None) == (due_at <= now)
    assert look is None or now < look <= due_at
