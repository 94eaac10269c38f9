"""Labels and percentages, straight from the readings Q1…Q11."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from app.tasks.labels import (
    Label,
    Tally,
    TaskState,
    closed_of,
    label_of,
    live_rows,
    percent_of,
    progress,
    task_state,
    wears_overdue_chip,
)

NOW = datetime(2026, 11, 23, tzinfo=UTC)
FACTS = ["revoked_at", "closed_at", "rolled_back_at", "sent_back_at", "overdue_at"]


def row(*facts, items_total=1):
    return SimpleNamespace(**{f: NOW if f in facts else None for f in FACTS}, items_total=items_total)


@pytest.mark.parametrize(
    ("facts", "label"),
    [
        (FACTS, Label.REVOKED),
        (FACTS[1:], Label.CLOSED),
        (FACTS[2:], Label.ROLLED_BACK),
        (FACTS[3:], Label.SENT_BACK),
        (FACTS[4:], Label.OVERDUE),
        ([], Label.NORMAL),
    ],
)
def test_the_weightiest_fact_gives_the_label_Q1(facts, label):
    assert label_of(row(*facts)) is label


def test_a_row_whose_items_are_all_frozen_reads_not_upgraded_Q16():
    assert label_of(row("rolled_back_at", items_total=0)) is Label.NOT_UPGRADED


def test_a_sent_back_row_past_its_deadline_wears_the_chip_Q2():
    assert wears_overdue_chip(label="打回", overdue_at=NOW)
    assert wears_overdue_chip(label="升级回退", overdue_at=NOW)
    assert not wears_overdue_chip(label="已超期", overdue_at=NOW)
    assert not wears_overdue_chip(label="打回", overdue_at=None)


@pytest.mark.parametrize(
    ("done", "total", "percent"),
    [
        (0, 3, 0),
        (1, 3, 33),
        (2, 3, 66),
        (3, 3, 100),
        (1, 200, 1),
        (199, 200, 99),
        (999, 1000, 99),
        (0, 0, 0),
        (4, 3, 100),
    ],
)
def test_progress_is_whole_only_when_nothing_is_open_T60_Q8(done, total, percent):
    assert progress(done=done, total=total) == percent


@pytest.mark.parametrize(
    ("rows", "state"),
    [
        ({"正常": 3}, TaskState.OPEN),
        ({"正常": 2, "已办结": 1}, TaskState.PARTLY),
        ({"已办结": 3, "已超期": 0}, TaskState.DONE),
        ({"已办结": 2, "已撤销": 1}, TaskState.DONE),
        ({"已撤销": 3}, TaskState.REVOKED),
        ({"已办结": 1, "暂不升级": 2}, TaskState.DONE),
        ({"暂不升级": 2, "已撤销": 1}, TaskState.NOT_UPGRADED),
        ({}, TaskState.OPEN),
    ],
)
def test_a_task_is_as_done_as_its_live_rows_Q6_Q7(rows, state):
    assert task_state(rows) is state


def test_a_revoked_task_reads_so_whatever_its_rows_say():
    assert task_state({"已办结": 3}, revoked=True) is TaskState.REVOKED


def test_what_is_revoked_or_not_upgraded_does_not_count():
    assert live_rows({"正常": 1, "已办结": 2, "已撤销": 4, "暂不升级": 8}) == 3


def test_where_no_row_counts_there_is_no_progress_to_read():
    assert (percent_of(40, 5), percent_of(0, 1), percent_of(100, 0)) == ("40%", "0%", "—")
    assert (closed_of(2, 5), closed_of(0, 1), closed_of(2, 0)) == ("办结 2/5", "办结 0/1", "")


def test_tallies_are_added_and_taken_away():
    one, other = Tally(5, 7, 3), Tally(1, 2, 4)

    assert one.plus(other) == Tally(6, 9, 7)
    assert one.less(other) == Tally(4, 5, -1)
