"""Hints come one at a time, the solution once it was earned, and a reset loses nothing."""

from __future__ import annotations

import pytest
from practice_toy import write_answer
from toy import REFERENCE, edit, write

from mlkata import journal, learning
from mlkata.errors import CatalogError, UsageError
from mlkata.journal import Deed, Entry
from mlkata.shipping import update

pytest_plugins = ("practice_fixtures",)


@pytest.fixture
def double(practice):
    return practice.catalog.exercise("double")


def deeds(practice):
    return [(each.deed, each.detail) for each in journal.read(practice.journal).entries]


def test_hints_come_one_at_a_time_and_are_remembered(practice, double):
    assert learning.given_hints(practice, double) == ()

    found = [learning.next_hint(practice, double) for _ in range(4)]

    assert [(each.number, each.of, each.is_new) for each in found] == [
        (1, 3, True),
        (2, 3, True),
        (3, 3, True),
        (3, 3, False),
    ]
    assert found[0].text == "What does Python make of a list times two?"
    assert [each.text for each in learning.given_hints(practice, double)] == [each.text for each in found[:3]]
    assert deeds(practice) == [(Deed.HINT, "1"), (Deed.HINT, "2"), (Deed.HINT, "3")]


def test_exercise_may_have_any_number_of_hints(practice, double):
    write(double.hints, "# Hints\n\n## Hint 1\n\nThe only one.\n")

    assert learning.next_hint(practice, double).of == 1
    assert learning.next_hint(practice, double).is_new is False


@pytest.mark.parametrize("text", [None, "# Hints\n\nNone yet.\n"])
def test_no_hints_are_the_faults_of_the_files(practice, double, text):
    double.hints.unlink()
    if text:
        write(double.hints, text)

    with pytest.raises(CatalogError, match=r"hints\.md: expected hints, found none; run `mlkata update`"):
        learning.next_hint(practice, double)


def test_hint_that_cannot_be_remembered_is_not_given(practice, double):
    practice.journal.mkdir()

    with pytest.raises(UsageError, match="cannot be written: Is a directory; look at its permissions"):
        learning.next_hint(practice, double)


def test_solution_is_shown_once_the_exercise_was_passed(practice, double):
    with pytest.raises(UsageError, match="was not passed here yet; `mlkata hint double` gives a hint, --give-up"):
        learning.solution(practice, double)
    assert deeds(practice) == []

    journal.write(practice.journal, [Entry(journal.now(), Deed.PASSED, "double", "8/8")])

    assert learning.solution(practice, double) == REFERENCE
    assert deeds(practice)[-1] == (Deed.SOLUTION, "")


def test_solution_is_shown_to_one_who_gives_up_and_that_is_remembered(practice, double):
    assert learning.solution(practice, double, give_up=True) == REFERENCE
    assert learning.standing_of(practice, "double").gave_up


def test_reset_puts_the_stub_back_and_keeps_what_was_written(practice, double, source):
    stub = double.stub.read_text()
    write_answer(practice, "double", "x * 2**times", "x * 3**times")
    written = double.stub.read_text()

    first = learning.reset(practice, double, source)
    double.stub.write_text("once more")
    second = learning.reset(practice, double, source)

    assert double.stub.read_text() == stub
    assert (first.read_text(), second.read_text()) == (written, "once more")
    assert [deed for deed, _ in deeds(practice)] == [Deed.RESET, Deed.RESET]
    assert deeds(practice)[0][1] in {path.relative_to(practice.root).as_posix() for path in (first, second)}
    assert not set(first.name) & set('<>:"/\\|?*'), "a name that Windows forbids"


def test_reset_of_what_nobody_touched_keeps_nothing(practice, double, source):
    assert learning.reset(practice, double, source) is None
    assert deeds(practice) == []


def test_reset_puts_a_deleted_file_back(practice, double, source):
    double.stub.unlink()

    assert learning.reset(practice, double, source) is None
    assert "implement double" in double.stub.read_text()


def test_reset_brings_a_newer_stub_which_then_is_nobodys_work(practice, double, source):
    write(double.stub, "mine")
    edit(source.folder("double") / "double.py", "implement double", "implement it")

    learning.reset(practice, double, source)

    assert "implement it" in double.stub.read_text()
    assert learning.reset(practice, double, source) is None
    assert update(practice, source).kept == ()


def test_exercise_of_somebody_else_cannot_be_reset(practice, double, source):
    import shutil

    shutil.rmtree(source.folder("double"))

    with pytest.raises(UsageError, match="double is not an exercise of mlkata"):
        learning.reset(practice, double, source)
