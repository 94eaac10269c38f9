"""Scans of the clock: one after the other, and a bad one stops no other."""

import logging

import pytest

from app.work import scanning


def test_one_that_fails_is_logged_and_postponed_and_the_others_go_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    later: list[int] = []

    with caplog.at_level(logging.ERROR):
        done = scanning.each([1, 0, 2], lambda number: 10 // number, name="tenths", postpone=later.append)

    assert (done, later) == ([10, 5], [0])
    assert "tenths: 0 left for later" in caplog.text


def test_where_nothing_can_be_postponed_the_next_scan_tries_again() -> None:
    assert scanning.each([0, 5], lambda number: 10 // number, name="tenths") == [2]
