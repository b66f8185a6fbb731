"""Proves exercises: the laws of their files, then the laws of their answers."""

from __future__ import annotations

import multiprocessing
import os
import resource
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from pathlib import Path

from mlkata import laws_of_runs, laws_of_text, sources
from mlkata.automatic import AutomaticAnswer, automatic_answers, idle_answer
from mlkata.catalog import Exercise
from mlkata.errors import MlkataError
from mlkata.grading import Case, grade_cases
from mlkata.laws_of_runs import Evidence
from mlkata.runner import import_all, imports_of

GPU = frozenset({"gpu"})
MEASURED = GPU | {"performance"}


@dataclass(frozen=True)
class Complaint:
    """A law that an exercise breaks, and how."""

    law: str
    text: str


@dataclass(frozen=True)
class Verdict:
    """What verifying an exercise said.

    Attributes
    ----------
    id : str
    complaints : tuple of Complaint
        Empty for a sound exercise.
    graded : int
        How many submissions were graded for it.
    cpu_seconds, wall_seconds : float
        What it took.
    """

    id: str
    complaints: tuple[Complaint, ...]
    graded: int
    cpu_seconds: float
    wall_seconds: float

    @property
    def sound(self) -> bool:
        """Whether no law is broken."""
        return not self.complaints


def verify(exercise: Exercise, *, device: str = "cpu") -> Verdict:
    """Hold one exercise against every law; this process must have run no torch operation."""
    started = time.monotonic()
    complaints, graded = [], 0
    complaints += _complaints(laws_of_text.FIRST_LAWS, exercise)
    if not complaints:
        complaints += _complaints(laws_of_text.LAWS, exercise)
        with tempfile.TemporaryDirectory(prefix="mlkata-") as folder:
            try:
                evidence = gather(exercise, Path(folder), device=device)
                graded = 3 + len(evidence.right) + len(evidence.wrong) + len(evidence.automatic)
                complaints += _complaints(laws_of_runs.LAWS, evidence)
            except MlkataError as error:
                complaints.append(Complaint("grading_works", str(error)))
    return Verdict(exercise.id, tuple(complaints), graded, _cpu_seconds(), time.monotonic() - started)


def verify_all(exercises: Sequence[Exercise], *, jobs: int, device: str = "cpu") -> Iterator[Verdict]:
    """Verify exercises side by side, each in a process of its own; verdicts come as they are ready."""
    _import_once(exercises)
    fork = multiprocessing.get_context("fork")
    waiting = list(exercises)
    running: dict[Connection, tuple[Exercise, ForkProcess]] = {}
    while waiting or running:
        while waiting and len(running) < jobs:
            exercise = waiting.pop(0)
            reading, writing = fork.Pipe(duplex=False)
            process = fork.Process(target=_verify_in_child, args=(exercise, device, writing))
            process.start()
            writing.close()
            running[reading] = (exercise, process)
        for ready in wait(list(running)):
            assert isinstance(ready, Connection)
            exercise, process = running.pop(ready)
            try:
                yield ready.recv()
            except EOFError:
                process.join()
                lost = Complaint("grading_works", f"the process that verified it ended with {process.exitcode}")
                yield Verdict(exercise.id, (lost,), 0, 0.0, 0.0)
            process.join()


def gather(exercise: Exercise, folder: Path, *, device: str = "cpu") -> Evidence:
    """Grade the stub, the reference, and every right, wrong and automatic answer; sources go into `folder`."""
    stub = Case("stub", exercise.stub, without=GPU)
    reference = Case("reference", exercise.reference, obey_rules=False)
    right = [Case(path.name, path, seed=number) for number, path in enumerate(exercise.right, start=1)]
    wrong = [_wrong_case(path) for path in exercise.wrong]
    idle = Case(
        "idle", _written(folder / "idle.py", idle_answer(exercise, _source(exercise))), without=GPU, obey_rules=False
    )
    automatic = {answer: _automatic_case(answer, folder) for answer in _automatic(exercise)}
    cases = [stub, reference, idle, *right, *wrong, *automatic.values()]
    graded = dict(zip(cases, grade_cases(exercise, cases, device=device), strict=True))
    return Evidence(
        exercise,
        graded[stub],
        graded[reference],
        graded[idle],
        {case.path: graded[case] for case in right},
        {case.path: graded[case] for case in wrong},
        {answer: graded[case] for answer, case in automatic.items()},
    )


def _automatic(exercise: Exercise) -> list[AutomaticAnswer]:
    return list(automatic_answers(exercise, _source(exercise)))


def _source(exercise: Exercise) -> str:
    return exercise.reference.read_text(encoding="utf-8")


def _written(path: Path, source: str) -> Path:
    path.write_text(source, encoding="utf-8")
    return path


def _wrong_case(path: Path) -> Case:
    named = frozenset(sources.caught_by(path))
    return Case(path.name, path, without=MEASURED, but_with=named, until_one_passes=True, obey_rules=False)


def _automatic_case(answer: AutomaticAnswer, folder: Path) -> Case:
    path = folder / (answer.name.replace(":", "-").replace(".", "-") + ".py")
    path.write_text(answer.source, encoding="utf-8")
    return Case(answer.name, path, without=MEASURED, stop_at_first=True, obey_rules=False)


def _complaints(
    laws: Sequence[laws_of_text.Law] | Sequence[laws_of_runs.Law], subject: Exercise | Evidence
) -> list[Complaint]:
    return [Complaint(law.__name__, text) for law in laws for text in law(subject)]  # type: ignore[arg-type]


def _verify_in_child(exercise: Exercise, device: str, writing: Connection) -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    writing.send(verify(exercise, device=device))


def _import_once(exercises: Sequence[Exercise]) -> None:
    """Import here what the forked processes would each import for themselves."""
    for kind in sorted({exercise.kind for exercise in exercises}):
        import_all(imports_of(kind, also_on_the_way=True))


def _cpu_seconds() -> float:
    parts = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(part.ru_utime + part.ru_stime for part in parts)
