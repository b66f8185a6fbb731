"""What is next: what is new, easy ones first, then what failed, longest ago first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mlkata.choosing import choose, to_do
from mlkata.errors import UsageError
from mlkata.selection import Selection
from mlkata.standing import Standing

pytest_plugins = ("practice_fixtures",)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def exercises(source):
    return choose(source.exercises(), Selection())


def ids(exercises):
    return [each.id for each in exercises]


def failed(hours_ago):
    return Standing(tries=1, failed_at=NOON - timedelta(hours=hours_ago))


PASSED = Standing(tries=1, passed_at=NOON)


def test_easy_ones_come_first(exercises):
    assert ids(exercises) == ["double", "treble", "halve"]


@pytest.mark.parametrize(
    ("questions", "found"),
    [
        ((), ["double", "treble", "halve"]),
        (("Q14",), ["treble", "halve"]),
        (("Q14", "q01"), ["double", "treble", "halve"]),
    ],
)
def test_several_questions_are_a_set(source, questions, found):
    assert ids(choose(source.exercises(), Selection(), questions)) == found


def test_selection_and_questions_both_hold(source):
    assert ids(choose(source.exercises(), Selection(level="hard"), ("Q14", "Q01"))) == ["halve"]


def test_unknown_question_suggests_a_close_one(source):
    with pytest.raises(UsageError, match="did you mean 'Q14'"):
        choose(source.exercises(), Selection(), ("Q14", "Q014"))


@pytest.mark.parametrize(
    ("found", "left"),
    [
        ({}, ["double", "treble", "halve"]),
        ({"double": PASSED}, ["treble", "halve"]),
        ({"double": failed(1), "treble": failed(5)}, ["halve", "treble", "double"]),
        ({"double": Standing(tries=1, passed_at=NOON, failed_at=NOON), "treble": PASSED}, ["halve", "double"]),
        ({"double": PASSED, "treble": PASSED, "halve": PASSED}, []),
    ],
)
def test_what_is_left_begins_with_what_is_new(exercises, found, left):
    assert ids(to_do(exercises, found)) == left


def test_failed_alone_leaves_the_new_ones_out(exercises):
    assert ids(to_do(exercises, {"double": failed(1), "halve": failed(2)}, failed_alone=True)) == ["halve", "double"]
