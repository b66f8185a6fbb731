"""A submission that a grader is to judge, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mlkata.report import CheckResult, Report


@dataclass(frozen=True)
class Case:
    """A submission, and how much of the grader is to judge it.

    Attributes
    ----------
    label : str
        Its name in messages.
    path : Path
        Its source.
    seed : int
        Of the random inputs.
    without : frozenset of str
        Categories that are left out.
    but_with : frozenset of str
        Checks that are run first, even where their category is left out.
    only : frozenset of str or None
        Checks that alone are run; None for all.
    until_one_passes : bool
        Whether, those run, the first check that passes is enough.
    stop_at_first : bool
        Whether the first check that fails is enough.
    obey_rules : bool
        Whether it may import and call only what the exercise allows.
    show : str
        How much of a failing check is told: see `mlkata.messages.Show`.
    diagnose : bool
        Whether failing checks are repeated with the known wrong answers: see `mlkata.diagnosis`.
    """

    label: str
    path: Path
    seed: int = 0
    without: frozenset[str] = frozenset()
    but_with: frozenset[str] = frozenset()
    only: frozenset[str] | None = None
    until_one_passes: bool = False
    stop_at_first: bool = False
    obey_rules: bool = True
    show: str = "full"
    diagnose: bool = False


@dataclass(frozen=True)
class Graded:
    """What became of a case.

    Attributes
    ----------
    report : Report
        Of the hidden checks.
    examples : tuple of CheckResult
        Of the visible ones.
    applied : bool
        For an automatic wrong answer: whether it had an occasion to be wrong.
    occasions : mapping of str to frozenset of str, or None
        For a watched reference: the checks in which an automatic wrong answer would have an occasion, by its name. None
        where it did not come to its end.
    """

    case: Case
    report: Report
    examples: tuple[CheckResult, ...]
    applied: bool
    occasions: Mapping[str, frozenset[str]] | None = None
