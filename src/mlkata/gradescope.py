"""Gradescope: results.json from reports, and the zip of an autograder."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from mlkata import __version__
from mlkata.errors import UsageError
from mlkata.exports import check_text, shares
from mlkata.grades import harness_message, printable
from mlkata.report import CheckResult, Outcome, Report, summary_line

NOT_GRADED = "not graded, please tell your instructor"
UNSAFE = "Graded without the sandbox: a dishonest submission could have changed this."

_EXECUTABLE = 0o755
_READABLE = 0o644
_FIRST_DATE = (1980, 1, 1, 0, 0, 0)  # the same files make the same zip
_UNIX = 3


def to_gradescope(*reports: Report, missing: Iterable[str] = ()) -> dict[str, Any]:
    """What results.json must hold.

    Where mlkata itself went wrong with one of the reports there is no score at all, neither of the whole nor of a test:
    one without that report's points would be wrong.

    Parameters
    ----------
    *reports : Report
        One for each exercise.
    missing : iterable of str
        Exercises that nothing was handed in for: they earn nothing.
    """
    missing = tuple(missing)
    for report in reports:
        if not report.complete:
            return _not_graded(f"{NOT_GRADED}: {report.exercise}: {printable(harness_message(report))}")
    if not reports and not missing:
        return _not_graded(f"{NOT_GRADED}: there was nothing to grade")
    tests = [test for report in reports for test in _tests(report)]
    tests += [_missing(exercise) for exercise in missing]
    output = [summary_line(report) for report in reports]
    output += [problem for report in reports for problem in report.problems]
    output += [UNSAFE] * any(not report.sandboxed for report in reports)
    return {
        "score": round(sum(report.total().earned for report in reports), 4),
        "output": printable("\n".join(output)),
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {
            "mlkata": __version__,
            "max_score": round(sum(report.total().possible for report in reports), 4),
            "seeds": {report.exercise: report.seed for report in reports},
            "sandboxed": all(report.sandboxed for report in reports),
        },
        "tests": tests,
    }


def gradescope_zip(path: Path, exercise_ids: Sequence[str], *, unsafe_no_sandbox: bool = False) -> None:
    """Write the zip to upload under Configure Autograder, for the base image Ubuntu 24.04.

    Its run_autograder calls `mlkata grade FILE --exercise ID --json` for each exercise, then
    `mlkata export --gradescope [--missing ID]... REPORT...`.

    Parameters
    ----------
    path : Path
        The zip; one that is there is replaced.
    exercise_ids : sequence of str
        What the assignment asks for.
    unsafe_no_sandbox : bool
        Whether submissions run without walls, as they must where containers have no user namespaces. Without it,
        nothing is graded in such a container, and the result says so.
    """
    if not exercise_ids:
        raise UsageError("an autograder needs exercises: name one at least")
    folder = resources.files("mlkata").joinpath("data", "gradescope")
    setup = folder.joinpath("setup.sh").read_text(encoding="utf-8").replace("@VERSION@", __version__)
    script = folder.joinpath("run_autograder.py").read_text(encoding="utf-8")
    settings = {"exercises": list(exercise_ids), "unsafe_no_sandbox": unsafe_no_sandbox}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text, mode in (
            ("setup.sh", setup, _EXECUTABLE),
            ("run_autograder", script, _EXECUTABLE),
            ("mlkata.json", json.dumps(settings, indent=1), _READABLE),
        ):
            member = zipfile.ZipInfo(name, _FIRST_DATE)
            member.create_system, member.external_attr = _UNIX, mode << 16
            archive.writestr(member, text, zipfile.ZIP_DEFLATED)


def _tests(report: Report) -> list[dict[str, Any]]:
    points = iter(shares(report))
    return [_test(report, check, next(points) if check.graded else None) for check in report.checks]


def _test(report: Report, check: CheckResult, points: tuple[float, float] | None) -> dict[str, Any]:
    test: dict[str, Any] = {"name": printable(f"{report.exercise}: {check.name}"), "visibility": "visible"}
    if points is None:
        return {**test, "output": printable(f"not graded: {check.note or check.message or 'it does not count here'}")}
    earned, possible = points
    passed = check.outcome is Outcome.PASSED
    return {
        **test,
        "score": round(earned, 4),
        "max_score": round(possible, 4),
        "status": "passed" if passed else "failed",
        "output": printable(check.sentence if passed else check_text(check)),
    }


def _missing(exercise: str) -> dict[str, Any]:
    output = f"Nothing was handed in for this: expected one file {exercise}.py or {exercise}.ipynb."
    return {"name": exercise, "visibility": "visible", "score": 0.0, "status": "failed", "output": output}


def _not_graded(sentence: str) -> dict[str, Any]:
    test = {"name": "grading", "visibility": "visible", "output": sentence}
    return {"output": sentence, "visibility": "visible", "stdout_visibility": "hidden", "tests": [test]}
