"""Grades many submissions: several at a time, none twice, and none lost when it is cut short."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any, Protocol

from mlkata.errors import HarnessError
from mlkata.handins import HandIn
from mlkata.report import Outcome, Report
from mlkata.runner import imports_of
from mlkata.slot import Job, Slot
from mlkata.store import Store, key_of, version_of

TRIES = 2  # of a submission that mlkata itself could not grade


@dataclass(frozen=True)
class Task:
    """A job, and the key under which its report is kept."""

    key: str
    job: Job


@dataclass(frozen=True)
class Done:
    """What became of a task: a report, or why there is none, which is no fault of the submission."""

    task: Task
    report: Report | None
    trouble: str = ""


class Hands(Protocol):
    """Whatever grades tasks, in whatever order, and says of each what became of it."""

    def __call__(self, tasks: Sequence[Task], done: Callable[[Done], None]) -> None: ...


@dataclass(frozen=True)
class Outcomes:
    """What a batch came to.

    Attributes
    ----------
    graded : int
        Submissions that were graded now.
    known : int
        Those whose report was there already, or that are equal to another one.
    troubles : tuple of str
        A sentence for each that could not be graded; a later run tries again.
    """

    graded: int
    known: int
    troubles: tuple[str, ...]


def grade_all(
    folder: Path,
    handed_in: Sequence[HandIn],
    store: Store,
    hands: Hands,
    *,
    options: dict[str, Any],
    step: Callable[[str], None],
    hide: Path | None = None,
) -> Outcomes:
    """Grade what was handed in and is not in the store yet.

    Parameters
    ----------
    folder : Path
        The class's.
    handed_in : sequence of HandIn
    store : Store
    hands : Hands
        `local` or a cluster's.
    options : dict
        Of the jobs: seed, device, show, sandboxed.
    step : callable
        Is given the name of each submission that is done.
    hide : Path, optional
        What submissions must not see; if not given, the class's folder.
    """
    versions = {"seed": options["seed"], "device": options["device"], "show": options["show"]}
    keys = {each: key_of(each.source, each.exercise, sandboxed=options["sandboxed"], **versions) for each in handed_in}
    store.hand_in(folder, [(each.student, each.exercise.id, keys[each], str(each.path)) for each in handed_in])
    known = store.known()
    tasks: dict[str, Task] = {}
    for each in handed_in:
        if keys[each] not in known:
            root = str(each.exercise.folder.parents[1])
            job = Job(
                each.exercise.id,
                each.source,
                str(each.path),
                root,
                version=version_of(each.exercise),
                hide=str((hide or folder).resolve()),
                **options,
            )
            tasks.setdefault(keys[each], Task(keys[each], job))
    kinds = {each.exercise.id: imports_of(each.exercise.kind, each.exercise.allowed) for each in handed_in}
    ordered = sorted(tasks.values(), key=lambda task: (kinds[task.job.exercise], task.job.exercise))
    troubles: list[str] = []

    def done(one: Done) -> None:
        if one.report is not None and one.report.complete:
            store.save(one.task.key, one.report)
        else:
            troubles.append(f"{one.task.job.name}: {one.trouble or 'mlkata itself went wrong'}; it is kept for a retry")
        step(one.task.job.name)

    hands(ordered, done)
    return Outcomes(len(tasks) - len(troubles), len(handed_in) - len(tasks), tuple(troubles))


def local(slots: int) -> Hands:
    """Hands on this machine."""

    def hands(tasks: Sequence[Task], done: Callable[[Done], None]) -> None:
        waiting = _Waiting(tasks)
        working: dict[Slot, tuple[Task, int]] = {}
        last: dict[Slot, str] = {}
        with ExitStack() as opened:

            def new_slot() -> Slot:
                slot = Slot()
                opened.callback(slot.close)
                return slot

            idle = [new_slot() for _ in range(min(slots, len(tasks)))]
            while waiting or working:
                while idle and waiting:
                    slot = idle.pop()
                    task, tries = waiting.next(last.get(slot, ""))
                    last[slot] = task.job.exercise
                    slot.begin(task.job)
                    working[slot] = (task, tries)
                ready = wait([slot.fileno() for slot in working])
                for slot in [slot for slot in working if slot.fileno() in ready]:
                    task, tries = working.pop(slot)
                    one = _finish(slot, task)
                    if one.report is not None and one.report.complete:
                        idle.append(slot)
                    else:
                        slot.close()
                        idle.append(new_slot())
                    if (one.report is None or not one.report.complete) and tries < TRIES:
                        waiting.again(task, tries + 1)
                    else:
                        done(one)

    return hands


def _finish(slot: Slot, task: Task) -> Done:
    try:
        report = slot.finish()
    except HarnessError as error:
        return Done(task, None, str(error))
    return Done(task, report, "" if report.complete else trouble_of(report))


def trouble_of(report: Report) -> str:
    """Why a report is not complete."""
    wrong = (check.note or check.message for check in report.checks if check.outcome is Outcome.HARNESS_ERROR)
    return next(wrong, "no check was run")


class _Waiting:
    """Tasks by exercise: whoever has an exercise's grader warm goes on with it."""

    def __init__(self, tasks: Iterable[Task]) -> None:
        self._tasks: dict[str, list[tuple[Task, int]]] = defaultdict(list)
        for task in tasks:
            self._tasks[task.job.exercise].append((task, 1))
        self._begun: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self._tasks)

    def next(self, exercise: str) -> tuple[Task, int]:
        """A task, of this exercise if there is one; else of one that nobody has begun; else of the longest list."""
        if exercise not in self._tasks:
            fresh = [name for name in self._tasks if name not in self._begun]
            exercise = fresh[0] if fresh else max(self._tasks, key=lambda name: len(self._tasks[name]))
        self._begun.add(exercise)
        chosen = self._tasks[exercise].pop(0)
        if not self._tasks[exercise]:
            del self._tasks[exercise]
        return chosen

    def again(self, task: Task, tries: int) -> None:
        """Put a task back."""
        self._tasks[task.job.exercise].append((task, tries))
