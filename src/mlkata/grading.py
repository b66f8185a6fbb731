"""One submission in, one report out; of many submissions to one exercise, the grader is collected once.

The grader is collected by pytest in this process, which has run no operation yet; each submission is then judged in a
fork of it, so that nothing of one is left for the next.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NoReturn

import pytest

from mlkata.catalog import Exercise
from mlkata.errors import HarnessError
from mlkata.exercise_run import Check, build_report
from mlkata.pytest_plugin import CHECK, REPORTS, RUNS
from mlkata.report import CheckResult, Outcome, Report
from mlkata.runner import die_with_parent, fork_quietly, import_for, one_thread, orphan_guard

PATIENCE = 2.0  # times the limit of a check, before a submission that no signal reaches is killed


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
    until_one_passes : bool
        Whether, those run, the first check that passes is enough.
    stop_at_first : bool
        Whether the first check that fails is enough.
    obey_rules : bool
        Whether it may import and call only what the exercise allows.
    """

    label: str
    path: Path
    seed: int = 0
    without: frozenset[str] = frozenset()
    but_with: frozenset[str] = frozenset()
    until_one_passes: bool = False
    stop_at_first: bool = False
    obey_rules: bool = True


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
    """

    case: Case
    report: Report
    examples: tuple[CheckResult, ...]
    applied: bool


def grade_cases(exercise: Exercise, cases: Sequence[Case], *, device: str = "cpu") -> list[Graded]:
    """Judge submissions in this process's forks; it must have run no torch operation.

    Raises
    ------
    HarnessError
        The grader cannot be collected; the message holds what pytest printed.
    """
    import_for(exercise.kind, also_on_the_way=True)
    one_thread(exercise.kind)
    loop = _CaseLoop(exercise, cases)
    arguments = [
        str(exercise.visible),
        f"--rootdir={exercise.folder}",
        f"--device={device}",
        *("-c", os.devnull, "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:hypothesispytest", "-s", "-q"),
    ]
    status = pytest.main(arguments, plugins=[loop])
    if len(loop.graded) != len(cases):
        raise HarnessError(f"{exercise.id}: the grader cannot be run (pytest ended with {status!r}): {loop.trouble}")
    return loop.graded


class _CaseLoop:
    """Replaces pytest's loop over the checks by one over the cases."""

    def __init__(self, exercise: Exercise, cases: Sequence[Case]) -> None:
        self.exercise = exercise
        self.cases = cases
        self.graded: list[Graded] = []
        self.trouble = "no check was collected"
        self.caught: set[str] = set()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        gc.freeze()  # the forks then do not copy what they only read
        if not session.testsfailed:
            self.graded = [self._grade(session, case) for case in self.cases]
        return True

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.trouble = str(report.longrepr)

    def _grade(self, session: pytest.Session, case: Case) -> Graded:
        items = [item for item in session.items if _wanted(item, case)]
        items.sort(key=lambda item: (not _is_named(item, case), case.stop_at_first and not self._has_caught(item)))
        reading, writing = os.pipe()
        pid = fork_quietly()
        if pid == 0:
            os.close(reading)
            _judge_in_child(session, items, case, writing)
        os.close(writing)
        try:
            stories, applied, is_whole = _gather(reading, PATIENCE * self.exercise.limits.seconds + 5)
        finally:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            os.close(reading)
        if not is_whole:
            stories += _missing(items, stories, case)
        self.caught |= {
            story["function"] for story in stories if story["outcome"] == Outcome.FAILED and case.stop_at_first
        }
        examples = tuple(_example(story) for story in stories if not story["hidden"])
        return Graded(case, build_report(stories), examples, applied)

    def _has_caught(self, item: pytest.Item) -> bool:
        """Whether a check failed a submission for which one failure was enough: then it is tried first on the next."""
        return item.stash[CHECK].function in self.caught


def _wanted(item: pytest.Item, case: Case) -> bool:
    return item.stash[CHECK].category not in case.without or _is_named(item, case)


def _is_named(item: pytest.Item, case: Case) -> bool:
    return item.stash[CHECK].function in case.but_with


def _judge_in_child(session: pytest.Session, items: Sequence[pytest.Item], case: Case, writing: int) -> NoReturn:
    with orphan_guard():
        die_with_parent()
        config = session.config
        config.option.seed = case.seed
        for run in config.stash[RUNS].values():
            run.path, run.obey_rules = case.path, case.obey_rules
        stories: list[dict[str, Any]] = []
        with os.fdopen(writing, "w", encoding="utf-8") as out:
            for item, after in zip(items, [*items[1:], None], strict=True):
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
                found = [story for part in config.stash[REPORTS].values() for story in part]
                for story in found[len(stories) :]:
                    print(json.dumps(story), file=out, flush=True)
                stories = found
                if _is_enough(stories, after, case):
                    break
            module = sys.modules.get(f"submission_{next(iter(config.stash[RUNS].values())).exercise.id}")
            print(json.dumps({"applied": getattr(module, "_mlkata_applied", True)}), file=out, flush=True)
    raise AssertionError


def _is_enough(stories: Sequence[dict[str, Any]], after: pytest.Item | None, case: Case) -> bool:
    """Whether a case need not be judged any further."""
    hidden = [story for story in stories if story["hidden"]]
    if case.stop_at_first:
        return any(story["outcome"] == Outcome.FAILED for story in hidden)
    if not case.until_one_passes:
        return False
    unfinished = set() if after is None else {after.stash[CHECK].function}
    failed = {story["function"] for story in hidden if story["outcome"] != Outcome.PASSED}
    return bool({story["function"] for story in hidden} - case.but_with - failed - unfinished)


def _gather(reading: int, patience: float) -> tuple[list[dict[str, Any]], bool, bool]:
    """The stories that a child tells, whether an automatic answer applied, and whether the child came to its end.

    A child that is silent for `patience` seconds is given up. One that does not come to its end had occasion for that.
    """
    text, deadline = b"", time.monotonic() + patience
    while True:
        ready, _, _ = select.select([reading], [], [], max(deadline - time.monotonic(), 0))
        part = os.read(reading, 1 << 16) if ready else b""
        if not part:
            break
        text, deadline = text + part, time.monotonic() + patience
    told = [json.loads(line) for line in text.decode("utf-8").split("\n")[:-1]]
    stories = [story for story in told if "applied" not in story]
    ends = [story for story in told if "applied" in story]
    return stories, all(end["applied"] for end in ends), bool(ends)


def _missing(items: Sequence[pytest.Item], stories: Sequence[dict[str, Any]], case: Case) -> Iterator[dict[str, Any]]:
    """A story for each check that a child which died did not come to."""
    told = {story["name"] for story in stories}
    for item in items:
        check: Check = item.stash[CHECK]
        if check.name not in told:
            outcome = Outcome.KILLED
            result = CheckResult(
                check.name, check.result_category, outcome, check.sentence, note="the process died or hung"
            )
            yield {**asdict(result), **check.story(), "submission": str(case.path), "seed": case.seed}


def _example(story: dict[str, Any]) -> CheckResult:
    return CheckResult(story["name"], story["category"], Outcome(story["outcome"]), message=story["message"])
