"""Every run of a practice folder's own answer is written down, and no run fails for that."""

from __future__ import annotations

import pytest
from plugin_toy import LIFT, PACE, REFERENCE, STUB, write_exercise
from toy import edit, write

from mlkata import journal
from mlkata.journal import Deed
from mlkata.practice import Practice

pytest_plugins = ("pytester",)


@pytest.fixture
def practice(pytester, monkeypatch):
    write_exercise(pytester.path, LIFT | PACE)
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:hypothesispytest -p no:xdist")
    practice = Practice(pytester.path)
    write(practice.shipped, "")
    return practice


@pytest.fixture
def run(pytester, practice):
    """Runs pytest over an answer to `lift`, and says what was written down."""

    def run(source, *options, paths=("exercises/lift",)):
        write(practice.root / "exercises/lift/lift.py", source)
        run.ended = pytester.runpytest_subprocess(*paths, *options, timeout=60)
        return [(each.deed, each.subject, each.detail) for each in journal.read(practice.journal).entries]

    return run


WRONG = REFERENCE.replace("return x + by", "return x + 2 * by")
HALF_DONE = REFERENCE.replace(
    "return x[: len(x)", 'raise NotImplementedError("implement halves")\n    return x[: len(x)'
)


@pytest.mark.parametrize(
    ("source", "options", "deed", "detail"),
    [
        (STUB, [], Deed.BEGAN, "0/6"),
        (HALF_DONE, [], Deed.UNFINISHED, "5/6"),
        ("def f(:", [], Deed.UNFINISHED, "0/6"),
        ("import os", [], Deed.FAILED, "0/6"),
        (WRONG, [], Deed.FAILED, "4/6"),
        (WRONG, ["-x"], Deed.FAILED, "0/7"),
        (REFERENCE, ["-k", "halves or counter"], Deed.PARTLY, "2/7"),
        (REFERENCE, [], Deed.PASSED, "6/6"),
    ],
)
def test_run_is_written_down_as_what_it_was(run, source, options, deed, detail):
    assert run(source, *options) == [(deed, "lift", detail)]


def test_every_exercise_of_a_run_has_a_line(run):
    found = run(REFERENCE, paths=("exercises",))

    assert found == [(Deed.BEGAN, "pace", "0/2"), (Deed.PASSED, "lift", "6/6")]


def test_parts_of_a_run_are_put_together(run, monkeypatch):
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:hypothesispytest -n 2")

    assert run(REFERENCE) == [(Deed.PASSED, "lift", "6/6")]


def test_another_file_than_ones_own_is_not_written_down(run, practice):
    other = write(practice.root / "other.py", REFERENCE)

    assert run(STUB, "--submission", str(other)) == []


def test_collecting_is_no_run(run):
    assert run(REFERENCE, "--collect-only") == []


def test_outside_a_practice_folder_nothing_is_written(run, practice):
    practice.shipped.unlink()

    assert run(REFERENCE) == []
    assert not practice.journal.exists()


def test_visible_examples_alone_are_no_try(run, practice):
    (practice.root / "graders/lift/test_lift.py").unlink()

    assert run(REFERENCE) == []


def test_run_of_a_broken_grader_is_no_try(run, practice):
    edit(practice.root / "graders/lift/test_lift.py", "front, back = ", "front, back = no_such_name, ")

    assert run(REFERENCE) == []


def test_journal_that_cannot_be_written_changes_nothing(run, practice):
    practice.journal.mkdir()

    assert run(REFERENCE) == []
    assert run.ended.ret == 0
    assert "Error" not in run.ended.stderr.str() + run.ended.stdout.str()
