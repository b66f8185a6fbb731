"""Pytest's loop over one grader's checks, made one over submissions: each is judged in a fork of its own."""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from typing import Any, NoReturn

import pytest

from mlkata.cases import Case, Graded
from mlkata.catalog import Exercise
from mlkata.check import Check
from mlkata.confine import limit_memory
from mlkata.errors import MlkataError
from mlkata.pytest_plugin import CHECK, MEASURED_PATIENCE, REPORTS, RUNS
from mlkata.report import Category, CheckResult, Outcome
from mlkata.runner import (
    Runner,
    die_with_parent,
    fork_quietly,
    orphan_guard,
)
from mlkata.sandbox import Walls
from mlkata.stories import build_report

SILENCE_SECONDS = 5.0  # beyond the limit of a check, before a submission that no signal reaches is killed
GRACE = 0.1  # of the limit: what all further checks may wait for, together, once one ran out of time
LEAST_GRACE = 0.01
GRADER_MEMORY_MB = 4096  # that the checks may take while they judge what came from the sandbox
NOT_COME_TO = {
    Outcome.KILLED: "the process died or hung",
    Outcome.HARNESS_ERROR: "the process that ran the checks died or hung: this is no fault of the submission",
    Outcome.TIMED_OUT: "not run: the checks before it used up the time: is there an endless loop?",
}


class CaseLoop:
    """Replaces pytest's loop over the checks by one over the cases."""

    def __init__(
        self, exercise: Exercise, cases: Iterable[Case], done: Callable[[Graded], None], walls: Walls | None
    ) -> None:
        self.exercise = exercise
        self.cases = cases
        self.done = done
        self.walls = walls
        self.began = False
        self.error: BaseException | None = None
        self.trouble = "no check was collected"
        self.caught: set[str] = set()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        gc.freeze()  # the forks then do not copy what they only read
        if session.items and not session.testsfailed:
            self.began = True
            try:
                for case in self.cases:
                    self.done(self._grade(session, case))
            except (EOFError, OSError, MlkataError) as error:  # of whoever hands over the cases, or of the walls
                self.error = error
        return True

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.trouble = str(report.longrepr)

    def _grade(self, session: pytest.Session, case: Case) -> Graded:
        items = [item for item in session.items if _wanted(item, case)]
        items.sort(key=lambda item: (not _is_named(item, case), case.stop_at_first and not self._has_caught(item)))
        sandbox = self.walls.clean() if self.walls else None
        reading, writing = os.pipe()
        pid = fork_quietly()
        if pid == 0:
            os.close(reading)
            _judge_in_child(session, items, case, writing, sandbox)
        os.close(writing)
        patience = (MEASURED_PATIENCE + 1) * self.exercise.limits.seconds + SILENCE_SECONDS
        try:
            told, is_whole = _gather(reading, patience)
        finally:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            os.close(reading)
        stories = [each["story"] for each in told if "story" in each]
        if not is_whole:
            stories += _missing(items, stories, case, Outcome.HARNESS_ERROR if sandbox else Outcome.KILLED)
        self.caught |= {
            story["function"] for story in stories if story["outcome"] == Outcome.FAILED and case.stop_at_first
        }
        examples = tuple(_example(story) for story in stories if not story["hidden"])
        report = replace(build_report(stories), sandboxed=sandbox is not None)
        applied = all(each["applied"] for each in told if "applied" in each)  # one that died had occasion for that
        return Graded(case, report, examples, applied, _occasions(told) if is_whole else None)

    def _has_caught(self, item: pytest.Item) -> bool:
        """Whether a check failed a submission for which one failure was enough: then it is tried first on the next."""
        return item.stash[CHECK].function in self.caught


def _wanted(item: pytest.Item, case: Case) -> bool:
    if case.only is not None and item.stash[CHECK].function not in case.only:
        return False
    return item.stash[CHECK].category not in case.without or _is_named(item, case)


def _is_named(item: pytest.Item, case: Case) -> bool:
    return item.stash[CHECK].function in case.but_with


