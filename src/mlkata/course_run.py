"""What `mlkata course autograde` does: the class in parallel, and then nbgrader's own autograde for what is new."""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.apps.api import NbGraderAPI
from nbgrader.apps.baseapp import NbGrader

from mlkata.course import check_course
from mlkata.course_cells import known_cells
from mlkata.course_grading import CourseGrader, Submitted, state_of
from mlkata.course_preprocessors import STATE, GradeBehindWalls
from mlkata.course_submissions import all_submitted, catalog_of, scored_cells
from mlkata.errors import UsageError
from mlkata.marking import OWN_FOLDER
from mlkata.progress import progress


@dataclass(frozen=True)
class ClassOutcome:
    """What autograding an assignment came to.

    Attributes
    ----------
    graded, known : int
        Students whose scores were written now, and those where nothing had changed.
    troubles : tuple of str
        A sentence for each student whose scores could not be written; a later run tries again.
    """

    assignment: str
    students: int
    graded: int
    known: int
    troubles: tuple[str, ...]


def autograde_class(folder: Path, assignment: str, jobs: int | None) -> ClassOutcome:
    """Grade an assignment's submissions, and have nbgrader take over the scores of those that are new or changed.

    Raises
    ------
    UsageError
        There is no such course or assignment, nothing was handed in, or no sandbox can be had.
    """
    check_course(folder)
    app = configured(folder.resolve())
    settings = GradeBehindWalls(parent=app)
    grader = CourseGrader(Path(app.coursedir.root), catalog_of(settings.catalog), settings.options)
    try:
        everyone = all_submitted(app.coursedir, grader, assignment)
        if not everyone:
            todo = "run `nbgrader generate_assignment`, and collect what was handed in"
            raise UsageError(f"{folder}: expected submissions of {assignment!r}, found none; {todo}")
        with progress(len(everyone), "grading") as step:
            troubles = list(grader.grade(everyone, jobs=jobs, step=step).troubles)
        by_student = {one.student: [each for each in everyone if each.student == one.student] for one in everyone}
        graded = 0
        with _alone(folder / OWN_FOLDER / "autograde.lock"):
            new = [student for student, ones in by_student.items() if _is_new(app.coursedir, assignment, ones)]
            with progress(len(new), "writing scores") as step:
                for student in new:
                    trouble = _autograde(app, assignment, student)
                    graded += not trouble
                    troubles += [f"{student}: {trouble}"] if trouble else []
                    step(student)
    finally:
        grader.close()
    return ClassOutcome(assignment, len(by_student), graded, len(by_student) - len(new), tuple(troubles))


def text_of(outcome: ClassOutcome) -> str:
    """The same in a line."""
    return (
        f"{outcome.assignment}: {outcome.students} students: {outcome.graded} graded now, {outcome.known} known already"
        "; `nbgrader generate_feedback` and `nbgrader export` come next"
    )


def configured(root: Path) -> Any:
    """nbgrader with the course's configuration."""
    app = NbGrader()
    app.log_level = logging.ERROR
    app.initialize([], root=str(root))
    if not app.config.Autograde.get("autograde_preprocessors"):
        todo = "take over what `mlkata course init` writes into an empty folder"
        raise UsageError(f"{root}: expected a configuration that grades by mlkata, found another one; {todo}")
    return app


def _autograde(app: Any, assignment: str, student: str) -> str:
    """Run nbgrader's autograde for one student; answers what went wrong."""
    result = NbGraderAPI(app.coursedir, parent=app).autograde(assignment, student, force=True, create=True)
    if result["success"]:
        return ""
    lines = [line for line in result.get("log", "").splitlines() if line.strip()]
    errors = [line.strip() for line in lines if line.startswith("mlkata.errors.")]
    last = result["error"].strip().splitlines()[-1]
    return str((errors or lines or [last])[-1])


def _is_new(coursedir: Any, assignment: str, ones: Sequence[Submitted]) -> bool:
    """Whether a student's scores are not those of what was handed in."""
    student = ones[0].student
    folder = Path(coursedir.format_path(coursedir.autograded_directory, student, assignment))
    stamps = [path / "timestamp.txt" for path in (folder, ones[0].path.parent)]
    if len({path.read_bytes() if path.is_file() else b"" for path in stamps}) > 1:
        return True
    return any(_state_written(folder / f"{one.notebook}.ipynb") != _state(coursedir, assignment, one) for one in ones)


def _state(coursedir: Any, assignment: str, one: Submitted) -> str:
    tests = scored_cells(known_cells(coursedir.db_url, one.notebook, assignment), f"{assignment}/{one.notebook}")
    return state_of(one, {cell.name: cell.points or 0.0 for cell, _ in tests})


def _state_written(path: Path) -> str | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))["metadata"][STATE]["state"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return str(found)


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One process at a time writes scores: nbgrader gives up where its database is busy."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
