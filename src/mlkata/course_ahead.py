"""Grades a class's notebooks in a thread, ahead of nbgrader, which comes to them one by one."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from mlkata.course_grading import CourseGrader, Submitted
from mlkata.report import Report


class Ahead:
    """Grading that has begun.

    Parameters
    ----------
    grader : CourseGrader
    submitted : sequence of Submitted
    """

    def __init__(self, grader: CourseGrader, submitted: Sequence[Submitted]) -> None:
        self._grader = grader
        self._submitted = submitted
        self._done = 0
        self._changed = threading.Condition()
        self._fault: BaseException | None = None
        self._is_over = False
        threading.Thread(target=self._grade, daemon=True).start()

    def report(self, one: Submitted) -> Report | None:
        """What was found of a notebook, as soon as that is known; None where it could not be graded.

        Raises
        ------
        MlkataError
            Grading could not go on.
        """
        while True:
            done, is_over = self._done, self._is_over
            report = self._grader.report(one)
            if report is not None:
                return report
            if is_over:
                break
            with self._changed:
                self._changed.wait_for(lambda seen=done: self._done != seen)  # type: ignore[misc]
        if self._fault is not None:
            raise self._fault
        return None

    def _grade(self) -> None:
        try:
            self._grader.grade(self._submitted, jobs=1, step=lambda name: self._tell())
        except BaseException as fault:
            self._fault = fault
        self._is_over = True
        self._tell()

    def _tell(self) -> None:
        with self._changed:
            self._done += 1
            self._changed.notify_all()
