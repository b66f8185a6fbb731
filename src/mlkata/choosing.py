"""Which exercises a learner asks for, and which of them is the next to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from mlkata.catalog import LEVELS, Exercise
from mlkata.selection import Selection, select
from mlkata.standing import Standing


def choose(exercises: Iterable[Exercise], selection: Selection, questions: Sequence[str] = ()) -> tuple[Exercise, ...]:
    """Those that fit a selection, and that answer one of some questions, where any are named; easy ones first.

    Raises UsageError with close matches for a name that is not known.
    """
    exercises = tuple(exercises)
    parts = [replace(selection, question=id) for id in questions] or [selection]
    found = {each.id: each for part in parts for each in select(exercises, part)}
    return tuple(sorted(found.values(), key=lambda each: (LEVELS.index(each.level), each.minutes, each.id)))


def to_do(
    exercises: Sequence[Exercise], found: Mapping[str, Standing], *, failed_alone: bool = False
) -> tuple[Exercise, ...]:
    """What is left to do, in the order in which to do it.

    What is new or was begun comes first, in the order given; then what failed, longest ago first. What was passed and
    failed again later counts as failed.
    """
    new, failed = [], []
    for exercise in exercises:
        standing = found.get(exercise.id, Standing())
        if standing.failed_at is not None:
            failed.append((standing.failed_at, exercise))
        elif standing.passed_at is None:
            new.append(exercise)
    failed.sort(key=lambda each: (each[0], each[1].id))
    return (*(() if failed_alone else new), *(exercise for _, exercise in failed))
