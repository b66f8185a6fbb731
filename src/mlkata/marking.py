"""What `mlkata grade` does with a file or a class, and what it prints."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlkata import batch, handins, sandbox
from mlkata.batch import Hands
from mlkata.catalog import Catalog, Exercise
from mlkata.errors import DoesNotLoad, UsageError
from mlkata.progress import progress
from mlkata.report import Category, CheckResult, Outcome, Report, summary_line
from mlkata.slot import Job, Slot
from mlkata.store import SEED_BITS, Store

OWN_FOLDER = ".mlkata"
STORE_NAME = "grades.sqlite"


@dataclass(frozen=True)
class Options:
    """How submissions are graded; a seed of None is drawn."""

    seed: int | None
    device: str
    show: str
    sandboxed: bool

    def of_jobs(self, seed: int) -> dict[str, Any]:
        """As a job takes them."""
        return {"seed": seed, "device": self.device, "show": self.show, "sandboxed": self.sandboxed}


@dataclass(frozen=True)
class FolderOutcome:
    """What grading a folder came to: counts, where the grades are, and a sentence for whatever went wrong.

    Attributes
    ----------
    problems : tuple of str
        What was handed in and cannot be graded as it is.
    troubles : tuple of str
        Where mlkata itself went wrong; a later run tries again.
    """

    store: str
    seed: int
    sandboxed: bool
    students: int
    graded: int
    known: int
    problems: tuple[str, ...]
    troubles: tuple[str, ...]


def grade_file(path: Path, catalog: Catalog, options: Options, *, id: str | None = None) -> Report:
    """Grade one file.

    Raises
    ------
    UsageError
        There is no such file or exercise, or no sandbox can be had.
    HarnessError
        The grader cannot be run.
    """
    if not path.exists():
        raise UsageError(f"{path}: expected a submission or a folder of them, found nothing; check the name")
    exercise = catalog.exercise(id) if id else handins.exercise_of(path, catalog)
    ready(options, [exercise])
    seed = secrets.randbits(SEED_BITS) if options.seed is None else options.seed
    try:
        source = handins.read_source(path)
    except DoesNotLoad as error:
        return _unreadable(exercise, path, seed, options, str(error))
    slot = Slot()
    try:
        return slot.grade(
            Job(exercise.id, source, str(path), str(exercise.folder.parents[1].absolute()), **options.of_jobs(seed))
        )
    finally:
        slot.close()


def grade_folder(
    folder: Path, catalog: Catalog, options: Options, *, store: str | None, jobs: int | None, cluster: str | None
) -> FolderOutcome:
    """Grade a folder of students' folders and keep the grades.

    Raises
    ------
    UsageError
        There is no such folder, the store cannot be opened, or no sandbox or cluster can be had.
    """
    handed_in, problems = handins.collect(folder, catalog)
    ready(options, [each.exercise for each in handed_in])
    hands: Hands = batch.local(jobs or os.cpu_count() or 1)
    if cluster is not None:
        from mlkata.cluster import dask_hands

        hands = dask_hands(cluster)
    kept = Store(store or folder / OWN_FOLDER / STORE_NAME)
    try:
        seed = kept.seed() if options.seed is None else options.seed
        with progress(len(handed_in), "grading") as step:
            outcome = batch.grade_all(folder, handed_in, kept, hands, options=options.of_jobs(seed), step=step)
    finally:
        kept.close()
    return FolderOutcome(
        store=kept.where,
        seed=seed,
        sandboxed=options.sandboxed,
        students=len({each.student for each in handed_in}),
        graded=outcome.graded,
        known=outcome.known,
        problems=tuple(problems),
        troubles=outcome.troubles,
    )


def text_of(outcome: FolderOutcome) -> str:
    """The same in a few lines."""
    graded, known = outcome.graded, outcome.known
    lines = [
        f"{graded + known} submissions of {outcome.students} students: {graded} graded now, {known} known already",
        f"seed {outcome.seed}; the grades are in {outcome.store}: `mlkata export` writes them out",
    ]
    return "\n".join(lines + [UNSAFE] * (not outcome.sandboxed))


def report_text(report: Report) -> str:
    """A report for a reader: each check that did not pass, and the points."""
    lines = []
    told: set[str] = set()
    for check in report.checks:
        if check.outcome in (Outcome.PASSED, Outcome.NOT_GRADED):
            continue
        message = check.message or check.note
        if check.outcome is Outcome.FAILED or message not in told:
            lines += [f"{check.name}: {check.outcome}", *(f"  {line}" for line in message.splitlines()), ""]
        told.add(message)
    return "\n".join([*lines, f"seed {report.seed}", summary_line(report)] + [UNSAFE] * (not report.sandboxed))


UNSAFE = "graded without the sandbox: a dishonest submission could have changed this"


def ready(options: Options, exercises: Iterable[Exercise]) -> None:
    """Raises UsageError where the grading cannot begin."""
    reason = sandbox.unavailable() if options.sandboxed else ""
    if reason:
        raise UsageError(f"{reason}; or give --unsafe-no-sandbox for submissions that you trust")
    for exercise in {each.id: each for each in exercises}.values():
        if not exercise.grader.is_file():
            todo = "name a catalogue that has graders/ with --root"
            raise UsageError(f"{exercise.grader}: expected the hidden checks, found no file; {todo}")


def _unreadable(exercise: Exercise, path: Path, seed: int, options: Options, message: str) -> Report:
    check = CheckResult("load", Category.CORRECTNESS, Outcome.NOT_LOADED, message=message, note=message)
    return Report(exercise.id, str(path), seed, options.device, exercise.points, (check,), sandboxed=options.sandboxed)