def _judge_in_child(
    session: pytest.Session, items: Sequence[pytest.Item], case: Case, writing: int, sandbox: Runner | None
) -> NoReturn:
    with orphan_guard():
        die_with_parent()
        config = session.config
        if sandbox is not None and config.getoption("device") == "cpu":
            limit_memory(GRADER_MEMORY_MB)  # a small answer can stand for a large one: a range, a sparse matrix
        config.option.seed = case.seed
        config.option.show = case.show
        for run in config.stash[RUNS].values():
            run.path, run.obey_rules, run.sandbox = case.path, case.obey_rules, sandbox
            run.diagnose = case.diagnose
        stories: list[dict[str, Any]] = []
        patience = _Patience()
        with os.fdopen(writing, "w", encoding="utf-8") as out:
            for place, (item, after) in enumerate(zip(items, [*items[1:], None], strict=True)):
                patience.limit(item)
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
                found = [story for part in config.stash[REPORTS].values() for story in part]
                new, stories = found[len(stories) :], found
                if patience.is_spent_by(item, new):
                    new += _missing(items[place + 1 :], stories, case, Outcome.TIMED_OUT)
                for story in new:
                    print(json.dumps({"story": story}), file=out, flush=True)
                occasions = _of_module(config, "_mlkata_occasions", set())
                if occasions:
                    print(json.dumps({"occasions": list(occasions), "check": item.stash[CHECK].function}), file=out)
                    occasions.clear()
                if patience.is_spent:
                    break
                if _is_enough(stories, after, case):
                    break
            print(json.dumps({"applied": _of_module(config, "_mlkata_applied", True)}), file=out, flush=True)
    raise AssertionError


def _of_module(config: pytest.Config, name: str, default: Any) -> Any:
    """A variable of the submission's module, where that lives in this process."""
    run = next(iter(config.stash[RUNS].values()))
    return getattr(sys.modules.get(f"submission_{run.exercise.id}"), name, default)


class _Patience:
    """How long checks may take once one ran out of time: all further ones together get a share of the limit.

    Performance checks keep theirs: their calls are stopped by CPU time, relative to the reference.
    """

    def __init__(self) -> None:
        self._left: float | None = None
        self._began = 0.0
        self.is_spent = False

    def limit(self, item: pytest.Item) -> None:
        """Give a check, which is about to begin, the time that is left."""
        self._began = time.monotonic()
        if self._left is not None and item.stash[CHECK].category != Category.PERFORMANCE:
            item.add_marker(pytest.mark.timeout(self._left), append=False)

    def is_spent_by(self, item: pytest.Item, stories: Sequence[dict[str, Any]]) -> bool:
        """Whether, after a check that told these stories, there is no time for others."""
        seconds = item.stash[CHECK].run.exercise.limits.seconds
        if any(story["outcome"] == Outcome.TIMED_OUT for story in stories):
            spent = time.monotonic() - self._began
            self._left = GRACE * seconds if self._left is None else self._left - spent
        self.is_spent = self._left is not None and self._left < LEAST_GRACE * seconds
        return self.is_spent


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


def _gather(reading: int, patience: float) -> tuple[list[dict[str, Any]], bool]:
    """What a child tells, and whether it came to its end; one that is silent for `patience` seconds is given up."""
    text, deadline = b"", time.monotonic() + patience
    while True:
        ready, _, _ = select.select([reading], [], [], max(deadline - time.monotonic(), 0))
        part = os.read(reading, 1 << 16) if ready else b""
        if not part:
            break
        text, deadline = text + part, time.monotonic() + patience
    told = [json.loads(line) for line in text.decode("utf-8").split("\n")[:-1]]
    return told, any("applied" in each for each in told)


def _occasions(told: Sequence[dict[str, Any]]) -> dict[str, frozenset[str]]:
    found = defaultdict(set)
    for each in told:
        for name in each.get("occasions", ()):
            found[name].add(each["check"])
    return {name: frozenset(checks) for name, checks in found.items()}


def _missing(
    items: Sequence[pytest.Item], stories: Sequence[dict[str, Any]], case: Case, outcome: Outcome
) -> Iterator[dict[str, Any]]:
    """A story for each check that was not come to."""
    told = {story["name"] for story in stories}
    for item in items:
        check: Check = item.stash[CHECK]
        if check.name not in told:
            note = NOT_COME_TO[outcome]
            result = CheckResult(check.name, check.result_category, outcome, check.sentence, message=note, note=note)
            yield {**asdict(result), **check.story(), "submission": str(case.path), "seed": case.seed}


def _example(story: dict[str, Any]) -> CheckResult:
    return CheckResult(story["name"], story["category"], Outcome(story["outcome"]), message=story["message"])
