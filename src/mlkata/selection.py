"""Which exercises a caller asks for, and which interview questions they answer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from mlkata.catalog import LEVELS, Exercise
from mlkata.errors import UsageError
from mlkata.questions import Question, asked_by, questions
from mlkata.suggestion import suggestion


@dataclass(frozen=True)
class Selection:
    """What an exercise must be to be listed; None asks for nothing. Case does not matter.

    `company`, `question` and `tag` speak of the questions that an exercise answers: one of them must be asked by the
    company, have this id, carry this tag. Where two are given, one question must fit both.
    """

    track: str | None = None
    level: str | None = None
    kind: str | None = None
    company: str | None = None
    question: str | None = None
    tag: str | None = None


def select(exercises: Iterable[Exercise], selection: Selection) -> tuple[Exercise, ...]:
    """The exercises that fit, sorted by track, then from easy to hard, then by id.

    Raises UsageError with close matches for a track, company, question or tag that nobody has.
    """
    exercises = tuple(exercises)
    if selection.track is not None:
        _known("track", selection.track, {exercise.track for exercise in exercises})
    fitting = _fitting_questions(selection)
    chosen = (
        exercise
        for exercise in exercises
        if _same(selection.track, exercise.track)
        and _same(selection.level, exercise.level)
        and _same(selection.kind, exercise.kind)
        and (fitting is None or fitting.intersection(exercise.questions))
    )
    return tuple(sorted(chosen, key=lambda each: (each.track, LEVELS.index(each.level), each.id)))


def coverage(exercises: Iterable[Exercise]) -> Mapping[Question, tuple[str, ...]]:
    """The ids of the working exercises that answer each question; all questions are there, in their own order."""
    working = tuple(exercise for exercise in exercises if is_working(exercise))
    return {
        question: tuple(exercise.id for exercise in working if question.id in exercise.questions)
        for question in questions()
    }


def is_working(exercise: Exercise) -> bool:
    """Whether the exercise has what it takes to be solved and graded: stub, grader and reference."""
    return all(path.is_file() for path in (exercise.stub, exercise.grader, exercise.reference))


def _fitting_questions(selection: Selection) -> set[str] | None:
    """The ids of the questions that fit; None where the selection does not speak of questions."""
    if selection.company is selection.question is selection.tag is None:
        return None
    fitting = {question.id for question in questions()}
    if selection.company is not None:
        fitting &= asked_by(selection.company)
    if selection.question is not None:
        fitting &= {_known("question", selection.question, [question.id for question in questions()])}
    if selection.tag is not None:
        tag = _known("tag", selection.tag, {tag for question in questions() for tag in question.tags})
        fitting &= {question.id for question in questions() if any(_same(tag, each) for each in question.tags)}
    return fitting


def _known(what: str, name: str, names: Collection[str]) -> str:
    """The name as it is spelled among `names`."""
    for each in names:
        if _same(name, each):
            return each
    todo = suggestion(name, sorted(names), otherwise="`mlkata list --json` shows what there is")
    raise UsageError(f"there is no {what} {name!r}; {todo}")


def _same(asked: str | None, name: str) -> bool:
    return asked is None or asked.lower() == name.lower()
