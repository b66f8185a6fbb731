"""What stands under a test cell after grading: a message, and a score that nbgrader reads."""

from __future__ import annotations

import math
from collections.abc import Iterator

from mlkata.errors import HarnessError
from mlkata.report import CheckResult, Outcome, Report

NOT_WALLED = "graded without the sandbox: a dishonest submission could have changed this"


def score_of(report: Report, category: str, points: float) -> float:
    """The points that a category's cell earns: the share of its checks that passed, of what the cell is worth.

    Raises
    ------
    HarnessError
        No check of that category was run, which is no student's zero; or the points are no number to take a share of.
    """
    passed, checks = _counts(report, category)
    if not (math.isfinite(points) and points >= 0):
        raise HarnessError(
            f"{report.exercise}: expected 0 or more points of {category}, found {points}; change the cell"
        )
    return float(points) * (passed / checks)


def score_text(score: float) -> str:
    """A score as nbgrader takes it for one, whatever number it is made of: anything else would count as full marks."""
    return repr(float(score))


def message_of(report: Report, category: str) -> str:
    """What the student reads: the checks of a category that did not pass, each reason once."""
    passed, checks = _counts(report, category)
    lines = [f"{report.exercise}, {category}: {passed} of {checks} checks passed"]
    for check, text in _told(report, category):
        lines += ["", f"{check.name}: {check.outcome}", *(f"  {line}".rstrip() for line in text.splitlines())]
    return "\n".join([*lines, *([] if report.sandboxed else ["", NOT_WALLED]), ""]).replace("README.md, ", "the task, ")


def _counts(report: Report, category: str) -> tuple[int, int]:
    found = [score for name, score in report.by_category().items() if name == category]
    if not found or not report.complete:
        raise HarnessError(
            f"{report.exercise}: expected checks of {category}, none was graded; `mlkata verify` says more"
        )
    return found[0].passed, found[0].checks


def _told(report: Report, category: str) -> Iterator[tuple[CheckResult, str]]:
    said: set[str] = set()
    for check in report.checks:
        if check.category == category and check.outcome not in (Outcome.PASSED, Outcome.NOT_GRADED):
            text = check.message if check.outcome is Outcome.FAILED else check.note or check.message
            if check.outcome is Outcome.FAILED or text not in said:
                yield check, text
            said.add(text)
