"""How much of a sent message can still be undone."""

from datetime import timedelta

import pytest

from app import clock
from app.notices.aftercare.undoing import Rung, rung

NOW = clock.now()


@pytest.mark.parametrize(
    ("hours", "facts", "left"),
    [
        (0, {}, Rung.RECALL),
        (23.99, {}, Rung.RECALL),
        (24, {}, Rung.CHANGE),
        (1, {"too_late": True}, Rung.CHANGE),
        (1, {"withdraws": False}, Rung.CHANGE),
        (71.99, {}, Rung.CHANGE),
        (72, {}, Rung.NOTHING),
        (30, {"has_code": False}, Rung.NOTHING),
        (100, {"code_since": NOW}, Rung.CHANGE),  # a press brought a new code
    ],
)
def test_the_highest_rung_that_is_left(hours, facts, left):
    sent_at = NOW - timedelta(hours=hours)
    plain = {"withdraws": True, "too_late": False, "has_code": True, "code_since": sent_at}

    assert rung(sent_at=sent_at, now=NOW, **(plain | facts)) == left
