"""What became of one student's answer to one exercise, and the gradebook of a class."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from mlkata.report import Outcome, Report

# What XML 1.0 cannot hold: most control characters, halves of characters, and two code points that are none.
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Grade:
    """One student's answer to one exercise.

    Attributes
    ----------
    report : Report or None
        What grading found; None where it could not be graded.
    note : str
        Why it could not.
    """

    student: str
    exercise: str
    report: Report | None
    note: str = ""

    @property
    def graded(self) -> bool:
        """Whether points may be made of it: where mlkata itself went wrong, none may."""
        return self.report is not None and self.report.complete

    @property
    def earned(self) -> float | None:
        """Points, or None where it is not graded."""
        return self.report.total().earned if self.report is not None and self.report.complete else None

    @property
    def why_not(self) -> str:
        """Why it is not graded, in a sentence."""
        if self.graded:
            return ""
        return self.note or (harness_message(self.report) if self.report else "") or "no reason was noted"


@dataclass(frozen=True)
class Gradebook:
    """Students by exercises; of two grades for the same, the later one counts.

    Attributes
    ----------
    grades : tuple of Grade
        One for each student and exercise at most, sorted by both.
    """

    grades: tuple[Grade, ...]

    @classmethod
    def of(cls, grades: Iterable[Grade]) -> Gradebook:
        """The gradebook that has these grades."""
        last = {(grade.student, grade.exercise): grade for grade in grades}
        return cls(tuple(sorted(last.values(), key=lambda each: (_order(each.student), each.exercise))))

    @cached_property
    def students(self) -> tuple[str, ...]:
        """Their names, sorted without regard to case."""
        return tuple(dict.fromkeys(grade.student for grade in self.grades))

    @cached_property
    def exercises(self) -> tuple[str, ...]:
        """Their ids, sorted."""
        return tuple(sorted({grade.exercise for grade in self.grades}))

    @cached_property
    def cells(self) -> dict[tuple[str, str], Grade]:
        """The grade of a student in an exercise, where something was handed in."""
        return {(grade.student, grade.exercise): grade for grade in self.grades}

    @cached_property
    def possible(self) -> dict[str, float | None]:
        """The points that an exercise can earn; None where nobody's answer was graded."""
        points: dict[str, float | None] = dict.fromkeys(self.exercises)
        for grade in self.grades:
            if grade.report is not None and grade.graded:
                points[grade.exercise] = max(points[grade.exercise] or 0.0, grade.report.total().possible)
        return points

    @property
    def possible_total(self) -> float:
        """The points of all exercises together."""
        return sum(points or 0.0 for points in self.possible.values())

    def total(self, student: str) -> float | None:
        """A student's points; None while something that was handed in is not graded, since the sum would be too low."""
        found = [self.cells[student, exercise] for exercise in self.exercises if (student, exercise) in self.cells]
        earned = [grade.earned for grade in found]
        return None if None in earned else sum(points for points in earned if points is not None)


def printable(text: str) -> str:
    r"""The text without what a page, a table or an XML file cannot hold.

    >>> printable("a\x00\ud800b\n")
    'ab\n'
    """
    return _UNPRINTABLE.sub("", text)


def points_text(points: float | None) -> str:
    """Points with four significant digits, and nothing for none.

    >>> [points_text(points) for points in (2 / 3, 12.0, 12345.0, None)]
    ['0.6667', '12', '12340', '']
    """
    return "" if points is None else f"{float(f'{points:.4g}'):.15g}"


def harness_message(report: Report) -> str:
    """What went wrong with mlkata itself while it graded."""
    for check in report.checks:
        if check.outcome is Outcome.HARNESS_ERROR:
            return check.message or check.note or "mlkata itself went wrong"
    return "" if report.checks else "no check was run"


def _order(student: str) -> tuple[str, str]:
    return student.casefold(), student
