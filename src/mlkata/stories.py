"""What the checks of a session said, as reports, and as the lines at its end."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mlkata import messages
from mlkata.diagnosis import Suspect, choose
from mlkata.report import CheckResult, Outcome, Report, check_from, summary_line

SAID_ONCE = (Outcome.NOT_IMPLEMENTED, Outcome.NOT_LOADED, Outcome.REFUSED, Outcome.HARNESS_ERROR)


def build_report(stories: Iterable[Mapping[str, Any]]) -> Report:
    """The report of one exercise from what its checks said."""
    stories = list(stories)
    first = stories[0]
    checks = [_merge(group) for group in _by_function(stories).values()]
    named = _misconceptions(stories, checks)
    return Report(
        exercise=first["exercise"],
        submission=first["submission"],
        seed=first["seed"],
        device=first["device"],
        points=first["points"],
        checks=tuple(_diagnosed(check, named.get(check.name, "")) for check in checks),
    )


def closing_lines(stories: dict[Path, list[dict[str, Any]]], reports: Iterable[Report]) -> Iterator[str]:
    """What stands at the end of a session: what concerns whole exercises, said once, and a line for each."""
    for found, report in zip(stories.values(), reports, strict=True):
        examples = [story for story in found if not story["hidden"]]
        for outcome in SAID_ONCE:
            stopped = [story for story in found if story["outcome"] == outcome]
            # Sorted, because under xdist checks end in no order.
            for note in sorted({story["note"] for story in stopped}):
                waiting = [story for story in stopped if story["note"] == note]
                yield f"{report.exercise}: {_once(outcome, note, waiting)}"
        if report.checks:
            yield summary_line(report)
        else:
            passed = sum(story["outcome"] == Outcome.PASSED for story in examples)
            counted = f"{passed} of {len(examples)} visible examples passed"
            yield f"{report.exercise}: {counted}; the hidden checks are not here"


def relative(path: Path, base: Path) -> str:
    """A path as seen from a folder, where it lies in that."""
    try:
        return str(path.relative_to(base)) or "."
    except ValueError:
        return str(path)


def _misconceptions(stories: Sequence[Mapping[str, Any]], checks: Sequence[CheckResult]) -> dict[str, str]:
    """The misconceptions that failing checks point to, by check."""
    alike: dict[str, list[Suspect]] = {}
    for story in stories:
        if story["hidden"] and story.get("alike") is not None:
            found = [Suspect(**{**each, "caught_by": tuple(each["caught_by"])}) for each in story["alike"]]
            alike.setdefault(story["function"], found)
    return choose((check.name for check in checks if check.outcome is Outcome.PASSED), alike)


def _diagnosed(check: CheckResult, misconception: str) -> CheckResult:
    if not misconception:
        return check
    return replace(check, diagnosis=misconception, message=messages.with_misconception(check.message, misconception))


def _once(outcome: Outcome, note: str, stories: Sequence[Mapping[str, Any]]) -> str:
    if outcome is Outcome.NOT_IMPLEMENTED:
        task = re.sub(r"^implement ", "", note) or "something"
        path = relative(Path(stories[0]["submission"]), Path.cwd())
        return f"{task} is not implemented yet: write it in {path} ({_waiting(stories)})"
    return f"{outcome}: {note}" if outcome is Outcome.NOT_LOADED else note


def _waiting(stories: Sequence[Mapping[str, Any]]) -> str:
    """How many checks wait for something; examples are spoken of where there is nothing else."""
    checks = {story["function"] for story in stories if story["hidden"]}
    count, what = (len(checks), "check") if checks else (len(stories), "visible example")
    return f"{count} {what}s wait for it" if count > 1 else f"1 {what} waits for it"


def _by_function(stories: Iterable[Mapping[str, Any]]) -> dict[str, list[CheckResult]]:
    """The results of hidden checks; the cases of a parametrised function belong together."""
    groups: dict[str, list[CheckResult]] = {}
    for story in stories:
        if story["hidden"]:
            groups.setdefault(story["function"], []).append(check_from(story))
    return groups


def _merge(cases: list[CheckResult]) -> CheckResult:
    """One check passes where all its cases do; the first that does not speaks for it."""
    worst = next((case for case in cases if case.outcome is not Outcome.PASSED), cases[0])
    measurements = tuple(part for case in cases for part in case.measurements)
    return replace(worst, name=worst.name.partition("[")[0], measurements=measurements)
