"""What nbgrader has of an assignment: the cells that get scores, and the notebooks that were handed in."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mlkata.catalog import Catalog, content_root
from mlkata.course_cells import KnownCell, category_of, exercise_of, known_cells
from mlkata.course_grading import CourseGrader, Submitted
from mlkata.errors import UsageError


def catalog_of(folder: str) -> Catalog:
    """The exercises that a course's configuration names."""
    return Catalog(Path(folder) if folder else content_root())


def scored_cells(known: tuple[KnownCell, ...], where: str) -> list[tuple[KnownCell, str]]:
    """The cells that get a score here, each with its category, which is empty for the visible examples.

    Raises
    ------
    UsageError
        One of them is not ours: nothing here could run it.
    """
    found = []
    for cell in known:
        if cell.grade and cell.kind == "code" and not cell.solution:
            category = category_of(cell)
            if category is None:
                todo = "move it to a notebook of its own, and run `nbgrader generate_assignment --force`"
                raise UsageError(f"{where}: expected test cells of mlkata alone, found {cell.name!r}; {todo}")
            found.append((cell, category))
    return found


def submitted(
    coursedir: Any, grader: CourseGrader, assignment: str, student: str, notebook: str, known: tuple[KnownCell, ...]
) -> Submitted:
    """One student's notebook, where nbgrader has it."""
    folder = coursedir.format_path(coursedir.submitted_directory, student, assignment)
    id = exercise_of(known)
    assert id is not None
    return Submitted(student, notebook, Path(folder) / f"{notebook}.ipynb", grader.exercise(id))


def handed_in(coursedir: Any, assignment: str, student: str = "*") -> dict[str, tuple[Path, ...]]:
    """The notebooks of an assignment that each student handed in, sorted; none where all have other names."""
    from nbgrader.api import Gradebook, MissingEntry

    with Gradebook(coursedir.db_url) as gradebook:
        try:
            names = sorted(notebook.name for notebook in gradebook.find_assignment(assignment).notebooks)
        except MissingEntry:
            return {}
    pattern = Path(coursedir.format_path(coursedir.submitted_directory, student, assignment))
    place = Path(coursedir.format_path(coursedir.submitted_directory, "*", assignment)).parts.index("*")
    found = {}
    for folder in sorted(Path(pattern.anchor).glob(str(pattern.relative_to(pattern.anchor)))):
        paths = (folder / f"{name}.ipynb" for name in names)
        found[folder.parts[place]] = tuple(path for path in paths if os.path.lexists(path))
    return found


def all_submitted(
    coursedir: Any, grader: CourseGrader, assignment: str, everyone: Mapping[str, Sequence[Path]]
) -> list[Submitted]:
    """Those among the notebooks that were handed in which are ours."""
    names = sorted({path.stem for paths in everyone.values() for path in paths})
    every = {name: known_cells(coursedir.db_url, name, assignment) for name in names}
    return [
        submitted(coursedir, grader, assignment, student, path.stem, every[path.stem])
        for student, paths in everyone.items()
        for path in paths
        if exercise_of(every[path.stem]) is not None
    ]
