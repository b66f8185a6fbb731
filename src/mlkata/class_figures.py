"""What a class's grades come to: points by exercise, and how often each check failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from mlkata.grades import Gradebook
from mlkata.report import Outcome


@dataclass(frozen=True)
class FailureRate:
    """How many of the answers that a check judged did not pass it."""

    exercise: str
    check: str
    sentence: str
    failed: int
    judged: int

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return self.failed / self.judged


@dataclass(frozen=True)
class Distribution:
    """The points of a class in one exercise, or in all.

    Attributes
    ----------
    left_out : int
        Of how many there are no points, because something of theirs could not be graded.
    """

    what: str
    points: tuple[float, ...]
    possible: float
    left_out: int


def failure_rates(book: Gradebook) -> list[FailureRate]:
    """One for each check that somebody did not pass, the highest rate first."""
    failed: dict[tuple[str, str], int] = {}
    judged: dict[tuple[str, str], int] = {}
    sentences: dict[tuple[str, str], str] = {}
    for grade in book.grades:
        if grade.report is None or not grade.graded:
            continue
        for check in grade.report.checks:
            if check.graded:
                key = (grade.exercise, check.name)
                judged[key] = judged.get(key, 0) + 1
                failed[key] = failed.get(key, 0) + (check.outcome is not Outcome.PASSED)
                sentences[key] = sentences.get(key) or check.sentence
    rates = [FailureRate(*key, sentences[key], failed[key], judged[key]) for key in judged if failed[key]]
    return sorted(rates, key=lambda rate: (-rate.share, rate.exercise, rate.check))


def misconceptions(book: Gradebook) -> list[tuple[str, str, int]]:
    """Exercise, misconception, and how many answers behave like it; the most common first."""
    counts = Counter(
        (grade.exercise, sentence)
        for grade in book.grades
        if grade.report is not None and grade.graded
        for sentence in {check.diagnosis for check in grade.report.checks if check.diagnosis}
    )
    return sorted(((*key, count) for key, count in counts.items()), key=lambda row: (-row[2], row[0], row[1]))


def distributions(book: Gradebook) -> list[Distribution]:
    """Of the totals first where there are several exercises, then of each exercise that earns points."""
    found = []
    for exercise in book.exercises:
        earned = [grade.earned for grade in book.grades if grade.exercise == exercise]
        found.append(_distribution(exercise, earned, book.possible[exercise] or 0.0))
    if len(found) > 1:
        totals = [book.total(student) for student in book.students]
        found.insert(0, _distribution("All exercises", totals, book.possible_total))
    return [each for each in found if each.possible > 0]


def _distribution(what: str, earned: Sequence[float | None], possible: float) -> Distribution:
    points = tuple(each for each in earned if each is not None)
    return Distribution(what, points, possible, len(earned) - len(points))
