"""Each documented errcode has the class that says whether trying again helps (D 90313)."""

import pytest

from app.wecom import errors
from app.wecom.errors import OutcomeUnknown, StopTheQueue, TryLater, WillNeverWork

WORTH_REPEATING = [-1, 6000, 45035, 2000111]
PAUSES = {45009: 60, 45033: 5, 45036: 5, 40014: 60, 42001: 60, 41001: 60}
STOPS = [40001, 40091, 40013, 45031, 60020, 48002, 48006, 48009, 50003, 301002, 40056, 43012, 60031, 301007]
RECIPIENTS = [81013, 60111, 40003, 40031, 46004, 60021, 92000]
REQUESTS = [40008, 40058, 40033, 40063, 41033, 41016, 42014, 44004, 45002, 45034, 82001, 82002, 82003, 82004]
REQUESTS += [85002, 40007, 40145, 40032, *range(42027, 42052), 60140, 42015, 42016, 82101, 82102, 42052]
REQUESTS += [40029, 42003, 42022, 50001, 84014, 84015, 84025, 40093, 42012, 80001, 85005, 86001, 94001, 99999]


def of(code: int, **more: object) -> errors.WeComError:
    return errors.from_answer({"errcode": code, "errmsg": "hint: [1]", **more})


@pytest.mark.parametrize("code", WORTH_REPEATING)
def test_a_passing_trouble_is_tried_later(code: int):
    error = of(code)
    assert isinstance(error, TryLater)
    assert error.pause_seconds is None


@pytest.mark.parametrize(("code", "seconds"), PAUSES.items())
def test_a_limit_holds_the_whole_app(code: int, seconds: float):
    error = of(code)
    assert isinstance(error, TryLater)
    assert error.pause_seconds == seconds


@pytest.mark.parametrize("code", STOPS)
def test_what_an_administrator_must_change_stops_the_queue(code: int):
    assert isinstance(of(code), StopTheQueue)


@pytest.mark.parametrize("code", RECIPIENTS)
def test_a_recipient_fails_alone(code: int):
    error = of(code)
    assert isinstance(error, WillNeverWork)
    assert error.invalid_recipient


@pytest.mark.parametrize("code", REQUESTS)
def test_a_refused_request_is_not_repeated(code: int):
    error = of(code)
    assert isinstance(error, WillNeverWork)
    assert not error.invalid_recipient
    assert error.errcode == code


@pytest.mark.parametrize(
    ("status", "expected"),
    [(500, OutcomeUnknown), (504, OutcomeUnknown), (429, TryLater), (301, StopTheQueue), (403, StopTheQueue)],
)
def test_an_http_status_has_a_class_too(status: int, expected: type[Exception]):
    assert isinstance(errors.from_status(status), expected)


def test_a_text_fits_the_ledger_and_names_the_code():
    text = of(40058, errmsg="x" * 1000).text
    assert len(text) <= errors.LONGEST_TEXT
    assert "40058" in text
