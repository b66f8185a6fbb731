"""Proves exercises: the laws of their files, then the laws of their answers."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from pathlib import Path

from mlkata import laws_of_runs, laws_of_text, sources
from mlkata.automatic import AutomaticAnswer, automatic_answers, idle_answer, watched_reference
from mlkata.cases import Case, Graded
from mlkata.catalog import Exercise
from mlkata.errors import MlkataError
from mlkata.grading import grade_cases, grade_each, walls_for
from mlkata.laws_of_runs import Evidence
from mlkata.report import Report
from mlkata.runner import cpu_seconds, import_all, imports_of
from mlkata.sandbox import Walls, unavailable

GPU = frozenset({"gpu"})
MEASURED = GPU | {"performance"}
NOTHING: frozenset[str] = frozenset()


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
    unwalled : str
        Why nothing was graded behind walls; empty where it was.
    """

    id: str
    complaints: tuple[Complaint, ...]
    graded: int
    cpu_seconds: float
    wall_seconds: float
    unwalled: str = ""

    @property
    def sound(self) -> bool:
        """Whether no law is broken."""
        return not self.complaints


def verify(exercise: Exercise, *, device: str = "cpu", walls: Walls | None = None, seed: int = 0) -> Verdict:
    """Hold one exercise against every law; this process must have run no torch operation.

    All answers are graded with `seed`, but for right answers, each of which has one of its own above it.
    With `walls` its answers are graded behind them as well, and must fare the same. Where all that is wrong concerns
    what is measured, everything is graded again, and only what is wrong both times counts: another process may have
    disturbed a figure.
    """
    started, before = time.monotonic(), cpu_seconds() + (walls.cpu_seconds if walls else 0.0)
    complaints, graded = [], 0
    complaints += _complaints(laws_of_text.FIRST_LAWS, exercise)
    if not complaints:
        complaints += _complaints(laws_of_text.LAWS, exercise)
        with tempfile.TemporaryDirectory(prefix="mlkata-") as folder:
            try:
                evidence = gather(exercise, Path(folder), device=device, walls=walls, seed=seed)
                graded = 3 + len(evidence.right) + len(evidence.wrong) + len(evidence.automatic)
                found = _complaints(laws_of_runs.LAWS, evidence)
                if found and not complaints and all(_is_measured(each, exercise) for each in found):
                    again = gather(exercise, Path(folder), device=device, walls=walls, seed=seed)
                    told = {_without_figures(each) for each in found}
                    found = [each for each in _complaints(laws_of_runs.LAWS, again) if _without_figures(each) in told]
                complaints += found
                if walls:
                    walls.clean()
            except MlkataError as error:
                complaints.append(Complaint("grading_works", str(error)))
    used = cpu_seconds() + (walls.cpu_seconds if walls else 0.0) - before
    return Verdict(exercise.id, tuple(complaints), graded, used, time.monotonic() - started)


def verify_all(exercises: Sequence[Exercise], *, jobs: int, device: str = "cpu", seed: int = 0) -> Iterator[Verdict]:
    """Verify exercises side by side, each in a process of its own; verdicts come as they are ready.

    Where there can be no sandbox, verdicts say so, and under continuous integration (CI is set) they complain of it.
    """
    allowed = {each.kind: _allowed(exercises, each.kind) for each in exercises}
    for kind, packages in allowed.items():  # what the forked processes would each import for themselves
        import_all(imports_of(kind, packages, also_on_the_way=True))
    unwalled = unavailable()
    fork = multiprocessing.get_context("fork")
    waiting = sorted(exercises, key=lambda each: each.kind)
    idle: list[Walls | None] = [None] * jobs
    running: dict[Connection, tuple[Exercise, ForkProcess, Walls | None]] = {}
    while waiting or running:
        while waiting and idle:
            exercise = waiting.pop(0)
            walls = idle.pop()
            if not unwalled:
                walls = _fitting(walls, replace(exercise, allowed=allowed[exercise.kind]), device)
            reading, writing = fork.Pipe(duplex=False)
            process = fork.Process(target=_verify_in_child, args=(exercise, device, walls, seed, writing))
            process.start()
            writing.close()
            running[reading] = (exercise, process, walls)
        for ready in wait(list(running)):
            assert isinstance(ready, Connection)
            exercise, process, walls = running.pop(ready)
            idle.append(walls)
            try:
                verdict, used = ready.recv()
                if walls is not None:
                    walls.cpu_seconds = used
                yield _without_walls(verdict, unwalled)
            except EOFError:
                process.join()
                lost = Complaint("grading_works", f"the process that verified it ended with {process.exitcode}")
                yield Verdict(exercise.id, (lost,), 0, 0.0, 0.0)
            process.join()
    for walls in idle:
        if walls is not None:
            walls.close()


def _fitting(walls: Walls | None, exercise: Exercise, device: str) -> Walls:
    """Walls for an exercise that are being built: those that another exercise leaves, where they serve."""
    wanted = walls_for(exercise, device=device)
    if walls is not None and walls.key != wanted.key:
        walls.close()
        walls = None
    walls = walls or wanted
    walls.start()
    return walls


def _without_walls(verdict: Verdict, reason: str) -> Verdict:
    if not reason:
        return verdict
    lacking = (Complaint("walls_change_nothing", reason),) if os.environ.get("CI") else ()
    return replace(verdict, unwalled=reason, complaints=verdict.complaints + lacking)


