"""One submission in, one report out; of many submissions to one exercise, the grader is collected once.

The grader is collected by pytest in a process that has run no operation yet; each submission is then judged in a fork
of it, so that nothing of one is left for the next. The submission itself lives in that fork, or behind walls.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NoReturn

import pytest

from mlkata.case_loop import CaseLoop
from mlkata.cases import Case, Graded
from mlkata.catalog import Exercise
from mlkata.errors import HarnessError, MlkataError
from mlkata.runner import (
    die_with_parent,
    fork_quietly,
    import_all,
    imports_of,
    one_thread,
    orphan_guard,
)
from mlkata.sandbox import Walls

# What no check uses; `logging` alone would take a tenth of a cheap check's time, for each of torch's many loggers.
UNUSED_PLUGINS = ("cacheprovider", "hypothesispytest", "logging", "xdist")


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
    loop = CaseLoop(exercise, cases, done, walls)
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
