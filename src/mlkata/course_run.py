"""What `mlkata course autograde` does: the class in parallel, and then nbgrader's own autograde for what is new."""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.apps.api import NbGraderAPI
from nbgrader.apps.baseapp import NbGrader
from sqlalchemy.exc import SAWarning

from mlkata.course import check_course
from mlkata.course_cells import known_cells
from mlkata.course_grading import CourseGrader, Submitted
from mlkata.course_preprocessors import STATE, GradeBehindWalls
from mlkata.course_submissions import all_submitted, catalog_of, handed_in, scored_cells
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
    problems : tuple of str
        A sentence for each student who handed in nothing that nbgrader can take for an answer.
    troubles : tuple of str
        A sentence for each student whose scores could not be written; a later run tries again.
    """

    assignment: str
    students: int
    graded: int
    known: int
    problems: tuple[str, ...]
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

    def autograded(student: str) -> Path:
        return Path(app.coursedir.format_path(app.coursedir.autograded_directory, student, assignment))

    grader = CourseGrader(Path(app.coursedir.root), catalog_of(settings.catalog), settings.options)
    try:
        everyone = handed_in(app.coursedir, assignment)
        if not everyone:
            todo = "run `nbgrader generate_assignment`, and collect what was handed in"
            raise UsageError(f"{folder}: expected submissions of {assignment!r}, found none; {todo}")
        ours = all_submitted(app.coursedir, grader, assignment, everyone)
        with progress(len(ours), "grading") as step:
            troubles = grader.grade(ours, jobs=jobs, step=step).troubles
        states = {one.path: _state(grader, app.coursedir, assignment, one) for one in ours}
        with _alone(folder / OWN_FOLDER / "autograde.lock"):
            new = [student for student, paths in everyone.items() if _is_new(autograded(student), paths, states)]
            failed = _write_scores(app, assignment, new)
    finally:
        grader.close()
    return ClassOutcome(
        assignment=assignment,
        students=len(everyone),
        graded=len(new) - len(failed),
        known=sum(map(bool, everyone.values())) - len(new),
        problems=tuple(_misnamed(student, folder, assignment) for student, paths in everyone.items() if not paths),
        troubles=tuple(dict.fromkeys((*troubles, *failed))),
    )


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
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)  # nbgrader's own ways with its database
        result = NbGraderAPI(app.coursedir, parent=app).autograde(assignment, student, force=True, create=True)
    if result["success"]:
        return ""
    lines = [line.strip() for line in (result["error"] + result.get("log", "")).splitlines()]
    ours = [line.partition(": ")[2] for line in lines if line.startswith("mlkata.errors.")]
    others = [line for line in lines if re.match(r"[\w.]+(Error|Exception)\b", line)]
    return str((ours or others or lines)[-1])


def _write_scores(app: Any, assignment: str, students: Sequence[str]) -> list[str]:
    """Run nbgrader's autograde for some students; answers a sentence for each where that failed."""
    failed = []
    with progress(len(students), "writing scores") as step:
        for student in students:
            trouble = _autograde(app, assignment, student)
            failed += [f"{student}: {trouble}"] if trouble else []
            step(student)
    return failed


def _is_new(folder: Path, paths: Sequence[Path], states: Mapping[Path, str]) -> bool:
    """Whether the scores in a student's graded folder are not those of what was handed in.

    Of notebooks of another kind, whose scores may follow from anything, the dates are asked.
    """
    if not paths:
        return False
    stamps = [path / "timestamp.txt" for path in (folder, paths[0].parent)]
    if len({path.read_bytes() if path.is_file() else b"" for path in stamps}) > 1:
        return True
    for path in paths:
        written = folder / path.name
        if path in states and _state_written(written) != states[path]:
            return True
        if path not in states and not (written.exists() and written.stat().st_mtime >= path.lstat().st_mtime):
            return True
    return False


def _misnamed(student: str, folder: Path, assignment: str) -> str:
    todo = "have it renamed as it was handed out"
    return f"{folder}: expected a notebook of {assignment} from {student}, found none with its name; {todo}"


def _state(grader: CourseGrader, coursedir: Any, assignment: str, one: Submitted) -> str:
    tests = scored_cells(known_cells(coursedir.db_url, one.notebook, assignment), f"{assignment}/{one.notebook}")
    return grader.state(one, {cell.name: cell.points or 0.0 for cell, _ in tests})


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
