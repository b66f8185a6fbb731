"""A process that grades one submission after the other and keeps warm what the next one needs.

It is asked and answers with one line of JSON each, so that it can serve a class on this machine or on a cluster's.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NoReturn

from mlkata.cases import Case
from mlkata.catalog import Catalog
from mlkata.errors import HarnessError, MlkataError
from mlkata.grading import Grader, walls_for, warm_up
from mlkata.report import Report
from mlkata.runner import die_with_parent
from mlkata.sandbox import Walls

PATIENCE = 5.0  # seconds that a process is given to tidy up before it is killed


@dataclass(frozen=True)
class Job:
    """A submission to grade.

    Attributes
    ----------
    exercise : str
        Its id.
    source : str
        The submission's text.
    name : str
        What the submission is called in the report.
    root : str
        The catalogue that has the exercise.
    seed : int
        Of the random inputs.
    device : str
    show : str
        How much of a failing check is told: see `mlkata.messages.Show`.
    sandboxed : bool
        Whether the submission is kept behind walls.
    hide : str
        A folder that must not be seen from there, such as that of the class; empty for none.
    version : str
        Of the exercise: what is warm is kept while this stays the same.
    """

    exercise: str
    source: str
    name: str
    root: str
    seed: int
    device: str = "cpu"
    show: str = "property"
    sandboxed: bool = True
    hide: str = ""
    version: str = ""


class Slot:
    """The way to one such process; it is started at once and ends with `close` or with the thread that started it."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "mlkata.slot", str(os.getpid())]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)

    def grade(self, job: Job) -> Report:
        """Grade one submission.

        Raises
        ------
        HarnessError
            The process is gone, or the grader cannot be run.
        """
        self.begin(job)
        return self.finish()

    def begin(self, job: Job) -> None:
        """Hand over a submission whose report `finish` waits for."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # `finish` then finds that nothing comes
            self._process.stdin.write(json.dumps(asdict(job)).encode() + b"\n")
            self._process.stdin.flush()

    def fileno(self) -> int:
        """What becomes readable when a report is there."""
        assert self._process.stdout is not None
        return self._process.stdout.fileno()

    def finish(self) -> Report:
        """The report of what was begun."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line.endswith(b"\n"):
            raise HarnessError("the process that grades ended before it was done; grade again")
        answer = json.loads(line)
        if "error" in answer:
            raise HarnessError(answer["error"])
        return Report.from_json(json.dumps(answer["report"]))

    def close(self) -> None:
        """End it, and what it grades."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.terminate()
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()


class _Keeper:
    """What is kept from one job to the next: the grader, and the walls."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._grader: Grader | None = None
        self._graded: tuple[Any, ...] = ()
        self._walls: dict[tuple[Any, ...], Walls] = {}

    def grade(self, job: Job) -> Report:
        wanted = (job.root, job.exercise, job.version, job.device, job.sandboxed, job.hide)
        if wanted != self._graded:
            self.forget_grader()
            self._grader, self._graded = self._grader_for(job), wanted
        assert self._grader is not None
        path = self._folder / f"{job.exercise}.py"
        path.write_text(job.source, encoding="utf-8", errors="surrogatepass")
        try:
            graded = self._grader.grade(Case(job.name, path, seed=job.seed, show=job.show, diagnose=True))
        except HarnessError:
            self.forget_grader()
            raise
        return graded.report.renamed(job.name)

    def forget_grader(self) -> None:
        if self._grader is not None:
            self._grader.close()
        self._grader, self._graded = None, ()

    def close(self) -> None:
        self.forget_grader()
        for walls in self._walls.values():
            walls.close()

    def _grader_for(self, job: Job) -> Grader:
        exercise = Catalog(Path(job.root)).exercise(job.exercise)
        if not exercise.grader.is_file():
            raise HarnessError(
                f"{exercise.grader}: expected the hidden checks, found no file; name a root with graders/"
            )
        walls = None
        if job.sandboxed:
            made = walls_for(exercise, hide=[Path(job.hide)] if job.hide else (), device=job.device)
            walls = self._walls.pop(made.key, None)
            for other in self._walls.values():  # one at a time: each takes as much memory as what it imports
                other.close()
            self._walls = {made.key: walls or made}
            walls = self._walls[made.key]
            walls.start()
        warm_up(exercise)
        return Grader(exercise, device=job.device, walls=walls)


def main() -> None:
    """Answer jobs on standard input until it ends, or until the process that asks is gone."""
    folder = tempfile.mkdtemp(prefix="mlkata-")
    try:
        _end_with_parent(folder)
        if os.getppid() == int(sys.argv[1]):  # otherwise it was gone before that
            _answer(Path(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _end_with_parent(folder: str) -> None:
    owner = os.getpid()

    def end(number: int, frame: object) -> NoReturn:
        # An exception could be lost: in a destructor, it would be ignored. Whatever was forked dies with this process.
        if os.getpid() == owner:
            shutil.rmtree(folder, ignore_errors=True)
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    die_with_parent(signal.SIGTERM)


def _answer(folder: Path) -> None:
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    keeper = _Keeper(folder)
    for line in sys.stdin:
        answer: dict[str, Any]
        try:
            answer = {"report": json.loads(keeper.grade(Job(**json.loads(line))).to_json())}
        except MlkataError as error:
            answer = {"error": str(error)}
        print(json.dumps(answer), file=answers, flush=True)
    keeper.close()


if __name__ == "__main__":
    main()
