"""docs/promises.md: every promise says what holds it, and the tests that it names say so themselves."""

import re

from scripts import requirements_table as table

HELD_BY = table.holders()  # reads every test file, so only once
PROMISES = table.promises()
BENCH, NONE = "`make bench`", re.compile(r"没有测试：\S")


def test_every_promise_names_its_tests_the_benchmark_or_why_there_is_none():
    unheld = [one.id for one in PROMISES if not (one.files or BENCH in one.state or NONE.match(one.state))]

    assert unheld == []


def test_the_files_of_a_promise_are_those_whose_tests_are_marked_with_it():
    for promise in PROMISES:
        files = {test.split("::")[0] for test in HELD_BY.get(promise.id, [])}
        assert set(promise.files) == files, promise.id


def test_a_mark_is_a_promise():
    assert HELD_BY.keys() <= {promise.id for promise in PROMISES}


def test_every_promise_stands_once():
    ids = [promise.id for promise in PROMISES]

    assert sorted(set(ids)) == sorted(ids)
    assert len(ids) > 90
