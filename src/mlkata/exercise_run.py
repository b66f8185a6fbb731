"""One exercise within one pytest session: its submission, its grader, and what is made for them on the way."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from mlkata import messages
from mlkata.catalog import Exercise, read_exercise
from mlkata.diagnosis import Suspects
from mlkata.errors import DoesNotLoad, SubmissionFault, WorkerLost
from mlkata.links import SocketLink
from mlkata.loading import load_local, load_walled
from mlkata.measure import available
from mlkata.runner import IMPORTS_OF_A_CALL, Runner, imports_of
from mlkata.submission import Submission


@dataclass
class ExerciseRun:
    """The exercise, where its submission lies, and what is made for it on the way.

    Attributes
    ----------
    sandbox : Runner or None
        Where the submission's workers come from; without one it lives in this process.
    n_checks : int
        How many checks the grader has, once it is imported; a run may have been asked for some of them.
    diagnose : bool
        Whether checks that fail are repeated with the known wrong answers.
    """

    exercise: Exercise
    path: Path
    config: pytest.Config
    obey_rules: bool = True
    sandbox: Runner | None = None
    n_checks: int = 0
    diagnose: bool = True
    _submission: Submission | None = None
    _link: SocketLink | None = None
    _fault: SubmissionFault | WorkerLost | None = None
    _runner: Runner | None = None
    _suspects: Suspects | None = None

    @classmethod
    def start(cls, config: pytest.Config, visible: Path) -> ExerciseRun:
        """Read the exercise; where it measures, fork its runner now, before any operation has run."""
        exercise = read_exercise(visible.parent)
        chosen = config.getoption("submission")
        run = cls(exercise, Path(chosen) if chosen else exercise.stub, config)
        measures = exercise.grader.is_file() and "measure" in exercise.grader.read_text(encoding="utf-8")
        if measures and not available() and not config.option.collectonly and not hasattr(config, "workerinput"):
            run._runner = Runner.start(run._imports(), fork=True, late=IMPORTS_OF_A_CALL.get(exercise.kind, ()))
        return run

    def submission(self) -> Submission:
        """The submission, loaded once, and again where its worker was lost.

        Raises
        ------
        SubmissionFault
            It does not load, which is remembered.
        """
        if self._fault is not None:
            raise self._fault.with_traceback(None)  # else it would grow with each check
        if self._link is not None and self._link.is_lost:
            self._link.close()
            self._submission = self._link = None
        if self._submission is None:
            try:
                self._submission = self._load()
            except (SubmissionFault, WorkerLost) as fault:
                self._fault = fault
                raise
            except pytest.fail.Exception as timeout:
                self._fault = self._endless_import(timeout)
                raise self._fault from None
        return self._submission

    def _load(self) -> Submission:
        if self.sandbox is None:
            debugged = bool(self.config.getoption("usepdb"))
            return load_local(self.exercise, self.path, obey_rules=self.obey_rules, keep_frames=debugged)
        seconds = self.exercise.limits.seconds
        loaded, self._link = load_walled(
            self.exercise, self.path, self.sandbox, seconds=seconds, obey_rules=self.obey_rules
        )
        return loaded

    def runner(self) -> Runner:
        """Where measured workers come from; under xdist it is started when it is first needed."""
        if self._runner is None:
            late = IMPORTS_OF_A_CALL.get(self.exercise.kind, ())
            self._runner = Runner.start(self._imports(), fork=False, late=late)
        return self._runner

    @contextmanager
    def stand_still(self) -> Iterator[None]:
        """The submission's own worker is stopped meanwhile."""
        if self._link is None:
            yield
            return
        self._link.process.signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._link.process.signal(signal.SIGCONT)

    def calls(self) -> list[Any]:
        """What the running check has asked of the submission."""
        return self._submission.history() if self._submission else []

    def forget_calls(self) -> None:
        """Begin a new history of calls."""
        if self._submission:
            self._submission.forget()

    def suspects(self) -> Suspects:
        """The known wrong answers."""
        self._suspects = self._suspects or Suspects(self.exercise)
        return self._suspects

    def close(self) -> None:
        """End the runner."""
        if self._suspects is not None:
            self._suspects.close()
        if self._runner is not None:
            self._runner.close()

    def _imports(self) -> tuple[str, ...]:
        return imports_of(self.exercise.kind, self.exercise.allowed)

    def _endless_import(self, timeout: BaseException) -> DoesNotLoad:
        """What pytest-timeout's exception means while the file is imported: no check needs to wait for that again."""
        where = "".join(f", line {number} ({line})" for number, _, line in messages.own_frames(timeout, self.path)[-1:])
        limit = f"{self.exercise.limits.seconds:g} s"
        return DoesNotLoad(
            f"{self.path}{where}: importing the file did not end within {limit}: is there an endless loop?"
        )


def import_grader(path: Path) -> ModuleType:
    """The module of hidden checks; it gets a name of its own, whatever the working directory.

    It is compiled each time: bytecode that is kept stands for any source of the same size and second.
    """
    module = ModuleType(f"mlkata_grader_{path.parent.name}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module
    try:
        exec(compile(path.read_bytes(), str(path), "exec", dont_inherit=True), module.__dict__)
    except Exception as error:
        raise pytest.Collector.CollectError(
            f"{path}: the grader cannot be imported: {type(error).__name__}: {error}"
        ) from error
    return module
