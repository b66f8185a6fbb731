"""Writes down what became of a run, where it was one of a practice folder's own answer."""

from __future__ import annotations

from pathlib import Path

from mlkata import journal
from mlkata.journal import Deed, Entry
from mlkata.practice import Practice
from mlkata.report import Outcome, Report

_UNFINISHED = (Outcome.NOT_IMPLEMENTED, Outcome.NOT_LOADED)


def record_run(folder: Path, report: Report, *, n_checks: int) -> None:
    """Add a line to the journal of the practice folder that has the exercise's folder; elsewhere nothing is done.

    Parameters
    ----------
    folder : Path
        The exercise's.
    report : Report
        Of the checks that were run.
    n_checks : int
        How many there are.
    """
    practice = Practice(folder.parent.parent)
    own = str(folder / f"{folder.name}.py")
    if report.complete and report.submission == own and practice.exists:
        journal.write_if_possible(practice.journal, [entry_of(report, n_checks=n_checks)])


def entry_of(report: Report, *, n_checks: int) -> Entry:
    """What the journal says of a run."""
    total = report.total()
    n_graded = max(total.checks, n_checks - sum(not check.graded for check in report.checks))
    return Entry(journal.now(), _deed_of(report, n_checks), report.exercise, f"{total.passed}/{n_graded}")


def _deed_of(report: Report, n_checks: int) -> Deed:
    outcomes = {check.outcome for check in report.checks}
    if outcomes <= {Outcome.NOT_IMPLEMENTED, Outcome.NOT_GRADED}:
        return Deed.BEGAN
    if outcomes.intersection(_UNFINISHED):
        return Deed.UNFINISHED
    if not report.passed:
        return Deed.FAILED
    return Deed.PASSED if len(report.checks) >= n_checks else Deed.PARTLY
