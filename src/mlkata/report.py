"""How checks end, how they add up, and the JSON form."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any


class Category(StrEnum):
    """What a check is about; the points of a category are shared equally by its checks."""

    CORRECTNESS = "correctness"
    EDGE_CASE = "edge_case"
    PERFORMANCE = "performance"
    GPU = "gpu"


class Outcome(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_IMPLEMENTED = "not implemented"
    REFUSED = "refused by the rules"
    NOT_LOADED = "does not load"
    TIMED_OUT = "timed out"
    KILLED = "killed"
    NONSENSE = "spoke nonsense"
    NOT_GRADED = "not graded"
    HARNESS_ERROR = "harness error"


@dataclass(frozen=True)
class Measurement:
    """A figure that a performance check measured, and the most that it allows.

    Attributes
    ----------
    margin : float
        By what factor right answers must stay under the limit, and slow ones go over it, for the limit to be proved.
    """

    what: str
    value: float
    limit: float
    margin: float = 2.0


@dataclass(frozen=True)
class CheckResult:
    """How one check ended, and what the learner is told.

    Attributes
    ----------
    diagnosis : str
        The misconception that the submission behaves like, where one is known.
    """

    name: str
    category: Category
    outcome: Outcome
    sentence: str = ""
    message: str = ""
    note: str = ""
    measurements: tuple[Measurement, ...] = ()
    diagnosis: str = ""

    @property
    def graded(self) -> bool:
        """Whether the check counts in this run."""
        return self.outcome is not Outcome.NOT_GRADED


@dataclass(frozen=True)
class Score:
    """Checks passed and points earned, out of how many."""

    passed: int
    checks: int
    earned: float
    possible: float


@dataclass(frozen=True)
class Report:
    """What grading one submission says.

    Attributes
    ----------
    sandboxed : bool
        Whether the submission was behind walls.
    """

    exercise: str
    submission: str
    seed: int
    device: str
    points: Mapping[str, float]
    checks: tuple[CheckResult, ...]
    problems: tuple[str, ...] = field(default=())
    sandboxed: bool = False

    @property
    def complete(self) -> bool:
        """Whether the checks were run at all: where mlkata itself went wrong, no points may be made of the rest."""
        return bool(self.checks) and all(check.outcome is not Outcome.HARNESS_ERROR for check in self.checks)

    @property
    def passed(self) -> bool:
        """Whether there were checks and all that count passed."""
        graded = [check for check in self.checks if check.graded]
        return bool(graded) and not self.problems and all(check.outcome is Outcome.PASSED for check in graded)

    def by_category(self) -> dict[Category, Score]:
        """One score for each category that has checks in this run."""
        scores = {}
        for category in Category:
            checks = [check for check in self.checks if check.category is category and check.graded]
            if checks:
                scores[category] = _score(checks, self.points.get(category, 0.0))
        return scores

    def total(self) -> Score:
        """The scores of all categories, added up."""
        parts = self.by_category().values()
        return Score(
            passed=sum(part.passed for part in parts),
            checks=sum(part.checks for part in parts),
            earned=sum(part.earned for part in parts),
            possible=sum(part.possible for part in parts),
        )

    def result(self, check: str) -> CheckResult:
        """The result of one check, by the name of its test function."""
        return next(result for result in self.checks if result.name == check)

    def renamed(self, name: str) -> Report:
        """The report as of a submission with another name, in what its checks say as well."""
        old = self.submission
        checks = tuple(
            replace(check, message=check.message.replace(old, name), note=check.note.replace(old, name))
            for check in self.checks
        )
        return replace(self, submission=name, checks=checks)

    def to_json(self) -> str:
        """The report as JSON text; the points earned are written out for readers that do not add up."""
        total = self.total()
        figures = {"earned": total.earned, "possible": total.possible, "complete": self.complete}
        return json.dumps({**asdict(self), **figures}, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Report:
        """The report that `to_json` wrote."""
        data: dict[str, Any] = json.loads(text)
        return cls(
            exercise=data["exercise"],
            submission=data["submission"],
            seed=data["seed"],
            device=data["device"],
            points=data["points"],
            checks=tuple(_check_from(item) for item in data["checks"]),
            problems=tuple(data["problems"]),
            sandboxed=data["sandboxed"],
        )


def summary_line(report: Report) -> str:
    """One line: checks passed, points, and the categories that lost some.

    >>> summary_line(Report("focal_loss", "a.py", 0, "cpu", {"correctness": 5.0}, ()))
    'focal_loss: no check was run'
    """
    if not report.checks:
        return f"{report.exercise}: no check was run"
    total = report.total()
    lost = [
        f"{category} {score.passed}/{score.checks}"
        for category, score in report.by_category().items()
        if score.passed < score.checks
    ]
    if not report.complete:
        return f"{report.exercise}: not graded, because mlkata itself went wrong; this is no fault of the submission"
    left_out = [check for check in report.checks if not check.graded]
    line = (
        f"{report.exercise}: {total.passed} of {total.checks} checks passed, "
        f"{total.earned:.3g} of {total.possible:.3g} points"
    )
    if lost:
        line += "; points lost in " + ", ".join(lost)
    if left_out:
        line += f"; {len(left_out)} not graded: {left_out[0].note or 'skipped'}"
    return line


def _score(checks: Iterable[CheckResult], points: float) -> Score:
    outcomes = [check.outcome is Outcome.PASSED for check in checks]
    return Score(sum(outcomes), len(outcomes), points * sum(outcomes) / len(outcomes), points)


def _check_from(item: Mapping[str, Any]) -> CheckResult:
    return CheckResult(
        name=item["name"],
        category=Category(item["category"]),
        outcome=Outcome(item["outcome"]),
        sentence=item["sentence"],
        message=item["message"],
        note=item["note"],
        measurements=tuple(Measurement(**part) for part in item["measurements"]),
        diagnosis=item.get("diagnosis", ""),
    )