def gather(
    exercise: Exercise, folder: Path, *, device: str = "cpu", walls: Walls | None = None, seed: int = 0
) -> Evidence:
    """Grade the stub, the reference, and every right, wrong and automatic answer; sources go into `folder`.

    With walls, what is measured is measured behind them, and all else there as well as here.
    """
    here = MEASURED if walls else NOTHING
    stub = Case("stub", exercise.stub, seed=seed, without=GPU)
    idle, watched = _special_cases(exercise, folder, seed)
    answers = [Case("reference", exercise.reference, seed=seed, obey_rules=False)]
    answers += [Case(path.name, path, seed=seed + number) for number, path in enumerate(exercise.right, start=1)]
    wrong = [_wrong_case(path, seed) for path in exercise.wrong]
    local = [
        replace(case, without=here, but_with=case.but_with - _measured(exercise, here)) for case in answers + wrong
    ]
    automatic = {answer: _automatic_case(answer, folder, seed) for answer in _automatic(exercise)}
    found: dict[Path, Graded] = {}

    def cases() -> Iterator[Case]:
        yield from (stub, idle, watched)
        yield from _with_occasions(automatic, found[watched.path])
        yield from local

    grade_each(exercise, cases(), lambda graded: found.update({graded.case.path: graded}), device=device)
    judged = unwalled = {case.path: found[case.path] for case in local}
    if walls:
        judged = {
            each.case.path: each for each in grade_cases(exercise, [*answers, *wrong], device=device, walls=walls)
        }
    return Evidence(
        exercise,
        found[stub.path],
        judged[exercise.reference],
        found[idle.path],
        {path: judged[path] for path in exercise.right},
        {path: judged[path] for path in exercise.wrong},
        {answer: found.get(case.path, _ungraded(exercise, case)) for answer, case in automatic.items()},
        unwalled if walls else {},
    )


def _special_cases(exercise: Exercise, folder: Path, seed: int) -> tuple[Case, Case]:
    """A submission that returns None from everything, and the reference that is watched."""
    source = _source(exercise)
    idle = _written(folder / "idle.py", idle_answer(exercise, source))
    watched = _written(folder / "watched.py", watched_reference(exercise, source))
    return (
        Case("idle", idle, seed=seed, without=GPU, obey_rules=False),
        Case("watched", watched, seed=seed, without=MEASURED, obey_rules=False),
    )


def _with_occasions(automatic: Mapping[AutomaticAnswer, Case], watched: Graded) -> Iterator[Case]:
    """The cases of answers that have an occasion to be wrong, each for the checks alone in which they have one."""
    for answer, case in automatic.items():
        if watched.occasions is None:
            yield case
        elif answer.name in watched.occasions:
            yield replace(case, only=watched.occasions[answer.name])


def _ungraded(exercise: Exercise, case: Case) -> Graded:
    """What became of an answer that would have had no occasion to be wrong."""
    return Graded(case, Report(exercise.id, str(case.path), case.seed, "cpu", exercise.points, ()), (), applied=False)


def _measured(exercise: Exercise, categories: frozenset[str]) -> frozenset[str]:
    return frozenset(check.name for check in sources.checks(exercise.grader) if categories & set(check.categories))


def _automatic(exercise: Exercise) -> list[AutomaticAnswer]:
    return list(automatic_answers(exercise, _source(exercise)))


def _source(exercise: Exercise) -> str:
    return exercise.reference.read_text(encoding="utf-8")


def _written(path: Path, source: str) -> Path:
    path.write_text(source, encoding="utf-8")
    return path


def _wrong_case(path: Path, seed: int) -> Case:
    named = frozenset(sources.caught_by(path))
    return Case(path.name, path, seed=seed, without=MEASURED, but_with=named, until_one_passes=True, obey_rules=False)


def _automatic_case(answer: AutomaticAnswer, folder: Path, seed: int) -> Case:
    path = folder / (answer.name.replace(":", "-").replace(".", "-") + ".py")
    path.write_text(answer.source, encoding="utf-8")
    return Case(answer.name, path, seed=seed, without=MEASURED, stop_at_first=True, obey_rules=False)


def _complaints(
    laws: Sequence[laws_of_text.Law] | Sequence[laws_of_runs.Law], subject: Exercise | Evidence
) -> list[Complaint]:
    return [Complaint(law.__name__, text) for law in laws for text in law(subject)]  # type: ignore[arg-type]


def _is_measured(complaint: Complaint, exercise: Exercise) -> bool:
    """Whether a complaint is about a check that measures."""
    return any(name in complaint.text for name in _measured(exercise, MEASURED - GPU))


def _without_figures(complaint: Complaint) -> str:
    """The answer and the check that a complaint is about."""
    return complaint.text.partition(":")[0]


def _verify_in_child(exercise: Exercise, device: str, walls: Walls | None, seed: int, writing: Connection) -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    verdict = verify(exercise, device=device, walls=walls, seed=seed)
    writing.send((verdict, walls.cpu_seconds if walls else 0.0))


def _allowed(exercises: Sequence[Exercise], kind: str) -> tuple[str, ...]:
    """What any of the exercises of a kind allows, so that all of them can share walls."""
    return tuple(sorted({package for each in exercises if each.kind == kind for package in each.allowed}))
