"""What the journal says of an exercise: whether it was passed, at which try, with which help, and in what time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mlkata.journal import Deed, Entry
from mlkata.standing import Standing, standings

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def at(minutes):
    return NOON + timedelta(minutes=minutes)


def stand(*deeds):
    """How one stands after deeds at one minute each; a pair gives a detail."""
    pairs = [each if isinstance(each, tuple) else (each, "") for each in deeds]
    entries = [Entry(at(minute), deed, "double", detail) for minute, (deed, detail) in enumerate(pairs)]
    return standings(entries).get("double", Standing())


@pytest.mark.parametrize(
    ("deeds", "state", "tries", "first_try"),
    [
        ([], "new", 0, False),
        ([Deed.HINT], "new", 0, False),
        ([Deed.BEGAN], "begun", 0, False),
        ([Deed.UNFINISHED, Deed.PARTLY], "begun", 0, False),
        ([Deed.FAILED], "failed", 1, False),
        ([Deed.BEGAN, Deed.UNFINISHED, Deed.PASSED], "passed", 1, True),
        ([Deed.FAILED, Deed.PASSED], "passed", 2, False),
        ([Deed.PASSED, Deed.FAILED, Deed.FAILED], "passed", 1, True),
        ([Deed.SOLUTION, Deed.PASSED], "passed", 1, False),
        ([Deed.PASSED, Deed.SOLUTION], "passed", 1, True),
    ],
)
def test_tries_are_counted_up_to_the_first_that_passed(deeds, state, tries, first_try):
    found = stand(*deeds)

    assert (found.state, found.tries, found.at_first_try) == (state, tries, first_try)


def test_what_failed_last_is_remembered_even_after_it_passed():
    assert stand(Deed.FAILED, Deed.PASSED).failed_at is None
    assert stand(Deed.PASSED, Deed.FAILED).failed_at == at(1)


def test_highest_hint_counts():
    assert stand((Deed.HINT, "2"), (Deed.HINT, "1"), (Deed.HINT, "none")).hints == 2


def test_time_goes_to_the_exercise_that_it_ended_with_and_breaks_are_left_out():
    entries = [
        Entry(at(0), Deed.BEGAN, "double"),
        Entry(at(10), Deed.FAILED, "double"),
        Entry(at(25), Deed.FAILED, "treble"),
        Entry(at(30), Deed.INTERVIEW, "google"),
        Entry(at(32), Deed.PASSED, "treble"),
        Entry(at(32 + 31), Deed.PASSED, "double"),
        Entry(at(32 + 41), Deed.BEGAN, "treble"),
    ]

    found = standings(reversed(entries))

    assert found["double"].time == timedelta(minutes=10)
    assert found["treble"].time == timedelta(minutes=17)
    assert set(found) == {"double", "treble"}
