"""`make check` chooses the tests that are nearest to a change."""

import ast

from scripts import check


def test_the_tests_of_a_changed_module_come_first():
    assert check.nearest_tests(["app/tasks/publishing/edit.py"])[0] == "tests/tasks/test_edit.py"
    assert check.nearest_tests(["h5/frame/refusals.py"])[0] == "tests/h5/test_refusals.py"


def test_a_changed_test_is_run_itself():
    assert check.nearest_tests(["tests/tasks/test_labels.py"]) == ["tests/tasks/test_labels.py"]


def test_what_starts_browsers_and_processes_is_left_to_the_whole_suite():
    for file in check.nearest_tests(["app/tasks/models.py"], most=1000):
        tree = ast.parse((check.ROOT / file).read_text(encoding="utf-8"))
        imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not imported & check.SLOW, file


def test_a_file_that_no_test_imports_needs_none():
    assert check.nearest_tests(["docs/operations.md"]) == []
