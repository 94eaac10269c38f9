"""Days that an administrator decides about: they win over what is announced, and are on record."""

from datetime import date

import pytest

from app import clock
from app.db import session
from app.errors import BadInput, OutOfDate
from app.work import calendar_days
from app.work.calendar import AS_ANNOUNCED, after_working_days, is_working_day, next_working_morning
from tests.told_time import ToldTime
from tests.world import World

PARTY, SATURDAY = date(2026, 11, 27), date(2026, 11, 28)


def decide(world: World, day: date, works: bool | None, *, note: str = "公司年会", seen: int = 0) -> None:
    calendar_days.set_day(day, by=world.person("周总"), is_working=works, note=note, seen_version=seen)


def test_what_was_decided_wins_over_the_announcement():
    overrides = {PARTY: False, SATURDAY: True}

    assert not is_working_day(PARTY, overrides=overrides)
    assert is_working_day(SATURDAY, overrides=overrides)
    assert is_working_day(PARTY, overrides=AS_ANNOUNCED)


def test_deadlines_and_reminders_follow_it(told_time: ToldTime):
    since = told_time.at("2026-11-26 15:00")  # a Thursday
    overrides = {PARTY: False, SATURDAY: True}

    assert clock.shown(after_working_days(2, since=since, overrides=overrides)) == "2026-11-30 23:59"
    assert clock.shown(next_working_morning(since, overrides=overrides)) == "2026-11-28 09:00"


def test_a_day_is_decided_changed_and_given_back_with_its_history(world: World):
    decide(world, PARTY, False)
    assert calendar_days.overrides(session()) == {PARTY: False}

    decide(world, PARTY, None, note="", seen=1)
    assert calendar_days.overrides(session()) == {}

    events = [(event.facts["after"], event.by.name) for event in calendar_days.changes()]
    assert events == [(None, "周总"), (False, "周总")]


def test_two_administrators_do_not_overwrite_each_other(world: World):
    decide(world, PARTY, False)

    with pytest.raises(OutOfDate):
        decide(world, PARTY, True)
    assert calendar_days.overrides(session()) == {PARTY: False}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("day", "note"), [(PARTY, ""), (date(1999, 1, 1), "年会"), (date(2099, 1, 1), "年会")]
)
def test_no_reason_or_no_such_day_is_refused(world: World, day: date, note: str):
    with pytest.raises(BadInput):
        decide(world, day, False, note=note)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_year_shows_every_day_with_what_is_announced_and_what_was_decided(world: World):
    decide(world, PARTY, False)
    months = calendar_days.year(2026)

    assert sum(len(days) for days in months) == 365
    holiday, worked, party = months[9][0], months[9][9], months[10][26]
    assert (holiday.works, holiday.holiday, holiday.differs) == (False, "国庆节", True)
    assert (worked.works, worked.differs) == (True, True)
    assert (party.works, party.announced, party.decided, party.note) == (False, True, True, "公司年会")
