"""One submission in, one report out; of many submissions to one exercise, the grader is collected once.

The grader is collected by pytest in a process that has run no operation yet; each submission is then judged in a fork
of it, so that nothing of one is left for the next. The submission itself lives in that fork, or behind walls.
"""

from __future__ import annotations

import contextlib
import gc
import json
import multiprocessing
import os
import select
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NoReturn

import pytest

from mlkata.catalog import Exercise
from mlkata.confine import limit_memory
from mlkata.errors import HarnessError, MlkataError
from mlkata.exercise_run import Check, build_report
from mlkata.pytest_plugin import CHECK, MEASURED_PATIENCE, REPORTS, RUNS
from mlkata.report import Category, CheckResult, Outcome, Report
from mlkata.runner import (
    Runner,
    die_with_parent,
    fork_quietly,
    import_all,
    imports_of,
    one_thread,
    orphan_guard,
)
from mlkata.sandbox import Walls

SILENCE_SECONDS = 5.0  # beyond the limit of a check, before a submission that no signal reaches is killed
GRACE = 0.1  # of the limit: what all further checks may wait for, together, once one ran out of time
LEAST_GRACE = 0.01
GRADER_MEMORY_MB = 4096  # that the checks may take while they judge what came from the sandbox
# What no check uses; `logging` alone would take a tenth of a cheap check's time, for each of torch's many loggers.
UNUSED_PLUGINS = ("cacheprovider", "hypothesispytest", "logging", "xdist")
NOT_COME_TO = {
    Outcome.KILLED: "the process died or hung",
    Outcome.HARNESS_ERROR: "the process that ran the checks died or hung: this is no fault of the submission",
    Outcome.TIMED_OUT: "not run: the checks before it used up the time: is there an endless loop?",
}


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


def grade_cases(
    exercise: Exercise, cases: Sequence[Case], *, device: str = "cpu", walls: Walls | None = None
) -> list[Graded]:
    """Judge submissions in this process's forks; it must have run no torch operation.

    Raises
    ------
    HarnessError
        The grader cannot be collected; the message holds what pytest printed.
    """
    graded: list[Graded] = []
    grade_each(exercise, cases, graded.append, device=device, walls=walls)
    return graded


def grade_each(
    exercise: Exercise,
    cases: Iterable[Case],
    done: Callable[[Graded], None],
    *,
    device: str = "cpu",
    walls: Walls | None = None,
) -> None:
    """As `grade_cases`, each case being asked for when `done` has been given what became of those before it."""
    warm_up(exercise)
    one_thread()
    loop = _CaseLoop(exercise, cases, done, walls)
    arguments = [
        str(exercise.visible),
        f"--rootdir={exercise.folder}",
        f"--device={device}",
        *("-c", os.devnull, "-s", "-q"),
        *(word for name in UNUSED_PLUGINS for word in ("-p", f"no:{name}")),
    ]
    status = pytest.main(arguments, plugins=[loop])
    if loop.error is not None:
        raise loop.error
    if not loop.began:
        raise HarnessError(f"{exercise.id}: the grader cannot be run (pytest ended with {status!r}): {loop.trouble}")


class Grader:
    """The hidden checks of one exercise, collected once in a process of their own, and ready for submissions.

    Parameters
    ----------
    exercise : Exercise
    device : {"cpu", "cuda"}
    walls : Walls or None
        Where submissions live; None for the grader's own forks, which is for trusted ones alone.

    Notes
    -----
    The process that makes a grader has run no torch operation; `warm_up` before that makes the next ones cheap.
    """

    def __init__(self, exercise: Exercise, *, device: str = "cpu", walls: Walls | None = None) -> None:
        self.exercise = exercise
        self._mine, theirs = multiprocessing.Pipe()
        self._owner = os.getpid()
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = fork_quietly()
        if self.pid == 0:
            self._mine.close()
            _be_grader(exercise, theirs, device, walls)
        theirs.close()

    def grade(self, case: Case) -> Graded:
        """Judge one submission.

        Raises
        ------
        HarnessError
            The grader cannot be run: its process is gone.
        """
        with contextlib.suppress(OSError):  # of a process that is gone, what it said last can still be read
            self._mine.send(case)
        try:
            answer = self._mine.recv()
        except (EOFError, OSError):
            raise HarnessError(f"{self.exercise.id}: the process that grades it ended; grade again") from None
        if isinstance(answer, str):
            raise HarnessError(answer)
        graded: Graded = answer
        return graded

    def close(self) -> None:
        """End it, and what it was about to grade."""
        self._mine.close()
        if os.getpid() == self._owner:
            with contextlib.suppress(ProcessLookupError, ChildProcessError):
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)


def warm_up(exercise: Exercise) -> None:
    """Import what grading an exercise needs, for graders to inherit."""
    import_all(imports_of(exercise.kind, exercise.allowed, also_on_the_way=True))


def walls_for(exercise: Exercise, *, hide: Iterable[Path] = (), device: str = "cpu") -> Walls:
    """The walls for submissions to an exercise; exercises that submissions import the same for can share them."""
    imports = imports_of(exercise.kind, exercise.allowed, also_on_the_way=True)
    secret = (exercise.home / "graders", exercise.home / "solutions", exercise.folder.parent)
    return Walls(imports, hide=(*secret, *hide), device=device)


def _be_grader(exercise: Exercise, theirs: Connection, device: str, walls: Walls | None) -> NoReturn:
    with orphan_guard():
        die_with_parent()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1):
            os.dup2(nowhere, descriptor)
        try:
            grade_each(exercise, iter(theirs.recv, None), theirs.send, device=device, walls=walls)
        except EOFError:
            pass
        except MlkataError as error:
            theirs.send(str(error))
    raise AssertionError


class _CaseLoop:
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
