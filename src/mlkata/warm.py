"""A process that has imported what an exercise needs and judges its file again and again, each time in a fork.

It is asked and answers with one line of JSON each, like `mlkata.slot`; what it judges is trusted, lies where the
learner edits it, and can be given up for a newer version of it.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from mlkata.cases import Case
from mlkata.catalog import Exercise, read_exercise
from mlkata.errors import HarnessError, MlkataError
from mlkata.grading import Grader, warm_up
from mlkata.report import Category, CheckResult, Outcome, Report
from mlkata.runner import die_with_parent

GIVE_UP = signal.SIGURG  # which is ignored, rather than deadly, until there is a handler for it


class _Keeper:
    """The grader that is warm, and whether what it does is to be given up."""

    def __init__(self) -> None:
        self._grader: Grader | None = None
        self._version: tuple[Any, ...] = ()
        self._is_busy = self._given_up = False

    def give_up(self, number: int, frame: object) -> None:
        """Handle the signal that asks for it; one that comes too late changes nothing."""
        if self._is_busy:
            self._given_up = True
            if self._grader is not None:
                os.kill(self._grader.pid, signal.SIGKILL)

    def answers(self, folder: Path, *, prepare: bool) -> Iterator[dict[str, Any]]:
        """What became of an exercise's own file, or nothing where its grader is to be made ready alone.

        Where speed is graded, or a check failed, there are two answers, and the first says that there is more to
        come: what needs no measuring, and no comparison with known mistakes, is known long before the rest.
        """
        self._given_up = False
        self._is_busy = True  # last: what a signal says from now on must not be forgotten
        try:
            grader = self._grader_for(folder)
            if prepare:
                yield {}
            else:
                yield from _judged(grader)
        except MlkataError as error:
            self.forget()
            yield {"given_up": True} if self._given_up else {"trouble": str(error)}
        finally:
            self._is_busy = False
            if self._given_up:  # also where that came after the last answer: the grader is dead
                self.forget()

    def forget(self) -> None:
        """End the grader."""
        if self._grader is not None:
            self._grader.close()
        self._grader, self._version = None, ()

    def _grader_for(self, folder: Path) -> Grader:
        exercise = read_exercise(folder)
        version = tuple(_versions(exercise))
        if self._grader is None or version != self._version:
            self.forget()
            warm_up(exercise)
            self._grader, self._version = Grader(exercise), version
        if self._given_up:
            raise HarnessError("given up")
        return self._grader


def _judged(grader: Grader) -> Iterator[dict[str, Any]]:
    exercise, before = grader.exercise, _content(grader.exercise.stub)
    case = Case(exercise.id, exercise.stub, without=frozenset({Category.PERFORMANCE} & set(exercise.points)))
    quick = grader.grade(case)
    has_failed = any(check.outcome is Outcome.FAILED for check in quick.report.checks)
    if not (has_failed or case.without):
        yield _plain(quick.report, quick.examples)
        return
    yield {**_plain(quick.report, quick.examples), "more": True}
    closer = grader.grade(replace(case, diagnose=True)) if has_failed else quick
    checks = closer.report.checks
    if case.without:
        checks += grader.grade(replace(case, without=frozenset({*Category, ""}) - case.without)).report.checks
    if _content(exercise.stub) == before:
        yield _plain(replace(closer.report, checks=checks), closer.examples)
    else:  # each part was of another version of the file
        yield {"given_up": True}


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _plain(report: Report, examples: Sequence[CheckResult]) -> dict[str, Any]:
    return {"report": json.loads(report.to_json()), "examples": [asdict(example) for example in examples]}


def _versions(exercise: Exercise) -> Iterator[tuple[str, int, int]]:
    """What tells whether a grader was made of the files as they are."""
    for path in (exercise.metadata, exercise.readme, exercise.visible, exercise.grader, exercise.reference):
        with contextlib.suppress(OSError):
            found = path.stat()
            yield str(path), found.st_mtime_ns, found.st_size


def main() -> None:
    """Answer requests on standard input until it ends, or until the process that asks is gone."""
    die_with_parent()
    if os.getppid() != int(sys.argv[1]):  # it was gone before that
        return
    keeper = _Keeper()
    signal.signal(GIVE_UP, keeper.give_up)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        request = json.loads(line)
        for answer in keeper.answers(Path(request["folder"]), prepare=request["prepare"]):
            print(json.dumps(answer), file=answers, flush=True)
    keeper.forget()


if __name__ == "__main__":
    main()
